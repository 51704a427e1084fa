package runner

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"gust/internal/pyrun"
)

// InterpreterError is an interpreter that the fast runner does not support.
type InterpreterError struct {
	Python string // its path
	What   string // what it is, such as "Python 2.7"
}

func (e *InterpreterError) Error() string {
	return fmt.Sprintf("%s is %s, and the fast runner needs CPython 3.8 or later", e.Python, e.What)
}

// askWhyNot asks the runner's entry, which starts under any Python.
const askWhyNot = `
import runpy

def answer(entry):
    return runpy.run_path(entry)["why_not"]()
`

// fitPatience limits how long an interpreter may take to start and answer.
const fitPatience = 30 * time.Second

// fit returns an [*InterpreterError] if the fast runner does not support an
// interpreter. It asks each interpreter once. One that does not answer counts as
// supported: the start of a component reports what is wrong with it.
func (f *Files) fit(python string) error {
	err, known := f.asked[python]
	if known {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), fitPatience)
	defer cancel()
	var what *string
	failed := pyrun.Ask(ctx, python, pyrun.Question{Program: askWhyNot, Python2: true, Value: filepath.Join(f.dir, entry)}, &what)
	if failed == nil && what != nil {
		err = &InterpreterError{python, *what}
	}
	if f.asked == nil {
		f.asked = map[string]error{}
	}
	f.asked[python] = err
	return err
}
