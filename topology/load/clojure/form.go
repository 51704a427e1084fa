// Package clojure reads Clojure source, and evaluates the part of the language that
// topology files use: literals, definitions, let, if, calls of functions in the file, and
// a few functions of clojure.core. The caller adds others, each a [Builtin]. Java, macros
// and laziness are unsupported: an expression that needs them is an error, with its line,
// but only when its value is needed.
package clojure

import (
	"fmt"
	"strings"
)

// Kind is the kind of a form.
type Kind uint8

// The kinds of forms.
const (
	// Literal is nil, true, false or a number: the form's Value.
	Literal Kind = iota
	// String is a string in the form's Text.
	String
	// Keyword is a keyword in the form's Text, without the colon.
	Keyword
	// Symbol is a name in the form's Text.
	Symbol
	// List is (...): the form's Items.
	List
	// Vector is [...].
	Vector
	// Map is {...}, keys and values in turn.
	Map
	// Set is #{...}.
	Set
	// Other is syntax that only a Clojure compiler understands: #(...), @x, `x, a regular
	// expression. It can be read, but not evaluated.
	Other
)

// Form is a piece of source.
type Form struct {
	Kind Kind
	// Line is the form's first line, from 1.
	Line int
	// Text is set for String, Keyword and Symbol.
	Text string
	// Value belongs to Literal: nil, a bool, int64 or float64.
	Value any
	// Items belong to List, Vector, Map and Set.
	Items []Form
	// Source is the form's source.
	Source string
}

// is reports whether the form is that symbol.
func (f Form) is(symbol string) bool { return f.Kind == Symbol && f.Text == symbol }

// head is the first symbol of a list, or "".
func (f Form) head() string {
	if f.Kind != List || len(f.Items) == 0 || f.Items[0].Kind != Symbol {
		return ""
	}
	return f.Items[0].Text
}

// excerptLength is how much of a form an error shows, in letters.
const excerptLength = 60

// Excerpt is the form's source on one line, shortened.
func (f Form) Excerpt() string {
	text := strings.Join(strings.Fields(f.Source), " ")
	if letters := []rune(text); len(letters) > excerptLength {
		text = string(letters[:excerptLength-3]) + "..."
	}
	return text
}

// Error is an error in a line of a file.
type Error struct {
	Line int
	Text string
	// Code is set if a Clojure compiler might accept it.
	Code bool
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Text) }

func errorf(line int, format string, args ...any) error {
	return &Error{Line: line, Text: fmt.Sprintf(format, args...)}
}
