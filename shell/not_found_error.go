package shell

import (
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
)

// NotFoundError is a program that is not there.
type NotFoundError struct {
	Program string
	// Dirs is where it was looked for, as PATH has them; nil if Program
	// holds a slash, and so was not looked for.
	Dirs []string
	// Dir is the working directory that relative paths are relative to.
	Dir string
}

func (e *NotFoundError) Error() string {
	switch {
	case e.Dirs == nil && !filepath.IsAbs(e.Program):
		return fmt.Sprintf("no %s in the working directory %s", e.Program, e.Dir)
	case e.Dirs == nil:
		return fmt.Sprintf("%s does not exist", e.Program)
	}
	return fmt.Sprintf("%s is not on PATH: %s", e.Program, strings.Join(e.Dirs, ":"))
}

// Unwrap makes it an fs.ErrNotExist.
func (e *NotFoundError) Unwrap() error { return syscall.ENOENT }
