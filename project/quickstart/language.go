package quickstart

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

const python = "python"

// language is how a component's program is started, in the folder resources.
type language struct {
	command []string // %s is the component
	sources []source
	example string // the folder of [examples.Files] that has the protocol; empty if a template has it
}

// source is a file or folder in resources, for the project's README.
type source struct{ File, Is string }

var languages = map[string]language{
	python: {
		command: []string{"python3", "%s.py"},
		sources: []source{{"words.py", "the spout"}, {"count.py", "the bolt"}, {"storm.py", "the protocol, in plain Python"}},
		example: "flux",
	},
	"node": {
		command: []string{"node", "%s.js"},
		sources: []source{{"words.js", "the spout"}, {"count.js", "the bolt"}, {"storm.js", "the protocol, without any package"}},
		example: "node",
	},
	"ruby": {
		command: []string{"ruby", "%s.rb"},
		sources: []source{{"words.rb", "the spout"}, {"count.rb", "the bolt"}, {"storm.rb", "the protocol, with the standard library"}},
		example: "ruby",
	},
	"go": {
		// It runs without a build, and always the current sources. For a faster
		// start, build the programs and name them in the topology.
		command: []string{"go", "run", "./%s"},
		sources: []source{{"words", "the spout"}, {"count", "the bolt"}, {"storm", "the protocol, with the standard library"}},
	},
}

// Languages lists the languages that a project's components can be in, sorted.
func Languages() []string { return slices.Sorted(maps.Keys(languages)) }

// data are the values that templates use.
type data struct {
	Name     string
	File     string // the topology's
	Language string
	language
}

// Sources are the component's sources.
func (d data) Sources() []source { return d.sources }

// Module is the project's Go module.
func (d data) Module() string { return strings.ToLower(d.Name) }

// Shell is a component's command for a shell.
func (d data) Shell(component string) string {
	return fmt.Sprintf(strings.Join(d.command, " "), component)
}

// List is a component's command as a list of strings, in TOML and in YAML.
func (d data) List(component string) string {
	words := strings.Fields(d.Shell(component))
	for i, word := range words {
		words[i] = fmt.Sprintf("%q", word)
	}
	return "[" + strings.Join(words, ", ") + "]"
}
