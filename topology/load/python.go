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

	"gust/internal/pyrun"
)

// describeProgram runs in the project's interpreter and tells what the topology declares.
//
//go:embed describe.py
var describeProgram string

// PythonError is an exception that a topology file raised while it was imported.
type PythonError struct {
	File string
	// Dir is the project's.
	Dir string
	// Traceback is Python's text of it, from the user's own code on.
	Traceback string
}

func (e *PythonError) Error() string {
	text := fmt.Sprintf("%s cannot be imported:\n%s", e.File, strings.TrimRight(e.Traceback, "\n"))
	if strings.Contains(e.Traceback, "\nModuleNotFoundError: No module named 'src'") {
		// Storm's workers have what is in src, and no such folder.
		text += "\nhint: modules are imported from within src, whose own name is left out: from bolts import ..., not from src.bolts import ..."
	}
	return text
}

// NoStreamparseError is an interpreter that cannot import streamparse.
type NoStreamparseError struct {
	File string // the topology's
	Dir  string // the project's
	// Python is the interpreter, and Chosen why it is this one.
	Python, Chosen string
	// Hint says how to install streamparse.
	Hint string
}

func (e *NoStreamparseError) Error() string {
	return fmt.Sprintf("%s cannot be imported: %s (%s) has no streamparse\nhint: %s", e.File, e.Python, e.Chosen, e.Hint)
}

// pythonTopology is a Python topology on disk.
type pythonTopology struct {
	name string
	file string
	dir  string // the project's
}

// description is what describe.py answers: one of its members is set.
type description struct {
	Topology *describedTopology `json:"topology"`
	Missing  string             `json:"missing"` // why streamparse cannot be imported
	Problem  string             `json:"problem"` // anything else, as the end of a sentence about the file
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
func (p interpreter) describe(ctx context.Context, t pythonTopology, stderr io.Writer) (*describedTopology, error) {
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
	case answer.Problem != "":
		return nil, fmt.Errorf("%s is no topology for %s (%s): %s", t.file, p.path, p.why, answer.Problem)
	case answer.Topology == nil:
		return nil, fmt.Errorf("%s cannot be imported with %s: it gave an empty answer", t.file, p.path)
	}
	return answer.Topology, nil
}
