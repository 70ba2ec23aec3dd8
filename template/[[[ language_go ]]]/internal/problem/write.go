package problem

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// ContentType is the media type of a problem.
const ContentType = "application/problem+json"

type document struct {
	Type      string       `json:"type"`
	Title     string       `json:"title"`
	Status    int          `json:"status"`
	Detail    string       `json:"detail"`
	Instance  string       `json:"instance"`
	RequestID string       `json:"request_id"`
	Errors    []FieldError `json:"errors,omitempty"`
}

// Document returns the problem as JSON, its members in the order of the contract.
func (e *Error) Document(instance, requestID string) []byte {
	r := table[e.Code]
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	// Nothing but strings and a number: this cannot fail.
	_ = encoder.Encode(document{r.Type, r.Title, r.Status, r.Detail, instance, requestID, e.Fields})
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))
}

// Write answers a request with the problem.
func (e *Error) Write(w http.ResponseWriter, r *http.Request, requestID string) {
	status := e.Status()
	header := w.Header()
	header.Set("Content-Type", ContentType)
	switch status {
	case http.StatusServiceUnavailable:
		header.Set("Retry-After", "1")
	case http.StatusBadRequest, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge:
		// Of a request that did not arrive whole, nobody knows where the next one would begin; and net/http would wait
		// for its rest before it answers.
		header.Set("Connection", "close")
	}
	w.WriteHeader(status)
	_, _ = w.Write(e.Document(r.URL.EscapedPath(), requestID)) // the client may have left
}
