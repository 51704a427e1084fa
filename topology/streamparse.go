package topology

import (
	"path/filepath"
	"slices"
)

// StreamparseRun is the program that runs a class of streamparse, and StreamparseModule
// the module of Python that does the same.
const (
	StreamparseRun    = "streamparse_run"
	StreamparseModule = "streamparse.run"
)

// Streamparse takes a command apart that runs a class of streamparse. What runs it is
// one word, a program called streamparse_run, or several that end with -m
// streamparse.run, after an interpreter and its options. The script that it is given
// is one word or several. For another command ok is false.
func Streamparse(command []string) (run, script []string, ok bool) {
	if len(command) > 1 && filepath.Base(command[0]) == StreamparseRun {
		return command[:1:1], command[1:], true
	}
	i := slices.Index(command, StreamparseModule)
	if i < 2 || command[i-1] != "-m" || i+1 == len(command) {
		return nil, nil, false
	}
	return command[: i+1 : i+1], command[i+1:], true
}
