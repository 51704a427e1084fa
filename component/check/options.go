package check

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"gust/conf"
	"gust/internal/guard"
	"gust/multilang"
	"gust/topology"
)

// Options are the program and how to check it.
type Options struct {
	// Command is the program and its arguments.
	Command []string
	// Dir is its working directory; empty is our own.
	Dir string
	// Env is its whole environment.
	Env []string
	// Kind is spout or bolt; nil if the check has to find it.
	Kind *topology.Kind
	// Codec is the program's serializer.
	Codec multilang.Codec
	// Timeout is the time for a step's answer.
	Timeout time.Duration
	// Fields are the names of a bolt's input fields, and Tuple, a JSON list, the
	// values of its input. Either may be empty: see [Options.Complete].
	Fields []string
	Tuple  string
	// Outputs are the streams that it declares. If they are nil, they are unknown, and
	// any emit is valid.
	Outputs []topology.Stream
	// Conf overrides Storm's defaults.
	Conf conf.Conf
	// Guard ends the program should gust itself be killed. It may be nil.
	Guard *guard.Guard
}

// defaultText is the value of an input field without one.
const defaultText = "the storm bent the reed"

// Complete sets the missing options of the input: one string field named "value". Its
// errors are those of the options.
func (o *Options) Complete() error {
	if o.Timeout <= 0 {
		return errors.New("the timeout must be above 0")
	}
	if err := o.completeInput(); err != nil {
		return err
	}
	if _, err := multilang.Transcode(nil, []byte(o.Tuple), multilang.JSON, o.Codec); err != nil {
		return fmt.Errorf("the tuple %s cannot be sent: %w", o.Tuple, err)
	}
	if _, err := o.Codec.AppendHandshake(nil, newStage(o).handshake(o.Kind, "")); err != nil {
		return fmt.Errorf("the conf cannot be sent: %w", err)
	}
	return nil
}

// completeInput makes as many values as fields, and names for as many fields as values.
func (o *Options) completeInput() error {
	values, err := parseTuple(o.Tuple)
	if err != nil {
		return err
	}
	switch {
	case o.Fields == nil && (o.Tuple == "" || len(values) == 1):
		o.Fields = []string{"value"}
	case o.Fields == nil:
		for i := range values {
			o.Fields = append(o.Fields, fmt.Sprintf("value%d", i+1))
		}
	}
	if o.Tuple == "" {
		for range o.Fields {
			values = append(values, `"`+defaultText+`"`)
		}
	}
	if len(values) != len(o.Fields) {
		return fmt.Errorf("wrong number of values in the tuple: %d (want %d, one for each field)", len(values), len(o.Fields))
	}
	o.Tuple = "[" + strings.Join(values, ",") + "]"
	return nil
}

// parseTuple returns the values of a JSON list, each as JSON; "" has none.
func parseTuple(tuple string) (values []string, err error) {
	if tuple == "" {
		return nil, nil
	}
	v, end, wrong := parseJSON([]byte(tuple))
	switch {
	case wrong != nil:
		return nil, fmt.Errorf("the tuple %s is not JSON: %w", tuple, wrong)
	case v.kind != list || strings.TrimSpace(tuple[end:]) != "":
		return nil, fmt.Errorf("the tuple %s is not a JSON list", tuple)
	}
	for _, item := range v.items {
		values = append(values, string(item.raw))
	}
	return values, nil
}
