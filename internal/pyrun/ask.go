package pyrun

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

//go:embed ask.py
var askProgram string

// Question is a question for an interpreter.
type Question struct {
	// Program is Python that defines answer(question). It imports what it needs
	// of the standard library before it adds folders of the project to sys.path.
	Program string
	// Value is the argument of answer; it is passed as JSON.
	Value any
	// Dir is the working directory; empty is gust's.
	Dir string
	// Stdout and Stderr take what the user's modules print; nil discards it.
	Stdout, Stderr io.Writer
	// Python2 is set if the program runs under Python 2.7, too.
	Python2 bool
	// Stay waits for threads that the user's modules have started.
	Stay bool
	// Start starts the interpreter, and returns a function that waits for its end. If
	// it is nil, the command is simply started.
	Start func(ctx context.Context, cmd *exec.Cmd) (wait func() error, err error)
}

// RaisedError is an exception that left the program.
type RaisedError struct {
	// Traceback is Python's traceback, from the user's own code on.
	Traceback string
}

func (e *RaisedError) Error() string { return e.Traceback }

// reply is the output of ask.py: one of its members is set.
type reply struct {
	Answer    json.RawMessage `json:"answer"`
	Traceback string          `json:"traceback"`
	Problem   string          `json:"problem"`
}

// Ask asks an interpreter, and decodes its answer from JSON into answer. An exception
// is a [*RaisedError].
func Ask(ctx context.Context, python string, q Question, answer any) error {
	question, err := json.Marshal(q.Value)
	if err != nil {
		return err
	}
	r, err := q.put(ctx, python, question)
	switch {
	case err != nil:
		return err
	case r.Traceback != "":
		return &RaisedError{r.Traceback}
	case r.Problem != "":
		return errors.New(r.Problem)
	}
	return json.Unmarshal(r.Answer, answer)
}

// put runs ask.py. The reply has its own pipe, file descriptor 3, so that the output of
// the user's modules does not get into it.
func (q *Question) put(ctx context.Context, python string, question []byte) (*reply, error) {
	replies, childEnd, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer replies.Close()
	words := Command(python, askProgram, q.Program)
	if q.Stay {
		words = append(words, "stay")
	}
	if q.Python2 {
		words = append(words, "python2")
	}
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = q.Dir, bytes.NewReader(question), q.Stdout, q.Stderr
	cmd.ExtraFiles = []*os.File{childEnd}
	// A process that a module has started may keep the pipes open forever.
	cmd.WaitDelay = time.Second
	start := q.Start
	if start == nil {
		start = func(context.Context, *exec.Cmd) (func() error, error) { return cmd.Wait, cmd.Start() }
	}
	wait, err := start(ctx, cmd)
	childEnd.Close()
	if err != nil {
		return nil, err
	}
	var r reply
	read := make(chan error, 1)
	go func() { read <- json.NewDecoder(replies).Decode(&r) }()
	waitErr := wait()
	// The reply is in the pipe when the interpreter has ended. Such a process may keep
	// that pipe open, too.
	_ = replies.SetReadDeadline(time.Now().Add(time.Second))
	readErr := <-read
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case readErr == nil:
		return &r, nil
	case waitErr != nil && !errors.Is(waitErr, exec.ErrWaitDelay):
		return nil, waitErr
	}
	return nil, fmt.Errorf("no answer: %w", readErr)
}

// Has reports whether an interpreter finds a module. It does not import the module.
func Has(ctx context.Context, python, module string) bool {
	const look = `
try:
    from importlib.util import find_spec as find
except ImportError: # Python 2
    from pkgutil import find_loader as find

def answer(name):
    return find(name) is not None
`
	var found bool
	err := Ask(ctx, python, Question{Program: look, Python2: true, Value: module}, &found)
	return err == nil && found
}
