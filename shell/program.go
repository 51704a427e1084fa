package shell

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"gust/internal/executable"
)

// ErrNoProgram is the reason of a [StartError] if there is no command.
var ErrNoProgram = errors.New("its command is empty")

// defaultPath is where execvp looks if the environment has no PATH.
const defaultPath = "/bin:/usr/bin"

// lookProgram finds the program of a spec as execvp would in the child: in the
// working directory and with the environment of the child. The path that it
// returns may be relative to that directory.
func lookProgram(s Spec) (string, error) {
	if len(s.Args) == 0 || s.Args[0] == "" {
		return "", ErrNoProgram
	}
	dir, err := workingDir(s.Dir)
	if err != nil {
		return "", err
	}
	program := s.Args[0]
	if strings.Contains(program, "/") {
		switch err := executable.Check(absolute(dir, program)); {
		case notThere(err):
			return "", &NotFoundError{Program: program, Dir: dir}
		case err != nil:
			return "", &fs.PathError{Op: "exec", Path: absolute(dir, program), Err: err}
		}
		return program, nil
	}
	// A file that may not be executed does not end the search, but is the error if
	// nothing better comes.
	var forbidden error
	dirs := filepath.SplitList(searchPath(s.Env))
	for _, d := range dirs {
		if d == "" {
			d = "." // an empty entry is the working directory
		}
		path := d + "/" + program
		switch err := executable.Check(absolute(dir, path)); {
		case err == nil:
			return path, nil
		case !notThere(err) && forbidden == nil:
			forbidden = &fs.PathError{Op: "exec", Path: absolute(dir, path), Err: err}
		}
	}
	if forbidden != nil {
		return "", forbidden
	}
	return "", &NotFoundError{Program: program, Dirs: dirs, Dir: dir}
}

// workingDir is dir as an absolute path. It checks that dir is a directory, because the
// error of exec for a missing one looks like that for a missing program.
func workingDir(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(abs)
	switch {
	case err != nil:
		return "", &fs.PathError{Op: "chdir", Path: abs, Err: errors.Unwrap(err)}
	case !info.IsDir():
		return "", &fs.PathError{Op: "chdir", Path: abs, Err: syscall.ENOTDIR}
	}
	return abs, nil
}

// searchPath is the PATH of an environment: the last one, if there are several.
func searchPath(env []string) string {
	path := defaultPath
	for _, entry := range env {
		if value, ok := strings.CutPrefix(entry, "PATH="); ok {
			path = value
		}
	}
	return path
}

// absolute is a path that is relative to dir, as people find it.
func absolute(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// notThere reports whether there is no such file.
func notThere(err error) bool {
	return err == syscall.ENOENT || err == syscall.ENOTDIR
}
