// Package clojure reads Clojure source text, and evaluates the plain part of the
// language that topology files are written in: literals, definitions, let, if,
// calls of functions that the file defines, and a few functions of clojure.core.
// What else a file may call is for the caller to say, as a [Builtin]. Java, macros
// and everything lazy are left out: an expression that needs them is an error,
// with its line, once its value is asked for and not before.
package clojure

import (
	"fmt"
	"strings"
)

// Kind says what a form is.
type Kind uint8

// The kinds of forms.
const (
	// Literal is nil, true, false or a number: the form's Value.
	Literal Kind = iota
	// String is a string: the form's Text.
	String
	// Keyword is a keyword: the form's Text, without the colon.
	Keyword
	// Symbol is a name: the form's Text.
	Symbol
	// List is (...): the form's Items.
	List
	// Vector is [...].
	Vector
	// Map is {...}, keys and values in turn.
	Map
	// Set is #{...}.
	Set
	// Other is what only a Clojure compiler makes something of: #(...), @x, `x, a
	// regular expression. It can be read past, and not evaluated.
	Other
)

// Form is a piece of source text that was read.
type Form struct {
	Kind Kind
	// Line is the one that the form begins in, from 1.
	Line int
	// Text belongs to String, Keyword and Symbol.
	Text string
	// Value belongs to Literal: nil, a bool, int64 or float64.
	Value any
	// Items belong to List, Vector, Map and Set.
	Items []Form
	// Source is the form as it is written.
	Source string
}

// is reports whether the form is that symbol.
func (f Form) is(symbol string) bool { return f.Kind == Symbol && f.Text == symbol }

// head is the symbol that a list begins with, or "".
func (f Form) head() string {
	if f.Kind != List || len(f.Items) == 0 || f.Items[0].Kind != Symbol {
		return ""
	}
	return f.Items[0].Text
}

// excerptLength is how much of a form an error shows, in letters.
const excerptLength = 60

// Excerpt is the form as it is written, on one line and not too long.
func (f Form) Excerpt() string {
	text := strings.Join(strings.Fields(f.Source), " ")
	if letters := []rune(text); len(letters) > excerptLength {
		text = string(letters[:excerptLength-3]) + "..."
	}
	return text
}

// Error is what is wrong in a line of a file.
type Error struct {
	Line int
	Text string
	// Code is set where a Clojure compiler could go on.
	Code bool
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Text) }

func errorf(line int, format string, args ...any) error {
	return &Error{Line: line, Text: fmt.Sprintf(format, args...)}
}
