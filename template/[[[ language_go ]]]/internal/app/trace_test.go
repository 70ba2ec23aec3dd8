package app

import (
	"net/http"
	"strings"
	"testing"
)

func TestATraceIsContinuedOrBegun(t *testing.T) {
	const trace, span = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	tests := []struct {
		name      string
		headers   []string
		continued bool
		flags     string
	}{
		{"none", nil, false, "01"},
		{"a valid one", []string{"00-" + trace + "-" + span + "-00"}, true, "00"},
		{"a later version with more fields", []string{"01-" + trace + "-" + span + "-01-more"}, true, "01"},
		{"more fields than version 00 has", []string{"00-" + trace + "-" + span + "-01-more"}, false, "01"},
		{"a version that is none", []string{"ff-" + trace + "-" + span + "-00"}, false, "01"},
		{"a trace of zeros", []string{"00-" + strings.Repeat("0", 32) + "-" + span + "-00"}, false, "01"},
		{"a span of zeros", []string{"00-" + trace + "-" + strings.Repeat("0", 16) + "-00"}, false, "01"},
		{"upper case", []string{"00-" + strings.ToUpper(trace) + "-" + span + "-00"}, false, "01"},
		{"two of them", []string{"00-" + trace + "-" + span + "-00", "00-" + trace + "-" + span + "-00"}, false, "01"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ids, traceparent := identify(http.Header{"Traceparent": tt.headers})

			if (ids.TraceID == trace) != tt.continued || ids.SpanID == span || len(ids.TraceID+ids.SpanID) != 48 {
				t.Errorf("ids are %+v; want the trace continued: %t, and a span of its own", ids, tt.continued)
			}
			if want := "00-" + ids.TraceID + "-" + ids.SpanID + "-" + tt.flags; traceparent != want {
				t.Errorf("traceparent is %s; want %s", traceparent, want)
			}
		})
	}
}

func TestARequestIDIsKeptWhenItIsPlain(t *testing.T) {
	tests := []struct {
		name string
		ids  []string
		kept bool
	}{
		{"plain", []string{"r-1._A"}, true},
		{"as long as may be", []string{strings.Repeat("a", 128)}, true},
		{"longer", []string{strings.Repeat("a", 129)}, false},
		{"a line end", []string{"a\n"}, false},
		{"two of them", []string{"a", "a"}, false},
		{"none", nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ids, _ := identify(http.Header{"X-Request-Id": tt.ids})

			if kept := ids.RequestID == only(tt.ids); kept != tt.kept {
				t.Errorf("request id is %q; want %q kept: %t", ids.RequestID, tt.ids, tt.kept)
			}
			if !tt.kept && ids.RequestID != ids.TraceID {
				t.Errorf("request id is %q; want the trace id %q", ids.RequestID, ids.TraceID)
			}
		})
	}
}
