// Package web reads requests and writes answers as the contract wants them.
package web

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// Handler answers a request, or returns why it cannot.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Route is one operation of the API; Path is spelled as in api/openapi.yaml.
type Route struct {
	Method, Path string
	Handler      Handler
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
