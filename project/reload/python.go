package reload

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"gust/internal/pyrun"
	"gust/topology"
)

//go:embed graph.py
var graphProgram string

// entry is the first file or module of a component in Python.
type entry struct {
	Name   string `json:"name"`
	Dir    string `json:"dir"`
	Module string `json:"module,omitempty"`
	File   string `json:"file,omitempty"`
}

// pythonEntry finds the interpreter of a component, and its entry; false for a component
// in another language.
func pythonEntry(c *topology.Component) (python string, e entry, ok bool) {
	e = entry{Name: c.Name, Dir: c.Dir}
	if c.Script != "" {
		words := strings.Fields(c.Script)
		class := words[len(words)-1]
		e.Module = class[:max(0, strings.LastIndexByte(class, '.'))]
		return besideOf(c.Command[0]), e, e.Module != ""
	}
	if len(c.Command) < 2 || !isPython(c.Command[0]) {
		return "", e, false
	}
	for i, word := range c.Command[1:] {
		switch {
		case word == "-m" && i+2 < len(c.Command):
			e.Module = c.Command[i+2]
			return c.Command[0], e, true
		case strings.HasSuffix(word, ".py"):
			e.File = word
			return c.Command[0], e, true
		}
	}
	return "", e, false
}

// besideOf is the Python that runs a program such as streamparse_run: the program itself,
// or the interpreter beside it.
func besideOf(program string) string {
	if isPython(program) {
		return program
	}
	if beside, ok := pyrun.Beside(program); ok {
		return beside
	}
	return "python3"
}

func isPython(program string) bool {
	base := filepath.Base(program)
	return strings.HasPrefix(base, "python") || strings.HasPrefix(base, "pypy")
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// answer is the answer of graph.py.
type answer struct {
	Files  map[string][]string `json:"files"`
	Broken []Broken            `json:"broken"`
}

// ask runs graph.py.
func ask(ctx context.Context, python string, entries []entry, check []string) (*answer, error) {
	var words bytes.Buffer
	var a answer
	err := pyrun.Ask(ctx, python, pyrun.Question{
		Program: graphProgram, Value: map[string]any{"entries": entries, "check": check}, Stderr: &words,
	}, &a)
	if err != nil {
		return nil, fmt.Errorf("cannot find out with %s what components import: %w\n%s", python, err, bytes.TrimSpace(words.Bytes()))
	}
	return &a, nil
}
