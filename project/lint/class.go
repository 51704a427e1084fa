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

// inspectProgram runs in the project's interpreter and tells what can be seen of a class.
//
//go:embed inspect.py
var inspectProgram string

// class is what inspect.py answers about a component's class.
type class struct {
	Traceback string `json:"-"`       // of the exception that its import raised; then nothing else is set
	Problem   string `json:"problem"` // why it is no component, as the end of a sentence about it
	Kind      string `json:"kind"`    // "spout", "bolt", or empty for a class that is neither
	File      string `json:"file"`
	Line      int    `json:"line"`
	Lacks     string `json:"lacks"` // the method that it must define, and does not
	Emits     []emit `json:"emits"`

	printed string // what its import wrote to stdout
}

// emit is a call of a component's emit, as far as it can be seen.
type emit struct {
	File   string  `json:"file"`
	Line   int     `json:"line"`
	Values *int    `json:"values"` // how many; nil where it cannot be told
	Stream *string `json:"stream"`
	Direct *bool   `json:"direct"` // a task is named
	Odd    []struct {
		Index int    `json:"index"`
		What  string `json:"what"`
	} `json:"odd"` // values that cannot be carried
}

// ClassKind is whether a component's class is a spout or a bolt; ok is false
// where it is neither, or cannot be imported. dir is where the component runs.
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

// importPatience is how long a class's import may take, which may load models.
const importPatience = 2 * time.Minute

// inspect imports a class in an interpreter of its own, so that no class sees
// what the import of another has done.
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
