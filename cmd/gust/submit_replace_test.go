package main

import (
	"slices"
	"strings"
	"testing"

	"gust/storm/stormtest"
)

// The topology that is replaced is killed last, and whatever happens then is told.
func TestReplace(t *testing.T) {
	const call = "submitTopologyWithOpts"
	alone(t)
	writeFile(t, "words.toml", "name = \"wordcount\"\n[spouts.words]\ncommand = [\"cat\"]\noutputs = [\"word\"]\n")
	tests := []struct {
		name   string
		deeds  map[string][]stormtest.Deed
		killed bool
		runs   bool
		want   []string
	}{
		{name: "all is well", killed: true, runs: true},
		{name: "Nimbus will not have it", deeds: map[string][]stormtest.Deed{call: {stormtest.Fail}},
			want: []string{`cannot submit "wordcount": Nimbus at`, "    wordcount-1-17 was not touched\n"}},
		{name: "Nimbus fails after the kill", deeds: map[string][]stormtest.Deed{call: {stormtest.Answer, stormtest.Fail}}, killed: true,
			want: []string{`gust: wordcount-1-17 was killed, and nothing runs in its place: cannot submit "wordcount": Nimbus at`, "hint: no copy of it was kept: submit this topology again"}},
		{name: "the answer is lost", deeds: map[string][]stormtest.Deed{call: {stormtest.Answer, stormtest.DropAfter}}, killed: true, runs: true},
		{name: "Nimbus is busy after the kill", deeds: map[string][]stormtest.Deed{"getClusterInfo": {stormtest.Answer, stormtest.Hang, stormtest.Answer, stormtest.Hang}}, killed: true, runs: true},
		{name: "the order to kill is lost", deeds: map[string][]stormtest.Deed{"killTopologyWithOpts": {stormtest.Drop}},
			want: []string{"cannot replace wordcount-1-17, which may or may not have been killed"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fake := stormtest.NewFake(t)
			fake.SetTopologies(wordcount())
			for name, deeds := range tt.deeds {
				fake.Next(name, deeds...)
			}
			got := gust(t, "submit", "-f", "words.toml", "--nimbus", fake.Address(), "--no-wait", "--timeout", "500")
			code := exitDone
			if !tt.runs {
				code = exitFailed
			}
			got.refuses(t, code, tt.want...)
			if killed := !slices.Contains(fake.Topologies(), "wordcount") || fake.Submitted("wordcount") != nil; killed != tt.killed {
				t.Errorf("killed: %v", killed)
			}
			if runs := fake.Submitted("wordcount") != nil; runs != tt.runs {
				t.Errorf("the new one runs: %v", runs)
			}
			if id := strings.TrimSpace(got.stdout); tt.runs != (id != "") {
				t.Errorf("printed the id %q", id)
			}
		})
	}
}
