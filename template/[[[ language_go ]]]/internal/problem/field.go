package problem

import (
	"fmt"
	"strings"
)

// FieldError says what is wrong with one field or parameter.
type FieldError struct {
	Pointer   string `json:"pointer,omitempty"`
	Parameter string `json:"parameter,omitempty"`
	Detail    string `json:"detail"`
	Code      string `json:"code"`
}

// Refusal is a reason to refuse a value; the reasons are x-field-errors of api/openapi.yaml.
type Refusal struct {
	Code, Detail string
}

// The refusals that say the same of every field.
var (
	Required          = &Refusal{"required", "is required"}
	UnknownField      = &Refusal{"unknown_field", "is not a known field"}
	InvalidCharacters = &Refusal{"invalid_characters", "must not contain NUL or unpaired surrogates"}
	TooShort          = &Refusal{"too_short", "must not be empty"}
	Taken             = &Refusal{"taken", "is already taken"}
	NotAUUID          = &Refusal{"not_a_uuid", "must be a UUID"}
	InvalidCursor     = &Refusal{"invalid_cursor", "must be the next_cursor of another page"}
)

// WrongType refuses a value that is not what is expected, such as "a string".
func WrongType(expected string) *Refusal {
	return &Refusal{"wrong_type", "must be " + expected}
}

// TooLong refuses a text of more characters.
func TooLong(most int) *Refusal {
	return &Refusal{"too_long", fmt.Sprintf("must have at most %d characters", most)}
}

// OutOfRange refuses what is no integer from least to most.
func OutOfRange(least, most int) *Refusal {
	return &Refusal{"out_of_range", fmt.Sprintf("must be an integer from %d to %d", least, most)}
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// Field refuses a field of the body.
func Field(name string, why *Refusal) FieldError {
	return FieldError{Pointer: "#/" + pointerEscapes.Replace(name), Detail: why.Detail, Code: why.Code}
}

// Body refuses the body as a whole.
func Body(why *Refusal) FieldError {
	return FieldError{Pointer: "#", Detail: why.Detail, Code: why.Code}
}

// Parameter refuses a parameter of path or query.
func Parameter(name string, why *Refusal) FieldError {
	return FieldError{Parameter: name, Detail: why.Detail, Code: why.Code}
}
