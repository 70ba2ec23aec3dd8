// Package flaky marks tests that fail now and then for a reason not yet found.
package flaky

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// Mark says why a test is flaky, who will mend it, and up to which day, such as 2026-12-31, it is run again.
type Mark struct {
	Reason, Owner, Until string
}

const mostRuns = 3

// Run runs the body of a test. In CI, and up to the day of the mark, it is run at most twice more, and named in the
// build's summary. Everywhere else it runs once, so that it can be caught.
func Run(t *testing.T, mark Mark, body func(testing.TB)) {
	t.Helper()
	until, err := time.Parse(time.DateOnly, mark.Until)
	if err != nil || mark.Reason == "" || mark.Owner == "" {
		t.Fatalf("a mark has a reason, an owner and a day: %+v", mark)
	}
	if os.Getenv("CI") == "true" && time.Now().Before(until) {
		for run := 1; run < mostRuns; run++ {
			if passes(t, body) {
				return
			}
			note(t, mark)
		}
	}
	body(t)
}

// trial fails on its own, not with the test.
type trial struct {
	testing.TB

	failed bool
}

func passes(t *testing.T, body func(testing.TB)) bool {
	t.Helper()
	one := &trial{TB: t}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		body(one)
	}()
	<-ended
	return !one.failed
}

func (f *trial) Fail()        { f.failed = true }
func (f *trial) Failed() bool { return f.failed }

func (f *trial) FailNow() {
	f.Fail()
	runtime.Goexit()
}

func (f *trial) Error(args ...any) {
	f.Helper()
	f.Log(args...)
	f.Fail()
}

func (f *trial) Errorf(format string, args ...any) {
	f.Helper()
	f.Error(fmt.Sprintf(format, args...))
}

func (f *trial) Fatal(args ...any) {
	f.Helper()
	f.Log(args...)
	f.FailNow()
}

func (f *trial) Fatalf(format string, args ...any) {
	f.Helper()
	f.Fatal(fmt.Sprintf(format, args...))
}

// list is what the pipeline shows.
var list = filepath.Join(root(), "reports", "flaky.txt")

func root() string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "..", "..")
}

func note(t *testing.T, mark Mark) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(list), 0o750); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(list, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if _, err := fmt.Fprintf(file, "%s (%s: %s)\n", t.Name(), mark.Owner, mark.Reason); err != nil {
		t.Fatal(err)
	}
}
