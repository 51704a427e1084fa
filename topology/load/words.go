package load

import (
	"errors"
	"strings"
)

// splitWords splits a command line into words as a POSIX shell does: at blanks, with
// quotes and backslashes to keep them. It has nothing else of a shell; $, * and ~ are
// ordinary characters.
func splitWords(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	inWord := false // so that '' is a word
	end := func() {
		if inWord {
			words = append(words, word.String())
		}
		word.Reset()
		inWord = false
	}
	for i := 0; i < len(line); i++ {
		switch c := line[i]; c {
		case ' ', '\t', '\n', '\r':
			end()
		case '\'', '"':
			inside, rest, closed := quotedText(line[i+1:], c)
			if !closed {
				return nil, errors.New("a quote is not closed")
			}
			word.WriteString(inside)
			inWord = true
			i = len(line) - len(rest) - 1
		case '\\':
			if i++; i == len(line) {
				return nil, errors.New("nothing follows the last backslash")
			}
			word.WriteByte(line[i])
			inWord = true
		default:
			word.WriteByte(c)
			inWord = true
		}
	}
	end()
	if len(words) == 0 {
		return nil, errors.New("it is empty")
	}
	return words, nil
}

// quotedText reads up to the closing quote. Within double quotes, a backslash escapes a
// quote and itself; within single quotes, it is an ordinary character.
func quotedText(s string, quote byte) (inside, rest string, closed bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == quote:
			return b.String(), s[i+1:], true
		case s[i] == '\\' && quote == '"' && i+1 < len(s) && strings.IndexByte("\"\\$`", s[i+1]) >= 0:
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", false
}
