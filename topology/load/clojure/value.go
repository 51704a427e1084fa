package clojure

import (
	"fmt"
	"strconv"
	"strings"
)

// Value is the value of a form, with the form's line.
type Value struct {
	Line int
	// Data is nil, a bool, int64, float64, string, [Name], a []Value (a vector, a list or
	// a set), an [Entries], or the result of a [Builtin].
	Data any
}

// Name is the value of a keyword: its name, without the colon.
type Name string

// Entries is the value of a map, in the order of the file.
type Entries []Entry

// Entry is a key of a map with its value.
type Entry struct{ Key, Value Value }

// get looks a key up.
func (m Entries) get(key Value) (Value, bool) {
	for _, e := range m {
		if equal(e.Key, key) {
			return e.Value, true
		}
	}
	return Value{}, false
}

// with is the map with one more key, or another value for a key that it has.
func (m Entries) with(key, value Value) Entries {
	with := append(Entries(nil), m...)
	for i, e := range with {
		if equal(e.Key, key) {
			with[i].Value = value
			return with
		}
	}
	return append(with, Entry{key, value})
}

// equal compares as = does. A vector equals a list of the same values.
func equal(a, b Value) bool {
	switch x := a.Data.(type) {
	case []Value:
		y, ok := b.Data.([]Value)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !equal(x[i], y[i]) {
				return false
			}
		}
		return true
	case Entries:
		y, ok := b.Data.(Entries)
		if !ok || len(x) != len(y) {
			return false
		}
		for _, e := range x {
			if other, ok := y.get(e.Key); !ok || !equal(e.Value, other) {
				return false
			}
		}
		return true
	case nil, bool, int64, float64, string, Name:
		return a.Data == b.Data
	}
	return false
}

// truth is whether a value counts as true.
func (v Value) truth() bool { return v.Data != nil && v.Data != false }

// String describes the value for an error.
func (v Value) String() string {
	switch data := v.Data.(type) {
	case nil:
		return "nil"
	case string:
		return strconv.Quote(data)
	case Name:
		return ":" + string(data)
	case []Value:
		return "a vector"
	case Entries:
		return "a map"
	case bool, int64, float64:
		return fmt.Sprint(data)
	}
	return "a function or an object"
}

// text is the value as str writes it, for values without parts.
func (v Value) text() (string, bool) {
	switch data := v.Data.(type) {
	case nil:
		return "", true
	case string:
		return data, true
	case Name:
		return ":" + string(data), true
	case float64:
		text := strconv.FormatFloat(data, 'g', -1, 64)
		if !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		return text, true
	case bool, int64:
		return fmt.Sprint(data), true
	}
	return "", false
}
