package load

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"gust/internal/hint"
	"gust/internal/program"
	"gust/internal/pyrun"
	"gust/topology"
)

// describeProgram runs in the project's interpreter and describes the topology.
//
//go:embed describe.py
var describeProgram string

// OutputsHint is the remedy for a class that emits and declares no stream.
const OutputsHint = `declare the fields of its emits in the class, such as outputs = ["word", "count"]`

// PythonError is an exception that a topology file raised while it was imported.
type PythonError struct {
	File string
	// Dir is the project's.
	Dir string
	// Traceback is Python's traceback, from the user's own code on.
	Traceback string
}

func (e *PythonError) Error() string {
	text := fmt.Sprintf("%s cannot be imported:\n%s", e.File, strings.TrimRight(e.Traceback, "\n"))
	return hint.Join(text, e.hint())
}

// hint is the remedy for an exception that has one likely cause.
func (e *PythonError) hint() string {
	if strings.Contains(e.Traceback, "requires at least one output, because it is a Spout") {
		return OutputsHint
	}
	return pyrun.CodeHint(e.Traceback, filepath.Join(e.Dir, "src"))
}

// NoStreamparseError is an interpreter that cannot import streamparse.
type NoStreamparseError struct {
	File string // the topology's
	Dir  string // the project's
	// Python is the interpreter, and Chosen why it is this one.
	Python, Chosen string
	// Hint is the command that installs streamparse.
	Hint string
}

func (e *NoStreamparseError) Error() string {
	needs := "be imported"
	if filepath.Ext(e.File) != ".py" {
		needs = "run"
	}
	return hint.Join(fmt.Sprintf("%s cannot %s: %s (%s) has no streamparse", e.File, needs, e.Python, e.Chosen), e.Hint)
}

// undeclaredStream is a stream that a topology names, and whose component does
// not declare it.
type undeclaredStream struct {
	Line    int      `json:"line"`
	Module  string   `json:"module"`
	Class   string   `json:"class"`
	Stream  string   `json:"stream"`
	Streams []string `json:"streams"` // that it declares
}

// in is the error of a topology file with such a stream.
func (u *undeclaredStream) in(file string) error {
	class := u.Module + "." + u.Class
	declares, outputs := "declares no outputs", `outputs = ["word", "count"]`
	if len(u.Streams) > 0 {
		declares = "declares only " + strings.Join(u.Streams, ", ") + topology.DidYouMean(u.Stream, u.Streams)
	}
	if u.Stream != topology.DefaultStream {
		outputs = fmt.Sprintf(`outputs = [Stream(["word", "count"], name=%q)]`, u.Stream)
	}
	remedy := fmt.Sprintf("declare the fields of its emits in the class, such as %s", outputs)
	if root, _, _ := strings.Cut(u.Module, "."); root == "streamparse" { // such as ShellBolt, whose spec has them
		remedy = fmt.Sprintf("declare the fields of its emits in %s.spec(...), such as %s", u.Class, outputs)
	}
	return hint.With(fmt.Errorf("%s: it subscribes to stream %q of %s, which %s", place{file, u.Line}, u.Stream, class, declares), remedy)
}

// projectTopology is a topology of a streamparse project on disk.
type projectTopology struct {
	name string
	file string
	dir  string // the project's
}

// description is the answer of describe.py: one of its members is set.
type description struct {
	Topology *describedTopology `json:"topology"`
	Missing  string             `json:"missing"` // why streamparse cannot be imported
	// Outdated is the version of a streamparse that the interpreter is too new for.
	Outdated   *string           `json:"outdated"`
	Undeclared *undeclaredStream `json:"undeclared"`
	Problem    string            `json:"problem"` // anything else, as the end of a sentence about the file
}

// describedTopology is a subclass of streamparse.Topology.
type describedTopology struct {
	Config     json.RawMessage      `json:"config"`
	Components []describedComponent `json:"components"`
}

// describedComponent is a streamparse ComponentSpec.
type describedComponent struct {
	Name    string           `json:"name"`
	Kind    string           `json:"kind"`
	Command string           `json:"command"`
	Script  string           `json:"script"`
	Java    string           `json:"java"`
	Object  *describedObject `json:"object"`
	Par     json.RawMessage  `json:"par"`    // a number, or one for each environment
	Config  string           `json:"config"` // JSON in a string, as in Thrift
	Outputs []struct {
		Name   string   `json:"name"`
		Fields []string `json:"fields"`
		Direct bool     `json:"direct"`
	} `json:"outputs"`
	Inputs []struct {
		Component string           `json:"component"`
		Stream    string           `json:"stream"`
		Grouping  string           `json:"grouping"`
		Fields    []string         `json:"fields"`
		Class     string           `json:"class"`
		Object    *describedObject `json:"object"`
	} `json:"inputs"`
}

// describe imports the topology with the project's interpreter, in the
// project's directory and with the module path that sparse gives it.
func (p interpreter) describe(ctx context.Context, t projectTopology, stderr io.Writer) (*describedTopology, error) {
	file, err := filepath.Abs(t.file)
	if err != nil {
		return nil, err
	}
	specs := filepath.Dir(file)
	if stderr == nil {
		stderr = os.Stderr
	}
	var answer description
	err = pyrun.Ask(ctx, p.path, pyrun.Question{
		Program: describeProgram,
		Value:   map[string]any{"file": file, "path": []string{filepath.Join(specs, "..", "src"), specs}},
		Dir:     t.dir, Stdout: stderr, Stderr: stderr,
	}, &answer)
	if raised, ok := errors.AsType[*pyrun.RaisedError](err); ok {
		return nil, &PythonError{File: t.file, Dir: t.dir, Traceback: raised.Traceback}
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s cannot be imported with %s (%s): %w", t.file, p.path, p.why, err)
	case answer.Missing != "":
		return nil, &NoStreamparseError{
			File: t.file, Dir: t.dir, Python: p.path, Chosen: p.why, Hint: p.installHint(t.dir),
		}
	case answer.Outdated != nil:
		return nil, hint.With(
			fmt.Errorf("%s cannot be imported: streamparse %s does not support the Python of %s (%s), which is newer than 3.7", t.file, *answer.Outdated, p.path, p.why),
			fmt.Sprintf("require streamparse>=4 in virtualenvs/ and run `%[1]s env`, or use an older Python: `%[1]s env --clear --python python3.7`", program.Name))
	case answer.Undeclared != nil:
		return nil, answer.Undeclared.in(t.file)
	case answer.Problem != "":
		return nil, fmt.Errorf("%s is not a topology for %s (%s): %s", t.file, p.path, p.why, answer.Problem)
	case answer.Topology == nil:
		return nil, fmt.Errorf("%s cannot be imported with %s: it gave an empty answer", t.file, p.path)
	}
	return answer.Topology, nil
}
