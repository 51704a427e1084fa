package load

import (
	"fmt"
	"math"
	"slices"

	"gust/topology"
)

// value is one value of a YAML or TOML document, with its place in the file. Both
// formats become values, so that both are read, and their errors reported, in the
// same way.
type value struct {
	place
	// data is nil, a bool, int64, float64 or string, a []value or a []entry.
	data any
	// source is a YAML scalar as it is written, for a key that takes a string where
	// YAML's rules read a number. It is empty in TOML.
	source string
	// plain is set for a YAML string without quotes.
	plain bool
}

// entry is one key of a mapping, in the order of the file.
type entry struct {
	key   string
	value value
}

// text reads a string.
func (v value) text() (string, bool) {
	if s, ok := v.data.(string); ok {
		return s, true
	}
	return v.source, v.source != "" && v.data != nil
}

// texts reads a list of strings.
func (v value) texts() ([]string, bool) {
	items, ok := v.list()
	if !ok {
		return nil, false
	}
	texts := make([]string, len(items))
	for i, item := range items {
		if texts[i], ok = item.text(); !ok {
			return nil, false
		}
	}
	return texts, true
}

// number reads a whole number that fits a count.
func (v value) number() (int, bool) {
	n, ok := v.data.(int64)
	return int(n), ok && math.Abs(float64(n)) <= math.MaxInt32
}

// flag reads true or false.
func (v value) flag() (bool, bool) {
	b, ok := v.conf().(bool)
	return b, ok
}

// list reads a list.
func (v value) list() ([]value, bool) {
	items, ok := v.data.([]value)
	return items, ok
}

// String describes the value for an error.
func (v value) String() string {
	switch data := v.data.(type) {
	case nil:
		return "nothing"
	case []value:
		return "a list"
	case []entry:
		return "a table"
	case string:
		return fmt.Sprintf("%q", data)
	}
	if v.source != "" {
		return v.source
	}
	return fmt.Sprint(v.data)
}

// conf is the value for a configuration: of JSON's types, with the booleans of YAML
// 1.1 that Flux's parser accepts (yes, no, on, off).
func (v value) conf() any {
	switch data := v.data.(type) {
	case []value:
		list := make([]any, len(data))
		for i, item := range data {
			list[i] = item.conf()
		}
		return list
	case []entry:
		object := make(map[string]any, len(data))
		for _, e := range data {
			object[e.key] = e.value.conf()
		}
		return object
	case string:
		if v.plain {
			switch data {
			case "yes", "Yes", "YES", "on", "On", "ON":
				return true
			case "no", "No", "NO", "off", "Off", "OFF":
				return false
			}
		}
	}
	return v.data
}

// table is a mapping that is being read. It remembers the keys that get was called
// with: those are the valid keys, and others are mistakes of the user.
type table struct {
	place
	what    string // what the table is, for messages: `bolt "count"`
	entries []entry
	known   []string
	report  *report
}

// table reads a value as a mapping. It reports another value, and reads it as an
// empty mapping.
func (r *report) table(v value, what string) *table {
	entries, ok := v.data.([]entry)
	if !ok && v.data != nil {
		r.errorf(v.place, "%s must be a table, not %s", what, v)
	}
	return &table{place: v.place, what: what, entries: entries, report: r}
}

// get looks a key up. A key without a value counts as absent.
func (t *table) get(key string) (value, bool) {
	t.known = append(t.known, key)
	for _, e := range t.entries {
		if e.key == key {
			return e.value, e.value.data != nil
		}
	}
	return value{place: t.place}, false
}

// read reads a value with as. It reports a value of another kind than want; if the key is
// absent, the result is fallback.
func read[T any](t *table, key, want string, fallback T, as func(value) (T, bool)) T {
	v, ok := t.get(key)
	if !ok {
		return fallback
	}
	result, ok := as(v)
	if !ok {
		t.wrong(v, key, want)
	}
	return result
}

// text reads a string; absent is "".
func (t *table) text(key string) string { return read(t, key, "a string", "", value.text) }

// texts reads a list of strings; absent is nil.
func (t *table) texts(key string) []string {
	return read(t, key, "a list of strings", nil, value.texts)
}

// number reads a whole number; absent is fallback.
func (t *table) number(key string, fallback int) int {
	return read(t, key, "a whole number", fallback, value.number)
}

// flag reads true or false; absent is false.
func (t *table) flag(key string) bool { return read(t, key, "true or false", false, value.flag) }

// list reads a list; absent is nil.
func (t *table) list(key string) []value { return read(t, key, "a list", nil, value.list) }

// table reads a table within this one; absent is empty.
func (t *table) table(key string) *table {
	v, _ := t.get(key)
	return t.report.table(v, key+" of "+t.what)
}

// config reads a configuration; absent is empty.
func (t *table) config(key string) map[string]any {
	config := map[string]any{}
	for _, e := range t.table(key).entries {
		config[e.key] = t.report.confValue(e)
	}
	return config
}

// confValue is the value of one key of a configuration. NaN and infinity are errors:
// a component gets its configuration as JSON, which cannot express them.
func (r *report) confValue(e entry) any {
	v := e.value.conf()
	if f, ok := v.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
		r.errorf(e.value.place, "%s must be a number that JSON can express, not %v", e.key, f)
	}
	return v
}

// wrong reports a value of the wrong kind.
func (t *table) wrong(v value, key, want string) {
	t.report.errorf(v.place, "%s: %s must be %s, not %s", t.what, key, want, v)
}

// unknown calls say for each key that get was not called with, and suggests a valid one.
func (t *table) unknown(say func(at place, format string, args ...any)) {
	for _, e := range t.entries {
		if !slices.Contains(t.known, e.key) {
			say(e.value.place, "%s has no key %q%s", t.what, e.key, topology.DidYouMean(e.key, t.known))
		}
	}
}
