// Package convert writes topologies down in another form than the one that they
// were loaded from: gust's own TOML (docs/topology-toml.md), and the Python of
// today's streamparse. What it writes loads to the same topology; what a form
// has no place for is an error.
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

// Write writes a topology in one of the formats. file is where the text is going
// to be, which decides how it names directories.
func Write(l *load.Loaded, format, file string) ([]byte, error) {
	t := *l.Topology
	t.Config = l.Declared // an environment's configuration stays where it is
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

// writer gathers the text of one topology, and what stands in its way.
type writer struct {
	topology *topology.Topology
	text     strings.Builder
	errs     []error
}

func (w *writer) printf(format string, args ...any) { fmt.Fprintf(&w.text, format, args...) }

// fail reports what the form has no place for in a component.
func (w *writer) fail(c *topology.Component, format string, args ...any) {
	w.errs = append(w.errs, fmt.Errorf("%s %q "+format, append([]any{c.Kind, c.Name}, args...)...))
}

// classAndSerializer takes apart what streamparse_run is given: a class, and
// before it perhaps -s SERIALIZER. ok is false where there is more to it.
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
