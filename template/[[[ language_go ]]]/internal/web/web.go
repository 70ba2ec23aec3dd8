// Package web reads requests and writes answers as the contract wants them.
package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Handler answers a request, or returns why it cannot.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Route is one operation of the API; Path is spelled as in api/openapi.yaml.
type Route struct {
	Method, Path string
	Handler      Handler
}

// Query returns the parameters of a query. What is no percent-encoding stands for itself, where net/url would pass over
// the parameter and nobody would refuse it.
func Query(raw string) url.Values {
	values := url.Values{}
	for parameter := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(parameter, "=")
		values.Add(unescaped(name), unescaped(value))
	}
	return values
}

func unescaped(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

// WriteJSON answers with a value.
func WriteJSON(w http.ResponseWriter, status int, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may have left
	return nil
}
