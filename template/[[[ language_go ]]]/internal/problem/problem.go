// Package problem holds what can go wrong with a request, as RFC 9457 tells it.
package problem

import "net/http"

// Code names a row of the table; the rows are x-problems of api/openapi.yaml.
type Code string

// The codes of the table.
const (
	BadRequest           Code = "bad_request"
	MalformedJSON        Code = "malformed_json"
	NotFound             Code = "not_found"
	MethodNotAllowed     Code = "method_not_allowed"
	RequestTimeout       Code = "request_timeout"
	Conflict             Code = "conflict"
	BodyTooLarge         Code = "body_too_large"
	UnsupportedMediaType Code = "unsupported_media_type"
	ValidationError      Code = "validation_error"
	HeadersTooLarge      Code = "headers_too_large"
	Internal             Code = "internal"
	Unavailable          Code = "unavailable"
	StorageFull          Code = "storage_full"
	Timeout              Code = "timeout"
)

type row struct {
	Status              int
	Type, Title, Detail string
}

var table = map[Code]row{
	BadRequest:       plain(http.StatusBadRequest, "The request could not be understood."),
	MalformedJSON:    {400, "/problems/malformed-json", "Body is not JSON", "The request body is not valid JSON in UTF-8."},
	NotFound:         plain(http.StatusNotFound, "There is nothing at this path."),
	MethodNotAllowed: plain(http.StatusMethodNotAllowed, "The Allow header lists the methods of this path."),
	RequestTimeout:   plain(http.StatusRequestTimeout, "The request took too long to arrive."),
	Conflict: {
		409, "/problems/conflict", "Conflict with an existing resource", "A value that must be unique is taken.",
	},
	BodyTooLarge: {
		413, "/problems/body-too-large", "Body is too large", "The request body is larger than this service accepts.",
	},
	UnsupportedMediaType: plain(
		http.StatusUnsupportedMediaType, "The request body must be plain application/json in UTF-8.",
	),
	ValidationError: {
		422, "/problems/validation-error", "Request is invalid", `The members of "errors" tell what is wrong.`,
	},
	HeadersTooLarge: plain(
		http.StatusRequestHeaderFieldsTooLarge, "The request headers are larger than this service accepts.",
	),
	Internal:    plain(http.StatusInternalServerError, "The request failed; the log knows it by its request_id."),
	Unavailable: plain(http.StatusServiceUnavailable, "The service cannot answer now; try again soon."),
	StorageFull: {
		503, "/problems/storage-full", "Storage is full", "The in-memory store holds as many items as it may.",
	},
	Timeout: {504, "/problems/timeout", "Request took too long", "The request was not finished in time."},
}

func plain(status int, detail string) row {
	return row{status, "about:blank", http.StatusText(status), detail}
}

// Error is the only error that decides how a request is answered; any other is Internal.
type Error struct {
	Code   Code
	Fields []FieldError
	Cause  error
}

// New returns a problem; cause may be nil and is for the log alone.
func New(code Code, cause error) *Error {
	return &Error{Code: code, Cause: cause}
}

// Invalid returns the problem of a request whose fields or parameters are wrong, nil if none is.
func Invalid(wrong []FieldError) error {
	if len(wrong) == 0 {
		return nil
	}
	return &Error{Code: ValidationError, Fields: wrong}
}

func (e *Error) Error() string {
	if e.Cause == nil {
		return string(e.Code)
	}
	return string(e.Code) + ": " + e.Cause.Error()
}

func (e *Error) Unwrap() error {
	return e.Cause
}

// Status is the status of the answer.
func (e *Error) Status() int {
	return table[e.Code].Status
}
