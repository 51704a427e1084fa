package reload

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"gust/topology"
)

// Broken is a file that cannot run.
type Broken struct {
	File string `json:"file"`
	Line int    `json:"line"` // 0 if it is unknown
	Text string `json:"text"`
}

// Error is such as "src/bolts/count.py:7: invalid syntax".
func (b Broken) Error() string {
	if b.Line == 0 {
		return fmt.Sprintf("%s: %s", b.File, b.Text)
	}
	return fmt.Sprintf("%s:%d: %s", b.File, b.Line, b.Text)
}

// Change is the effect of changed files on a topology.
type Change struct {
	// Components use the files, in the order of their declaration.
	Components []string
	// Broken files prevent a restart of the components.
	Broken []Broken
}

// Of finds the effect of changed files. Paths are absolute. An error means that an
// interpreter did not answer.
func Of(ctx context.Context, t *topology.Topology, changed []string) (*Change, error) {
	entries := map[string][]entry{} // by interpreter
	affected := map[string]bool{}
	changed = resolved(changed)
	for _, c := range t.Components {
		if python, e, ok := pythonEntry(c); ok {
			entries[python] = append(entries[python], e)
		} else if slices.ContainsFunc(changed, func(file string) bool { return concerns(c, file) }) {
			affected[c.Name] = true
		}
	}
	change := &Change{}
	sources := slices.DeleteFunc(slices.Clone(changed), func(file string) bool { return filepath.Ext(file) != ".py" })
	if len(sources) > 0 {
		for _, python := range slices.Sorted(maps.Keys(entries)) {
			a, err := ask(ctx, python, entries[python], sources)
			if err != nil {
				return nil, err
			}
			for name, files := range a.Files {
				if slices.ContainsFunc(sources, func(file string) bool { return slices.Contains(files, file) }) {
					affected[name] = true
				}
			}
			change.add(a.Broken)
		}
	}
	for _, file := range changed {
		if b := checked(ctx, file); b != nil {
			change.add([]Broken{*b})
		}
	}
	for _, c := range t.Components {
		if affected[c.Name] {
			change.Components = append(change.Components, c.Name)
		}
	}
	return change, nil
}

// add adds what is new: two interpreters may report the same.
func (c *Change) add(broken []Broken) {
	for _, b := range broken {
		if !slices.ContainsFunc(c.Broken, func(known Broken) bool { return known.File == b.File }) {
			c.Broken = append(c.Broken, b)
		}
	}
}

// resolved are paths without symbolic links, as the graph has them.
func resolved(paths []string) []string {
	clean := make([]string, len(paths))
	for i, path := range paths {
		clean[i] = path
		if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
			clean[i] = filepath.Join(dir, filepath.Base(path))
		}
	}
	return clean
}

// output are extensions of files that programs write, and do not read as their code: a
// component that writes into its own directory must not restart itself.
var output = []string{".log", ".rec", ".csv", ".tsv", ".jsonl", ".db", ".sqlite", ".out", ".pid", ".gz", ".py"}

// concerns reports whether a component in another language may use a file in its
// directory: its command has the file, or one of the same kind, as count.js and lib.js
// are. If the command has none, it may be any of them.
func concerns(c *topology.Component, file string) bool {
	dir := resolved([]string{filepath.Join(c.Dir, "x")})[0]
	inside, err := filepath.Rel(filepath.Dir(dir), file)
	if err != nil || !filepath.IsLocal(inside) {
		return false
	}
	names := false
	for _, word := range c.Command {
		if filepath.IsAbs(word) || !isFile(filepath.Join(c.Dir, word)) {
			continue
		}
		names = true
		ext := filepath.Ext(word)
		if filepath.Clean(word) == inside || ext != "" && ext == filepath.Ext(inside) {
			return true
		}
	}
	return !names && !slices.Contains(output, filepath.Ext(inside))
}

// checkers are programs that check the syntax of a file in their language.
var checkers = map[string][]string{
	".js": {"node", "--check"}, ".mjs": {"node", "--check"}, ".cjs": {"node", "--check"},
	".rb": {"ruby", "-c"}, ".php": {"php", "-l"}, ".sh": {"sh", "-n"},
}

// checked is the error in a file, if this machine has a checker; nil if there is none, or
// it is unknown.
func checked(ctx context.Context, file string) *Broken {
	checker := checkers[filepath.Ext(file)]
	if checker == nil || !isFile(file) {
		return nil
	}
	cmd := exec.CommandContext(ctx, checker[0], append(checker[1:len(checker):len(checker)], file)...)
	var words bytes.Buffer
	cmd.Stderr = &words
	err := cmd.Run()
	if _, failed := errors.AsType[*exec.ExitError](err); !failed || ctx.Err() != nil {
		return nil
	}
	text := strings.TrimSpace(words.String())
	if text == "" {
		text = "it cannot be read by " + checker[0]
	}
	return &Broken{File: file, Text: text}
}
