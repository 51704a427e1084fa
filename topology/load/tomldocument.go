package load

import (
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

// parseTOML reads a file, and reports its errors.
func parseTOML(file string, rep *report) value {
	at := place{file: file}
	data, err := os.ReadFile(file)
	if err != nil {
		rep.errs = append(rep.errs, err)
		return value{place: at}
	}
	var top map[string]toml.Primitive
	meta, err := toml.Decode(string(data), &top)
	if err != nil {
		var syntax toml.ParseError
		if errors.As(err, &syntax) {
			at.line = syntax.Position.Line
			err = errors.New(syntax.Message)
		}
		rep.errorf(at, "invalid TOML: %w", err)
		return value{place: place{file: file}}
	}
	b := tomlBuilder{meta: &meta, report: rep, order: map[string]int{}}
	for i, key := range meta.Keys() {
		for n := range key {
			if path := key[:n+1].String(); b.order[path] == 0 {
				b.order[path] = i + 1
			}
		}
	}
	return b.table(at, nil, top)
}

// tomlBuilder makes a [value] of a decoded file.
type tomlBuilder struct {
	meta   *toml.MetaData
	report *report
	// order is the rank of each key in the file: Go's maps have lost it.
	order map[string]int
}

func (b *tomlBuilder) table(at place, path toml.Key, items map[string]toml.Primitive) value {
	keys := slices.SortedFunc(maps.Keys(items), func(x, y string) int {
		if d := b.rank(path, x) - b.rank(path, y); d != 0 {
			return d
		}
		return strings.Compare(x, y)
	})
	entries := []entry{}
	for _, key := range keys {
		entries = append(entries, entry{key, b.value(at, join(path, key), items[key])})
	}
	return value{place: at, data: entries}
}

func (b *tomlBuilder) rank(path toml.Key, key string) int { return b.order[join(path, key).String()] }

// value reads one value. outer is the place of the table around it, for values whose
// place the library does not know.
func (b *tomlBuilder) value(outer place, path toml.Key, p toml.Primitive) value {
	at := outer
	if line := b.line(p); line > 0 {
		at.line = line
	}
	var decoded any
	if err := b.meta.PrimitiveDecode(p, &decoded); err != nil {
		b.report.errorf(at, "invalid TOML: %w", err)
	}
	switch decoded.(type) {
	case map[string]any:
		var items map[string]toml.Primitive
		if err := b.meta.PrimitiveDecode(p, &items); err != nil {
			b.report.errorf(at, "invalid TOML: %w", err)
		}
		return b.table(at, path, items)
	case []map[string]any:
		// All tables of [[path]] share one key, and the library has the last one's line.
		// The line of the table around them is less exact, but correct.
		return relocate(b.list(outer, path, p), outer)
	case []any:
		return b.list(at, path, p)
	case time.Time:
		b.report.errorf(at, "%s is a date: write it in quotes, as a string", path)
		return value{place: at}
	}
	return value{place: at, data: decoded}
}

// list reads an array, of tables too.
func (b *tomlBuilder) list(at place, path toml.Key, p toml.Primitive) value {
	var items []toml.Primitive
	if err := b.meta.PrimitiveDecode(p, &items); err != nil {
		b.report.errorf(at, "invalid TOML: %w", err)
	}
	elements := make([]value, len(items))
	for i, item := range items {
		elements[i] = b.value(at, path, item)
	}
	return value{place: at, data: elements}
}

// relocate is v with every place in it changed.
func relocate(v value, at place) value {
	v.place = at
	switch data := v.data.(type) {
	case []value:
		for i := range data {
			data[i] = relocate(data[i], at)
		}
	case []entry:
		for i := range data {
			data[i].value = relocate(data[i].value, at)
		}
	}
	return v
}

// line is the line of a value's key, 0 if the library does not know it. The library has
// positions only in errors, so this provokes one.
func (b *tomlBuilder) line(p toml.Primitive) int {
	var located toml.ParseError
	if errors.As(b.meta.PrimitiveDecode(p, refusing{}), &located) {
		return located.Position.Line
	}
	return 0
}

// refusing decodes nothing.
type refusing struct{}

var errRefused = errors.New("refused")

func (refusing) UnmarshalTOML(any) error { return errRefused }

// join is path with one more key, in new memory.
func join(path toml.Key, key string) toml.Key {
	return append(slices.Clone(path), key)
}
