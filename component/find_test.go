package component

import (
	"strings"
	"testing"

	"gust/internal/hint"
	"gust/topology"
	"gust/topology/load"
)

func TestClassOf(t *testing.T) {
	for name, want := range map[string]string{
		"bolts.wordcount:WordCountBolt": "bolts.wordcount.WordCountBolt",
		"bolts.WordCountBolt":           "bolts.WordCountBolt",
		"count":                         "", ".Count": "", "count.": "", "": "",
	} {
		if got := ClassOf(name); got != want {
			t.Errorf("ClassOf(%q) = %q, want %q", name, got, want)
		}
	}
}

// loadedWith is a topology with one bolt, which has this command.
func loadedWith(name, bolt string, command ...string) *load.Loaded {
	return &load.Loaded{Topology: &topology.Topology{Name: name, Components: []*topology.Component{
		{Name: bolt, Kind: topology.Bolt, Command: command},
	}}}
}

func TestFind(t *testing.T) {
	class := load.StreamparseCommand("python3", "json", "bolts.Count")
	alike := []*load.Loaded{loadedWith("one", "count", class...), loadedWith("two", "counts", class...), loadedWith("three", "other", "cat")}
	for _, tt := range []struct {
		name       string
		topologies []*load.Loaded
		want       string // the topology, or empty
		err        string
	}{
		{"count", alike, "one", ""},
		{"counts", alike, "two", ""},
		{"bolts:Count", alike, "one", ""}, // they differ only in their names
		{"bolts.Other", alike, "", ""},
		{"none", nil, "", ""},
		{"count", []*load.Loaded{loadedWith("one", "count", "cat"), loadedWith("two", "count", "tac")}, "",
			"count matches several components: count of one and count of two\n" + hint.Prefix + "name one component, and its topology with -n: count -n one"},
	} {
		found, all, err := Find(tt.topologies, tt.name)
		if got := errorText(err); got != tt.err {
			t.Errorf("%s: the error is %q, want %q", tt.name, got, tt.err)
		}
		if got := found.topologyName(); got != tt.want || len(all) != len(tt.topologies) {
			t.Errorf("%s: found in %q, want %q; all are %d", tt.name, got, tt.want, len(all))
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return strings.TrimSpace(err.Error())
}

func (r *Role) topologyName() string {
	if r == nil {
		return ""
	}
	return r.Topology.Name
}
