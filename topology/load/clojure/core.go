package clojure

import (
	"math"
	"strconv"
	"strings"
)

// core are the functions of clojure.core, and of Java's Integer and Long, that topology
// files use.
var core map[string]Builtin

func init() { // not in the declaration: they evaluate their arguments, which may call them
	core = map[string]Builtin{
		"get":              get,
		"get-in":           getIn,
		"merge":            merge,
		"assoc":            assoc,
		"hash-map":         hashMap,
		"vector":           func(c Call) (any, error) { return c.Values() },
		"list":             func(c Call) (any, error) { return c.Values() },
		"vec":              unary(itself),
		"identity":         unary(itself),
		"concat":           concat,
		"into":             concat,
		"str":              str,
		"name":             unary(name),
		"keyword":          unary(keyword),
		"not":              unary(func(v Value) (any, bool) { return !v.truth(), true }),
		"nil?":             unary(func(v Value) (any, bool) { return v.Data == nil, true }),
		"count":            unary(count),
		"int":              unary(whole),
		"long":             unary(whole),
		"Integer/parseInt": unary(parseInt),
		"Long/parseLong":   unary(parseInt),
		"=":                func(c Call) (any, error) { return equals(c) },
		"not=": func(c Call) (any, error) {
			same, err := equals(c)
			return !same, err
		},
		"<":    comparison(func(a, b float64) bool { return a < b }),
		"<=":   comparison(func(a, b float64) bool { return a <= b }),
		">":    comparison(func(a, b float64) bool { return a > b }),
		">=":   comparison(func(a, b float64) bool { return a >= b }),
		"+":    arithmetic(0, func(a, b int64) int64 { return a + b }, func(a, b float64) float64 { return a + b }),
		"-":    arithmetic(1, func(a, b int64) int64 { return a - b }, func(a, b float64) float64 { return a - b }),
		"*":    arithmetic(0, func(a, b int64) int64 { return a * b }, func(a, b float64) float64 { return a * b }),
		"max":  arithmetic(1, func(a, b int64) int64 { return max(a, b) }, math.Max),
		"min":  arithmetic(1, func(a, b int64) int64 { return min(a, b) }, math.Min),
		"inc":  unary(func(v Value) (any, bool) { n, ok := v.Data.(int64); return n + 1, ok }),
		"dec":  unary(func(v Value) (any, bool) { n, ok := v.Data.(int64); return n - 1, ok }),
		"/":    divide,
		"quot": divide,
	}
}

// wrong is the error for invalid arguments of a function.
func wrong(c Call) error {
	return unreadable(c.Form, "%s does not take these arguments", c.Items[0].Text)
}

// values are the arguments, at least `least` and at most `most` of them.
func values(c Call, least, most int) ([]Value, error) {
	if n := len(c.Args()); n < least || n > most {
		return nil, wrong(c)
	}
	return c.Values()
}

// unary is a function of one argument; ok is false if the argument is invalid.
func unary(f func(Value) (any, bool)) Builtin {
	return func(c Call) (any, error) {
		arguments, err := values(c, 1, 1)
		if err != nil {
			return nil, err
		}
		result, ok := f(arguments[0])
		if !ok {
			return nil, wrong(c)
		}
		return result, nil
	}
}

// get is (get map key default).
func get(c Call) (any, error) {
	arguments, err := values(c, 2, 3)
	if err != nil {
		return nil, err
	}
	v, err := lookUp(c.Form, arguments[0], arguments[1], arguments[2:])
	return v.Data, err
}

// lookUp finds a key in a map, or returns the default. nil has no keys.
func lookUp(f Form, in, key Value, otherwise []Value) (Value, error) {
	entries, ok := in.Data.(Entries)
	if !ok && in.Data != nil {
		return Value{}, unreadable(f, "it looks for %s in %s, which is not a map", key, in)
	}
	found, ok := entries.get(key)
	if !ok && len(otherwise) > 0 {
		found = otherwise[0]
	}
	return Value{f.Line, found.Data}, nil
}

// getIn is (get-in map [key ...] default).
func getIn(c Call) (any, error) {
	arguments, err := values(c, 2, 3)
	if err != nil {
		return nil, err
	}
	keys, ok := arguments[1].Data.([]Value)
	if !ok {
		return nil, wrong(c)
	}
	at, missing := arguments[0], Value{}
	if len(arguments) == 3 {
		missing = arguments[2]
	}
	for i, key := range keys {
		var otherwise []Value
		if i == len(keys)-1 {
			otherwise = []Value{missing}
		}
		if at, err = lookUp(c.Form, at, key, otherwise); err != nil {
			return nil, err
		}
	}
	return at.Data, nil
}

func merge(c Call) (any, error) {
	arguments, err := c.Values()
	if err != nil {
		return nil, err
	}
	return merged(c, arguments)
}

// merged merges maps; later ones override earlier ones.
func merged(c Call, maps []Value) (any, error) {
	var merged Entries
	for _, v := range maps {
		entries, ok := v.Data.(Entries)
		if !ok && v.Data != nil {
			return nil, wrong(c)
		}
		for _, e := range entries {
			merged = merged.with(e.Key, e.Value)
		}
	}
	return merged, nil
}

