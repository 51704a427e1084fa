// Package convert writes a topology in another format than the one that it was loaded
// from: gust's own TOML (docs/topology-toml.md), or the Python of streamparse 3 and
// later. The result loads to the same topology. What a format cannot express is an error.
package convert

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gust/topology"
	"gust/topology/load"
)

// Formats are the forms that a topology can be written in.
func Formats() []string { return []string{"toml", "py"} }

// Write writes a topology in one of the formats. file is the path of the result, on which
// the names of directories depend.
func Write(l *load.Loaded, format, file string) ([]byte, error) {
	t := *l.Topology
	t.Config = l.Declared // without the environment's configuration
	w := &writer{topology: &t}
	switch format {
	case "toml":
		w.toml(file)
	case "py":
		w.python()
	default:
		return nil, fmt.Errorf("unknown format %q (want %s)", format, strings.Join(Formats(), ", "))
	}
	if len(w.errs) > 0 {
		return nil, errors.Join(w.errs...)
	}
	return []byte(w.text.String()), nil
}

// writer collects the text for one topology, and errors.
type writer struct {
	topology *topology.Topology
	text     strings.Builder
	errs     []error
}

func (w *writer) printf(format string, args ...any) { fmt.Fprintf(&w.text, format, args...) }

// fail reports what the format cannot express in a component.
func (w *writer) fail(c *topology.Component, format string, args ...any) {
	w.errs = append(w.errs, fmt.Errorf("%s %q "+format, append([]any{c.Kind, c.Name}, args...)...))
}

// classAndSerializer parses the argument of streamparse_run: a class, perhaps after -s
// SERIALIZER. ok is false if there is more.
func classAndSerializer(script string) (class, serializer string, ok bool) {
	switch words := strings.Fields(script); {
	case len(words) == 1:
		return words[0], "", strings.Contains(words[0], ".")
	case len(words) == 3 && words[0] == "-s":
		return words[2], words[1], strings.Contains(words[2], ".")
	}
	return "", "", false
}

// sortedKeys are a map's keys, sorted.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
