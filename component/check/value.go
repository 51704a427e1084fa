package check

import (
	"math/big"
	"strconv"
	"strings"
)

// valueKind is the type of a [value], in either serializer.
type valueKind uint8

const (
	null valueKind = iota
	boolean
	number
	text
	binary // msgpack's bin and ext, which JSON does not have
	list
	object
)

var valueKindNames = [...]string{
	null: "null", boolean: "a bool", number: "a number", text: "a string", binary: "binary", list: "a list", object: "an object",
}

func (k valueKind) String() string { return valueKindNames[k] }

// value is a value that the program wrote.
type value struct {
	kind valueKind
	// raw is the value in the serializer's bytes.
	raw []byte
	// text is a string, in which half a surrogate pair has three bytes of its own
	// (WTF-8); for a number or a bool it is the JSON literal.
	text string
	// items are those of a list, or an object's members' values; keys are the
	// members' names.
	items []value
	keys  []string
}

// member is an object's member, the last one of that name, and null if there is none: the
// protocol does not distinguish them.
func (v value) member(name string) value {
	for i := len(v.keys) - 1; i >= 0; i-- {
		if v.keys[i] == name {
			return v.items[i]
		}
	}
	return value{}
}

// has reports whether an object has a member of that name.
func (v value) has(name string) bool {
	for _, key := range v.keys {
		if key == name {
			return true
		}
	}
	return false
}

// whole is a number that is written as a whole one, and fits.
func (v value) whole() (int64, bool) {
	if v.kind != number {
		return 0, false
	}
	n, err := strconv.ParseInt(v.text, 10, 64)
	return n, err == nil
}

// same reports whether two values mean the same to a component on Storm: 1.0 is
// not 1 there, and every digit of an integer counts.
func same(a, b value) bool {
	if a.kind != b.kind {
		return false
	}
	switch a.kind {
	case null:
		return true
	case number:
		return sameNumber(a.text, b.text)
	case list:
		if len(a.items) != len(b.items) {
			return false
		}
		for i := range a.items {
			if !same(a.items[i], b.items[i]) {
				return false
			}
		}
		return true
	case object:
		if len(a.keys) != len(b.keys) {
			return false
		}
		for _, key := range a.keys {
			if !b.has(key) || !same(a.member(key), b.member(key)) {
				return false
			}
		}
		return true
	}
	return a.text == b.text
}

func sameNumber(a, b string) bool {
	if isWhole(a) != isWhole(b) {
		return false
	}
	if isWhole(a) {
		x, xOK := new(big.Int).SetString(a, 10)
		y, yOK := new(big.Int).SetString(b, 10)
		return xOK && yOK && x.Cmp(y) == 0
	}
	x, _ := strconv.ParseFloat(a, 64)
	y, _ := strconv.ParseFloat(b, 64)
	return x == y || x != x && y != y
}

// isWhole reports whether a number is written as an integer.
func isWhole(literal string) bool { return !strings.ContainsAny(literal, ".eENI") }