func assoc(c Call) (any, error) {
	arguments, err := values(c, 3, math.MaxInt)
	if err != nil {
		return nil, err
	}
	entries, ok := arguments[0].Data.(Entries)
	if !ok && arguments[0].Data != nil {
		return nil, wrong(c)
	}
	return associated(c, entries, arguments[1:])
}

func hashMap(c Call) (any, error) {
	arguments, err := c.Values()
	if err != nil {
		return nil, err
	}
	return associated(c, Entries{}, arguments)
}

// associated is a map with more keys and values, which alternate.
func associated(c Call, entries Entries, more []Value) (any, error) {
	if len(more)%2 != 0 {
		return nil, wrong(c)
	}
	for i := 0; i < len(more); i += 2 {
		entries = entries.with(more[i], more[i+1])
	}
	return entries, nil
}

// concat joins vectors, or maps, as into does.
func concat(c Call) (any, error) {
	arguments, err := c.Values()
	if err != nil {
		return nil, err
	}
	for _, v := range arguments {
		if _, ok := v.Data.(Entries); ok {
			return merged(c, arguments)
		}
	}
	all := []Value{}
	for _, v := range arguments {
		items, ok := v.Data.([]Value)
		if !ok && v.Data != nil {
			return nil, wrong(c)
		}
		all = append(all, items...)
	}
	return all, nil
}

func str(c Call) (any, error) {
	arguments, err := c.Values()
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	for _, v := range arguments {
		text, ok := v.text()
		if !ok {
			return nil, wrong(c)
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

func itself(v Value) (any, bool) { return v.Data, true }

func name(v Value) (any, bool) {
	if keyword, ok := v.Data.(Name); ok {
		return string(keyword), true
	}
	text, ok := v.Data.(string)
	return text, ok
}

func keyword(v Value) (any, bool) {
	text, ok := name(v)
	if !ok {
		return nil, false
	}
	return Name(text.(string)), true
}

func count(v Value) (any, bool) {
	switch data := v.Data.(type) {
	case nil:
		return int64(0), true
	case []Value:
		return int64(len(data)), true
	case Entries:
		return int64(len(data)), true
	}
	return nil, false
}

// whole cuts a number to a whole one.
func whole(v Value) (any, bool) {
	switch n := v.Data.(type) {
	case int64:
		return n, true
	case float64:
		return int64(n), math.Abs(n) < math.MaxInt64
	}
	return nil, false
}

// parseInt parses a string. A number stays a number: options have types here.
func parseInt(v Value) (any, bool) {
	if n, ok := v.Data.(int64); ok {
		return n, true
	}
	text, _ := v.Data.(string)
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

func equals(c Call) (bool, error) {
	arguments, err := values(c, 1, math.MaxInt)
	if err != nil {
		return false, err
	}
	for _, v := range arguments {
		if !equal(arguments[0], v) {
			return false, nil
		}
	}
	return true, nil
}

// numbers are the arguments as numbers, and whether all are whole.
func numbers(c Call, least int) (floats []float64, ints []int64, allInts bool, err error) {
	arguments, err := values(c, least, math.MaxInt)
	if err != nil {
		return nil, nil, false, err
	}
	allInts = true
	for _, v := range arguments {
		switch n := v.Data.(type) {
		case int64:
			ints, floats = append(ints, n), append(floats, float64(n))
		case float64:
			floats, allInts = append(floats, n), false
		default:
			return nil, nil, false, wrong(c)
		}
	}
	return floats, ints, allInts, nil
}

// arithmetic is a function of at least so many numbers, applied from the left.
func arithmetic(least int, ofInts func(a, b int64) int64, ofFloats func(a, b float64) float64) Builtin {
	return func(c Call) (any, error) {
		floats, ints, allInts, err := numbers(c, least)
		if err != nil {
			return nil, err
		}
		if len(floats) == 0 || len(floats) == 1 && c.Items[0].Text == "-" {
			// (+) is 0, (*) is 1, (- x) is 0 - x.
			unit := int64(0)
			if c.Items[0].Text == "*" {
				unit = 1
			}
			floats, ints = append([]float64{float64(unit)}, floats...), append([]int64{unit}, ints...)
		}
		if allInts {
			result := ints[0]
			for _, n := range ints[1:] {
				result = ofInts(result, n)
			}
			return result, nil
		}
		result := floats[0]
		for _, n := range floats[1:] {
			result = ofFloats(result, n)
		}
		return result, nil
	}
}

func comparison(holds func(a, b float64) bool) Builtin {
	return func(c Call) (any, error) {
		floats, _, _, err := numbers(c, 1)
		if err != nil {
			return nil, err
		}
		for i := 1; i < len(floats); i++ {
			if !holds(floats[i-1], floats[i]) {
				return false, nil
			}
		}
		return true, nil
	}
}

// divide is / and quot of two whole numbers. If / would return a ratio, it is an error.
func divide(c Call) (any, error) {
	_, ints, allInts, err := numbers(c, 2)
	if err != nil {
		return nil, err
	}
	if len(ints) != 2 || !allInts || ints[1] == 0 || c.Items[0].Text == "/" && ints[0]%ints[1] != 0 {
		return nil, wrong(c)
	}
	return ints[0] / ints[1], nil
}
