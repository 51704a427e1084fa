package quickstart

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

const python = "python"

// language says how a component's program is started, from the folder resources.
type language struct {
	command []string // %s stands for the component
	sources []source
}

// source is a file or folder in resources, for the project's README.
type source struct{ File, Is string }

var languages = map[string]language{
	python: {
		command: []string{"python3", "%s.py"},
		sources: []source{{"words.py", "the spout"}, {"count.py", "the bolt"}, {"storm.py", "the protocol, in plain Python"}},
	},
	"node": {
		command: []string{"node", "%s.js"},
		sources: []source{{"words.js", "the spout"}, {"count.js", "the bolt"}, {"storm.js", "the protocol, without any package"}},
	},
	"ruby": {
		command: []string{"ruby", "%s.rb"},
		sources: []source{{"words.rb", "the spout"}, {"count.rb", "the bolt"}, {"storm.rb", "the protocol, with the standard library"}},
	},
	"go": {
		// It runs at once, and always what the sources say now. Who wants a
		// faster start builds the programs, and names them here.
		command: []string{"go", "run", "./%s"},
		sources: []source{{"words", "the spout"}, {"count", "the bolt"}, {"storm", "the protocol, with the standard library"}},
	},
}

// Languages lists the languages that a project's components can be in, sorted.
func Languages() []string { return slices.Sorted(maps.Keys(languages)) }

// data is what templates are filled in with.
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

// Shell is a component's command as a shell takes it.
func (d data) Shell(component string) string {
	return fmt.Sprintf(strings.Join(d.command, " "), component)
}

// List is a component's command as a list of texts, in TOML and in YAML.
func (d data) List(component string) string {
	words := strings.Fields(d.Shell(component))
	for i, word := range words {
		words[i] = fmt.Sprintf("%q", word)
	}
	return "[" + strings.Join(words, ", ") + "]"
}
