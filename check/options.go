package check

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gust/conf"
	"gust/internal/guard"
	"gust/multilang"
	"gust/topology"
)

// Options say what is checked, and as what.
type Options struct {
	// Command is the program and its arguments.
	Command []string
	// Dir is its working directory; empty is our own.
	Dir string
	// Env is its whole environment.
	Env []string
	// Kind is whether it is a spout or a bolt; nil where that is to be found out.
	Kind *topology.Kind
	// Codec is what it speaks.
	Codec multilang.Codec
	// Timeout is how long it may take over a step's answer.
	Timeout time.Duration
	// Fields are the names of a bolt's input fields, and Tuple, a JSON list, the
	// values of its input. Either may be empty: see [Options.Complete].
	Fields []string
	Tuple  string
	// Outputs are the streams that it declares. Where they are nil, nobody knows,
	// and what it emits is not held against them.
	Outputs []topology.Stream
	// Conf is laid over Storm's defaults.
	Conf conf.Conf
	// Guard ends the program should gust itself be killed. It may be nil.
	Guard *guard.Guard
}

// defaultText is the value of an input field that nobody has given one.
const defaultText = "the storm bent the reed"

// Complete fills in what is left out of the input: one text field named "value".
// An error is one of the input that was given.
func (o *Options) Complete() error {
	var values []json.RawMessage
	if o.Tuple != "" {
		v, end, err := parseJSON([]byte(o.Tuple))
		switch {
		case err != nil:
			return fmt.Errorf("the tuple %s is no JSON: %w", o.Tuple, err)
		case v.kind != list || end != len(o.Tuple):
			return fmt.Errorf("the tuple %s is no JSON list", o.Tuple)
		}
		for _, item := range v.items {
			values = append(values, item.raw)
		}
	}
	switch {
	case o.Fields == nil && o.Tuple == "":
		o.Fields = []string{"value"}
	case o.Fields == nil && len(values) == 1:
		o.Fields = []string{"value"}
	case o.Fields == nil:
		for i := range values {
			o.Fields = append(o.Fields, fmt.Sprintf("value%d", i+1))
		}
	}
	if o.Tuple == "" {
		for range o.Fields {
			values = append(values, json.RawMessage(`"`+defaultText+`"`))
		}
	}
	if len(values) != len(o.Fields) {
		return fmt.Errorf("the tuple has %d values, and there are %d fields", len(values), len(o.Fields))
	}
	if o.Timeout <= 0 {
		return errors.New("the time-out must be longer than nothing")
	}
	o.Tuple = "[" + joinRaw(values) + "]"
	if _, err := multilang.Transcode(nil, []byte(o.Tuple), multilang.JSON, o.Codec); err != nil {
		return fmt.Errorf("the tuple cannot be sent: %w", err)
	}
	return nil
}

func joinRaw(values []json.RawMessage) string {
	var all []byte
	for i, v := range values {
		if i > 0 {
			all = append(all, ',')
		}
		all = append(all, v...)
	}
	return string(all)
}
