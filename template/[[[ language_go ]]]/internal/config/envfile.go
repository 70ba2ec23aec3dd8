package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// WithFile returns getenv and, in the place of what is not set, the lines NAME=value of a file. There may be none.
func WithFile(getenv func(string) string, path string) (func(string) string, error) {
	content, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read variables: %w", err)
	}
	variables := map[string]string{}
	for line := range strings.Lines(string(content)) {
		name, value, found := strings.Cut(strings.TrimSpace(line), "=")
		if found && !strings.HasPrefix(name, "#") {
			variables[strings.TrimSpace(name)] = unquoted(value)
		}
	}
	return func(name string) string { return cmp.Or(getenv(name), variables[name]) }, nil
}

// unquoted drops the quotes, or the comment that follows a value without any.
func unquoted(value string) string {
	value = strings.TrimSpace(value)
	for _, quote := range []string{`"`, `'`} {
		if inner, quoted := strings.CutPrefix(value, quote); quoted {
			inner, _, _ = strings.Cut(inner, quote)
			return inner
		}
	}
	value, _, _ = strings.Cut(value, " #")
	return strings.TrimSpace(value)
}
