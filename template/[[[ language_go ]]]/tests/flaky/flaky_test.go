package flaky

import (
	"os"
	"path/filepath"
	"testing"
)

func TestRunIsRepeatedInCIUpToItsDay(t *testing.T) {
	tests := []struct {
		name, ci, until string
		failures, calls int
		noted           bool
	}{
		{"elsewhere", "", "2999-01-01", 0, 1, false},
		{"in CI", "true", "2999-01-01", 0, 1, false},
		{"in CI, failing once", "true", "2999-01-01", 1, 2, true},
		{"in CI, after its day", "true", "2026-01-01", 0, 1, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("CI", tt.ci)
			list = filepath.Join(t.TempDir(), "flaky.txt")
			calls := 0

			Run(t, Mark{Reason: "an example", Owner: "platform", Until: tt.until}, func(tb testing.TB) {
				calls++
				if calls <= tt.failures {
					tb.Fatalf("failure %d", calls)
				}
			})

			noted, _ := os.ReadFile(list) // absent when nothing was noted
			want := ""
			if tt.noted {
				want = t.Name() + " (platform: an example)\n"
			}
			if calls != tt.calls || string(noted) != want {
				t.Errorf("%d runs, noted %q; want %d, %q", calls, noted, tt.calls, want)
			}
		})
	}
}
