package shell

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"unicode"

	"gust/internal/hint"
)

// StartError is a process that could not be started.
type StartError struct {
	Kind      string // as in [Spec]
	Component string
	Task      int
	Args      []string
	Err       error
}

// Error names the component, its command and what is wrong; the hint, where
// there is one, is a line of its own.
func (e *StartError) Error() string {
	text := fmt.Sprintf("cannot start %s: %v", actor(e.Kind, e.Component, fmt.Sprintf("task %d", e.Task)), e.Err)
	if len(e.Args) > 0 {
		text += "\ncommand: " + commandLine(e.Args)
	}
	return hint.Join(text, e.Hint())
}

// Unwrap is the reason: a [*NotFoundError], [ErrClosed], or an error of the system.
func (e *StartError) Unwrap() error { return e.Err }

// Hint says what to do about it, or is empty.
func (e *StartError) Hint() string {
	var missing *NotFoundError
	if errors.As(e.Err, &missing) {
		return missingHint(missing)
	}
	var path *fs.PathError
	if errors.As(e.Err, &path) {
		if remedy := pathHint(path); remedy != "" {
			return remedy
		}
	}
	var errno syscall.Errno
	errors.As(e.Err, &errno)
	switch errno {
	case syscall.EMFILE:
		return "gust has too many open files: raise the limit with ulimit -n (each process takes three)"
	case syscall.ENFILE:
		return "the system has too many open files: raise fs.file-max"
	case syscall.EAGAIN:
		return "the process limit is reached: raise it with ulimit -u (in a container, pids.max), or lower the parallelism"
	case syscall.ENOMEM:
		return "not enough memory for another process: lower the parallelism"
	case syscall.E2BIG:
		return "the arguments and environment together are too long for the system"
	case syscall.EINVAL:
		return "an argument or an environment variable contains a NUL byte"
	}
	return ""
}

func pathHint(e *fs.PathError) string {
	switch {
	case e.Op == "chdir":
		return "the working directory must hold the component's sources: check that it exists"
	case e.Err == syscall.EACCES:
		return "make it executable: chmod +x " + e.Path + " (and its file system must not be mounted with noexec)"
	case e.Err == syscall.ENOENT:
		return interpreterHint(e.Path)
	}
	return ""
}

func missingHint(e *NotFoundError) string {
	switch {
	case filepath.Base(e.Program) == "streamparse_run":
		return "install streamparse into the environment that the components run in: python3 -m pip install streamparse"
	case e.Dirs == nil:
		return "fix the component's command, or add the program"
	}
	return "install it, or add its directory to PATH (bin/ of a virtualenv)"
}

// interpreterHint explains why a program that is there was not found: the
// kernel speaks of the interpreter that its first line names, and that is gone.
func interpreterHint(program string) string {
	file, err := os.Open(program)
	if err != nil {
		return ""
	}
	defer file.Close()
	line, _ := bufio.NewReaderSize(file, 256).ReadSlice('\n')
	interpreter, ok := strings.CutPrefix(string(line), "#!")
	interpreter = strings.Trim(interpreter, " \t\n")
	switch {
	case !ok:
		return "the program exists, but its dynamic loader does not: it may be built for another system"
	case strings.HasSuffix(interpreter, "\r"):
		return "its first line has a DOS line ending: remove the carriage returns from " + program
	}
	return fmt.Sprintf("its first line names %s, which does not exist: fix the line (a moved virtualenv must be recreated)", interpreter)
}

// actor is a component as messages call it: bolt "count" (task 7).
func actor(kind, component, detail string) string {
	if kind == "" {
		kind = "component"
	}
	return fmt.Sprintf("%s %q (%s)", kind, component, detail)
}

// commandLine shows a command so that the bounds of its words can be seen.
func commandLine(args []string) string {
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = arg
		if arg == "" || strings.ContainsFunc(arg, unclear) {
			words[i] = strconv.Quote(arg)
		}
	}
	return strings.Join(words, " ")
}

// unclear reports whether a character makes it hard to see where a word ends.
func unclear(r rune) bool {
	return !unicode.IsPrint(r) || strings.ContainsRune(" \"'\\", r)
}
