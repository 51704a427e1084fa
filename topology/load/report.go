package load

import (
	"errors"
	"fmt"
)

// place is a line of a file, or with line 0 the file.
type place struct {
	file string
	line int
}

// String is how compilers write a place, so that editors find it.
func (p place) String() string {
	if p.line == 0 {
		return p.file
	}
	return fmt.Sprintf("%s:%d", p.file, p.line)
}

// report collects the errors in a file, so that the user sees all of them at once.
type report struct {
	errs     []error
	warnings []string
}

func (r *report) errorf(at place, format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf("%s: "+format, append([]any{at}, args...)...))
}

func (r *report) warnf(at place, format string, args ...any) {
	r.warnings = append(r.warnings, fmt.Sprintf("%s: "+format, append([]any{at}, args...)...))
}

// err is all errors, a line each, or nil.
func (r *report) err() error { return errors.Join(r.errs...) }
