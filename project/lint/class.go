package lint

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"gust/internal/pyrun"
	"gust/topology"
)

// inspectProgram runs in the project's interpreter and describes a class.
//
//go:embed inspect.py
var inspectProgram string

// class is the answer of inspect.py about a component's class.
type class struct {
	Traceback string `json:"-"`       // of the exception that its import raised; then nothing else is set
	Problem   string `json:"problem"` // why it is not a component, as the end of a sentence
	Kind      string `json:"kind"`    // "spout", "bolt", or empty for a class that is neither
	File      string `json:"file"`
	Line      int    `json:"line"`
	Lacks     string `json:"lacks"` // the method that it must define, and does not
	Emits     []emit `json:"emits"`
	// Missing are the calls of its own methods that no class defines, and Attributes
	// the public names that it does have. Both are empty if the names are not known.
	Missing    []missingCall `json:"missing"`
	Attributes []string      `json:"attributes"`

	printed string // the output of its import
}

// missingCall is a call self.NAME() of a method that the class does not have.
type missingCall struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Name string `json:"name"`
}

// emit is a call of a component's emit, as far as its source shows.
type emit struct {
	File   string  `json:"file"`
	Line   int     `json:"line"`
	Values *int    `json:"values"` // how many; nil if unknown
	Stream *string `json:"stream"`
	Direct *bool   `json:"direct"` // a task is named
	Odd    []struct {
		Index int    `json:"index"`
		What  string `json:"what"`
	} `json:"odd"` // values that a serializer cannot express
}

// ClassKind is the kind of a component's class. ok is false if the class is neither a
// spout nor a bolt, or cannot be imported. dir is where the component runs.
func ClassKind(ctx context.Context, python, dir, name string) (kind topology.Kind, ok bool) {
	seen, err := inspect(ctx, python, dir, name)
	switch {
	case err == nil && seen.Kind == topology.Spout.String():
		return topology.Spout, true
	case err == nil && seen.Kind == topology.Bolt.String():
		return topology.Bolt, true
	}
	return 0, false
}

// importPatience limits the import of a class, which may load models.
const importPatience = 2 * time.Minute

// inspect imports a class in an interpreter of its own, so that the import of one class
// does not affect another.
func inspect(ctx context.Context, python, dir, name string) (*class, error) {
	ctx, cancel := context.WithTimeout(ctx, importPatience)
	defer cancel()
	var stdout, stderr bytes.Buffer
	var seen class
	err := pyrun.Ask(ctx, python, pyrun.Question{
		Program: inspectProgram, Python2: true, Value: name, Dir: dir, Stdout: &stdout, Stderr: &stderr,
	}, &seen)
	seen.printed = stdout.String()
	raised, ok := errors.AsType[*pyrun.RaisedError](err)
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("it did not finish within %s", importPatience)
	case ok:
		return &class{Traceback: raised.Traceback}, nil
	case err != nil:
		return nil, fmt.Errorf("%w\n%s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	return &seen, nil
}
