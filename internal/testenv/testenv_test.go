package testenv

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// stopper is a test that notes how it was stopped.
type stopper struct {
	testing.TB
	verdict, reason string
}

func (s *stopper) Helper() {}

func (s *stopper) Skipf(format string, args ...any) { s.stop("skipped", format, args) }

func (s *stopper) Fatalf(format string, args ...any) { s.stop("failed", format, args) }

func (s *stopper) stop(verdict, format string, args []any) {
	s.verdict, s.reason = verdict, fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// stopped runs f as the body of a test would run.
func stopped(t *testing.T, f func(testing.TB)) *stopper {
	s := &stopper{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(s)
	}()
	<-done
	return s
}

func TestMissingProgramsSkipExceptInCI(t *testing.T) {
	for _, c := range []struct{ ci, want string }{
		{"", "skipped"}, {"0", "skipped"}, {"false", "skipped"}, {"true", "failed"}, {"1", "failed"},
	} {
		t.Run("CI="+c.ci, func(t *testing.T) {
			t.Setenv("CI", c.ci)
			s := stopped(t, func(t testing.TB) { Program(t, "no-such-program-at-all") })
			if s.verdict != c.want {
				t.Errorf("a missing program: test %q (%s), want %q", s.verdict, s.reason, c.want)
			}
			s = stopped(t, func(t testing.TB) { Adapter(t, "no/such/adapter") })
			if s.verdict != c.want {
				t.Errorf("a missing adapter: test %q (%s), want %q", s.verdict, s.reason, c.want)
			}
			s = stopped(t, func(t testing.TB) { Storm(t, "0.0") })
			if s.verdict != c.want {
				t.Errorf("a missing Storm: test %q (%s), want %q", s.verdict, s.reason, c.want)
			}
			s = stopped(t, func(t testing.TB) { Java(t, 1) })
			if s.verdict != c.want {
				t.Errorf("a Java that is too new: test %q (%s), want %q", s.verdict, s.reason, c.want)
			}
			t.Setenv("JAVA_HOME", t.TempDir())
			s = stopped(t, func(t testing.TB) { Java(t, 0) })
			if s.verdict != c.want {
				t.Errorf("a missing Java: test %q (%s), want %q", s.verdict, s.reason, c.want)
			}
			t.Setenv(PythonVariable, filepath.Join(t.TempDir(), "python"))
			s = stopped(t, func(t testing.TB) { Python(t) })
			if s.verdict != c.want {
				t.Errorf("a missing interpreter: test %q (%s), want %q", s.verdict, s.reason, c.want)
			}
		})
	}
}

func TestTop(t *testing.T) {
	if _, err := os.Stat(filepath.Join(Top(t), "internal", "testenv")); err != nil {
		t.Error(err)
	}
}

func TestImportable(t *testing.T) {
	python := Program(t, "python3")
	if err := importable(python, "json", "os"); err != nil {
		t.Errorf("json and os: %v", err)
	}
	err := importable(python, "json", "no_such_module", "nor_this")
	if err == nil || !strings.Contains(err.Error(), "no module no_such_module, nor_this") {
		t.Errorf("modules that do not exist: %v", err)
	}
}
