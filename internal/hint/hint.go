// Package hint joins an error with its remedy. In an error's text the remedy is a
// line of its own at the end, which begins with [Prefix].
package hint

import (
	"errors"
	"strings"
	"unicode"
)

// Prefix is what a line with a remedy begins with.
const Prefix = "hint: "

// Error is an error with its remedy.
type Error struct {
	Err error
	// Hint says what to do about it.
	Hint string
}

func (e *Error) Error() string { return Join(e.Err.Error(), e.Hint) }
func (e *Error) Unwrap() error { return e.Err }

// With is err with a remedy.
func With(err error, hint string) error { return &Error{err, hint} }

// New is an error with a remedy.
func New(text, hint string) error { return With(errors.New(text), hint) }

// Join puts a hint on a line of its own after a text. The hint may be empty.
func Join(text, hint string) string {
	if hint == "" {
		return text
	}
	return text + "\n" + Prefix + hint
}

// Text is an error as it is printed: the details are indented below the first
// line, unless they are already. Hints stay at the left, where the eye looks for
// what to do.
func Text(err error) string {
	first, rest, _ := strings.Cut(strings.TrimRight(err.Error(), "\n"), "\n")
	var details []string
	margin := ""
	for line := range strings.Lines(rest) {
		line = strings.TrimRight(line, "\n")
		if hint := strings.TrimLeft(line, " \t"); strings.HasPrefix(hint, Prefix) {
			line = hint
		} else if line != "" && line[0] != ' ' {
			margin = "    "
		}
		details = append(details, line)
	}
	var text strings.Builder
	text.WriteString(first)
	for _, line := range details {
		text.WriteByte('\n')
		if line != "" && !strings.HasPrefix(line, Prefix) {
			text.WriteString(margin)
		}
		text.WriteString(line)
	}
	return text.String()
}

// Plain is the text of a stranger as one line that a terminal can show.
func Plain(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
