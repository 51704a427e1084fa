package solo

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"gust/internal/hint"
	"gust/multilang"
	"gust/topology"
)

// Step is one input of a component. One of Tuple, Tick, Command, Heartbeat and Wait is
// set.
type Step struct {
	Line int // its line, for messages

	// Tuple is a list of values as JSON. Its component and stream are empty if the line
	// does not name them.
	Tuple     []byte
	Component string
	Stream    string
	Fields    []string // nil if the line has none

	Tick      float64 // seconds
	Heartbeat bool
	Wait      time.Duration

	Command string // to a spout
	ID      []byte // of an ack or fail, as JSON
	Times   int    // how often, at least 1
}

// DefaultSource is the source of a tuple, unless its line or the bolt's inputs name
// another.
const DefaultSource = "input"

// stepLine is a line of the file. The keys of a component's output are known, too, so
// that the emits of a spout can be the input of a bolt.
type stepLine struct {
	Tuple  json.RawMessage `json:"tuple"`
	Comp   string          `json:"comp"`
	Stream string          `json:"stream"`
	Fields []string        `json:"fields"`

	Tick      *float64 `json:"tick"`
	Heartbeat bool     `json:"heartbeat"`
	Wait      *float64 `json:"wait"`

	Command string          `json:"command"`
	ID      json.RawMessage `json:"id"`
	Times   *int            `json:"times"`

	said
}

// said are the other keys of an [Event].
type said struct {
	Task    int64           `json:"task"`
	Anchors json.RawMessage `json:"anchors"`
	Level   string          `json:"level"`
	Msg     string          `json:"msg"`
	Name    string          `json:"name"`
	Params  json.RawMessage `json:"params"`
	Stray   string          `json:"stray"`
	Stderr  string          `json:"stderr"`
	Exit    string          `json:"exit"`
}

// ReadSteps reads lines of JSON: a list is a tuple, an object has a key for its kind
// (docs/try.md). It skips blank lines, lines that begin with #, and the output of a
// component, except for emits: these become tuples. An error names the line.
func ReadSteps(r io.Reader) ([]Step, error) {
	in := bufio.NewReader(r)
	var steps []Step
	answers := false // the lines are the output of a component, whose acks are not input
	for number := 1; ; number++ {
		line, err := in.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return nil, fmt.Errorf("cannot read the input: %w", err)
		}
		if text := bytes.TrimSpace(line); len(text) > 0 && text[0] != '#' {
			step, emitted, wrong := parseStep(text)
			if wrong != nil {
				return nil, fmt.Errorf("line %d of the input: %w", number, wrong)
			}
			answers = answers || emitted
			if step != nil {
				step.Line = number
				steps = append(steps, *step)
			}
		}
		if err == io.EOF {
			break
		}
	}
	if answers {
		steps = dropVerdicts(steps)
	}
	return steps, nil
}

func dropVerdicts(steps []Step) []Step {
	var tuples []Step
	for _, s := range steps {
		if s.Command == "" {
			tuples = append(tuples, s)
		}
	}
	return tuples
}

// parseStep reads a line; the step is nil for a line that is not input.
func parseStep(text []byte) (step *Step, emitted bool, _ error) {
	if text[0] == '[' {
		if !json.Valid(text) {
			return nil, false, fmt.Errorf("%s is not a JSON list", text)
		}
		return &Step{Tuple: text}, false, nil
	}
	var l stepLine
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return nil, false, fmt.Errorf("%w: a list is a tuple, an object has tuple, tick, heartbeat, wait or command", plainJSON(err))
	}
	if d.More() {
		return nil, false, errors.New("want one object on a line")
	}
	switch {
	case l.Command == "emit" || l.Command == "" && l.Tuple != nil:
		if tuple := bytes.TrimSpace(l.Tuple); len(tuple) == 0 || tuple[0] != '[' {
			return nil, false, errors.New("the tuple must be a list of values")
		}
		s := &Step{Tuple: l.Tuple, Component: l.Comp, Stream: l.Stream, Fields: l.Fields}
		return s, l.Command == "emit", nil
	case l.Command != "":
		return l.command()
	case l.Tick != nil:
		if !(*l.Tick > 0) || math.IsInf(*l.Tick, 0) {
			return nil, false, fmt.Errorf("a tick takes a number of seconds above 0, not %v", *l.Tick)
		}
		return &Step{Tick: *l.Tick}, false, nil
	case l.Heartbeat:
		return &Step{Heartbeat: true}, false, nil
	case l.Wait != nil:
		if !(*l.Wait > 0 && *l.Wait < 3600) {
			return nil, false, fmt.Errorf("a wait takes a number of seconds above 0 and below 3600, not %v", *l.Wait)
		}
		return &Step{Wait: time.Duration(*l.Wait * float64(time.Second))}, false, nil
	case l.Stray != "" || l.Stderr != "" || l.Exit != "":
		return nil, false, nil
	}
	return nil, false, errors.New("want a tuple, tick, heartbeat, wait or command")
}

