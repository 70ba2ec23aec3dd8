package config

import (
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// InvalidError is everything that is wrong with a configuration.
type InvalidError struct {
	// Problems begin with the name of their variable.
	Problems []string
}

// Error shows every problem on a line of its own.
func (e *InvalidError) Error() string {
	return "configuration is invalid:\n  " + strings.Join(e.Problems, "\n  ")
}

// reader notes what is wrong and goes on, so that all problems are told at once.
type reader struct {
	getenv   func(string) string
	fromURL  map[string]string
	problems []string
}

func newReader(getenv func(string) string) *reader {
	r := &reader{getenv: getenv}
	r.fromURL = r.databaseURL()
	return r
}

func (r *reader) refuse(name, why string) {
	r.problems = append(r.problems, name+": "+why)
}

// value is empty when the variable is unset or empty.
func (r *reader) value(name string) string {
	if part, ok := r.fromURL[name]; ok {
		return part
	}
	value, file := r.getenv(name), r.getenv(name+"_FILE")
	if file == "" {
		return value
	}
	if value != "" {
		r.refuse(name, fmt.Sprintf("is set, and so is %s_FILE; keep one of them", name))
		return value
	}
	content, err := os.ReadFile(file)
	if err != nil {
		r.refuse(name+"_FILE", "must name a readable file")
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r")
}

func (r *reader) text(name, byDefault string) string {
	if value := r.value(name); value != "" {
		return value
	}
	return byDefault
}

func (r *reader) oneOf(name, byDefault string, choices ...string) string {
	value := r.text(name, byDefault)
	if slices.Contains(choices, value) {
		return value
	}
	r.refuse(name, "must be one of "+strings.Join(choices, ", "))
	return byDefault
}

func (r *reader) integer(name string, byDefault, least, most int) int {
	value := r.value(name)
	if value == "" {
		return byDefault
	}
	number, err := strconv.ParseUint(value, 10, 31)
	if err != nil || int(number) < least || int(number) > most {
		r.refuse(name, fmt.Sprintf("must be an integer from %d to %d", least, most))
		return byDefault
	}
	return int(number)
}

func (r *reader) milliseconds(name string, byDefault, least int) time.Duration {
	return time.Duration(r.integer(name, byDefault, least, maxMilliseconds)) * time.Millisecond
}

func (r *reader) level(name, byDefault string) slog.Level {
	levels := map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
	}
	return levels[r.oneOf(name, byDefault, "debug", "info", "warn", "error")]
}
