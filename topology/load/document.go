package load

import (
	"fmt"
	"math"
	"slices"

	"gust/topology"
)

// value is one value of a YAML or TOML document, with the place where it
// stands. Both kinds of files become these, so that both are read, and their
// errors reported, in the same way.
type value struct {
	place
	// data is nil, a bool, int64, float64 or string, a []value or a []entry.
	data any
	// source is a YAML scalar as it is written, for where a text is wanted
	// and YAML's rules make a number of it. TOML's scalars have none.
	source string
	// plain is set for a YAML text without quotes.
	plain bool
}

// entry is one key of a mapping, in the order of the file.
type entry struct {
	key   string
	value value
}

// text reads a text.
func (v value) text() (string, bool) {
	if s, ok := v.data.(string); ok {
		return s, true
	}
	return v.source, v.source != "" && v.data != nil
}

// texts reads a list of texts.
func (v value) texts() ([]string, bool) {
	items, ok := v.data.([]value)
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

// number reads a whole number that a count may be.
func (v value) number() (int, bool) {
	n, ok := v.data.(int64)
	return int(n), ok && math.Abs(float64(n)) <= math.MaxInt32
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

// conf is the value as a configuration has it: of JSON's types, with the
// booleans of YAML 1.1 that Flux's parser knows (yes, no, on, off).
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

// table is a mapping that is being read. It remembers which keys were asked
// for: those are the ones that the form knows, and the rest are the user's slips.
type table struct {
	place
	what    string // what the table is, for messages: `bolt "count"`
	entries []entry
	known   []string
	report  *report
}

// table reads a value as a mapping; what it is not is reported, and read as an empty one.
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

// text reads a text; absent is "".
func (t *table) text(key string) string {
	v, ok := t.get(key)
	if !ok {
		return ""
	}
	s, ok := v.text()
	if !ok {
		t.wrong(v, key, "a string")
	}
	return s
}

// texts reads a list of texts; absent is nil.
func (t *table) texts(key string) []string {
	v, ok := t.get(key)
	if !ok {
		return nil
	}
	list, ok := v.texts()
	if !ok {
		t.wrong(v, key, "a list of strings")
	}
	return list
}

// number reads a whole number; absent is fallback.
func (t *table) number(key string, fallback int) int {
	v, ok := t.get(key)
	if !ok {
		return fallback
	}
	n, ok := v.number()
	if !ok {
		t.wrong(v, key, "a whole number")
	}
	return n
}

// flag reads true or false; absent is false.
func (t *table) flag(key string) bool {
	v, ok := t.get(key)
	if !ok {
		return false
	}
	b, ok := v.conf().(bool)
	if !ok {
		t.wrong(v, key, "true or false")
	}
	return b
}

// list reads a list; absent is nil.
func (t *table) list(key string) []value {
	v, ok := t.get(key)
	if !ok {
		return nil
	}
	items, ok := v.data.([]value)
	if !ok {
		t.wrong(v, key, "a list")
	}
	return items
}

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

// confValue is the value of one key of a configuration. NaN and infinity are
// refused: they have no JSON form, in which a component gets its configuration.
func (r *report) confValue(e entry) any {
	v := e.value.conf()
	if f, ok := v.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
		r.errorf(e.value.place, "%s must be a number that JSON can express, not %v", e.key, f)
	}
	return v
}

// wrong reports a value that is not what its key takes.
func (t *table) wrong(v value, key, want string) {
	t.report.errorf(v.place, "%s: %s must be %s, not %s", t.what, key, want, v)
}

// unknown calls back for each key that nobody asked for, with what it may have been meant to be.
func (t *table) unknown(say func(at place, format string, args ...any)) {
	for _, e := range t.entries {
		if !slices.Contains(t.known, e.key) {
			say(e.value.place, "%s has no key %q%s", t.what, e.key, topology.DidYouMean(e.key, t.known))
		}
	}
}