// command is a command to a spout.
func (l *stepLine) command() (step *Step, emitted bool, _ error) {
	switch l.Command {
	case "log", "error", "metrics", "sync", "pid":
		return nil, false, nil // output of a component
	}
	if _, ok := spoutCommand(l.Command); !ok {
		return nil, false, fmt.Errorf("unknown spout command %q (want next, ack, fail, activate or deactivate)", l.Command)
	}
	s := &Step{Command: l.Command, ID: l.ID, Times: 1}
	if (l.Command == "ack" || l.Command == "fail") && l.ID == nil {
		return nil, false, fmt.Errorf("the command %q needs the id of a tuple", l.Command)
	}
	if l.Times != nil {
		if s.Times = *l.Times; s.Times < 1 {
			return nil, false, fmt.Errorf("times must be 1 or more, not %d", s.Times)
		}
	}
	return s, false, nil
}

func spoutCommand(word string) (multilang.SpoutCommand, bool) {
	for _, c := range []multilang.SpoutCommand{multilang.Next, multilang.AckTuple, multilang.FailTuple, multilang.Activate, multilang.Deactivate} {
		if c.String() == word {
			return c, true
		}
	}
	return 0, false
}

// plainJSON is an error of the package json without its prefix.
func plainJSON(err error) error {
	return errors.New(strings.TrimPrefix(err.Error(), "json: "))
}

// KindOf is the kind of component for the steps: commands are for a spout, all others for
// a bolt. An error names the lines that do not go together.
func KindOf(steps []Step) (topology.Kind, error) {
	var command, other *Step
	for i := range steps {
		s := &steps[i]
		switch {
		case s.Command != "" && command == nil:
			command = s
		case s.Command == "" && s.Wait == 0 && other == nil:
			other = s
		}
	}
	if command != nil && other != nil {
		return 0, fmt.Errorf("line %d of the input is for a spout, but line %d is for a bolt", command.Line, other.Line)
	}
	if command != nil {
		return topology.Spout, nil
	}
	return topology.Bolt, nil
}

// Suit sets the program's kind to kind or, if that is nil, to the kind that the steps are
// for. asked is true if the caller has added next commands.
func (o *Options) Suit(kind *topology.Kind, asked bool) error {
	meant, err := KindOf(o.Steps)
	switch {
	case err != nil && asked:
		return errors.New("--next is for a spout, and the input is for a bolt")
	case err != nil:
		return err
	case kind == nil:
		o.Program.Kind = meant
		return nil
	}
	o.Program.Kind = *kind
	switch {
	case *kind == meant, !slices.ContainsFunc(o.Steps, func(s Step) bool { return s.Wait == 0 }): // a wait is for both
		return nil
	case *kind == topology.Spout:
		return hint.With(fmt.Errorf("%s is a spout, and the input has tuples or ticks, which are for a bolt", o.Program.Name),
			`give it commands, such as {"command": "next"}, or ask it with --next 10`)
	}
	return hint.With(fmt.Errorf("%s is a bolt, and the input has commands, which are for a spout", o.Program.Name),
		`give it tuples, such as ["dog", 1]`)
}
