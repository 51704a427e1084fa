package runner

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// InterpreterError is an interpreter that the fast runner is not made for.
type InterpreterError struct {
	Python string // its path
	What   string // what it is, such as "Python 2.7"
}

func (e *InterpreterError) Error() string {
	return fmt.Sprintf("%s is %s, and the fast runner needs CPython 3.8 or later", e.Python, e.What)
}

// fit is nil where the fast runner is made for an interpreter, else an
// [*InterpreterError]. Each interpreter is asked once. One that does not answer
// counts as fit: what is wrong with it shows when a component is started.
func (f *Files) fit(python []string) error {
	name := strings.Join(python, " ")
	err, known := f.asked[name]
	if known {
		return err
	}
	ask := append(append([]string(nil), python[1:]...), filepath.Join(f.dir, entry), "why-not")
	if what, failed := exec.Command(python[0], ask...).Output(); failed == nil && len(what) > 0 {
		err = &InterpreterError{python[0], string(what)}
	}
	if f.asked == nil {
		f.asked = map[string]error{}
	}
	f.asked[name] = err
	return err
}
