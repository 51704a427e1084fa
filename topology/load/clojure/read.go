package clojure

import (
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxDepth limits the nesting of forms, so that a file cannot overflow the stack.
const maxDepth = 200

// Read reads all forms of a source. Its errors are [*Error].
func Read(text string) ([]Form, error) {
	r := &reader{text: strings.TrimPrefix(text, "\ufeff"), line: 1}
	var forms []Form
	for {
		form, ok, err := r.next()
		switch {
		case err != nil:
			return nil, err
		case ok:
			forms = append(forms, form)
		case r.pos < len(r.text):
			return nil, errorf(r.here(), "unmatched %q", r.text[r.pos:r.pos+1])
		default:
			return forms, nil
		}
	}
}

// reader reads one source.
type reader struct {
	text  string
	pos   int
	depth int

	line    int // of counted
	counted int // the position up to which lines were counted
}

// here is the line of the position.
func (r *reader) here() int {
	r.line += strings.Count(r.text[r.counted:r.pos], "\n")
	r.counted = r.pos
	return r.line
}

// next reads the next form. ok is false at the end of the source, and before a closing
// bracket.
func (r *reader) next() (form Form, ok bool, err error) {
	if r.depth++; r.depth > maxDepth {
		return Form{}, false, errorf(r.here(), "forms are nested more than %d deep", maxDepth)
	}
	defer func() { r.depth-- }()
	for {
		r.skipBlanks()
		if !r.sees("#_") {
			break
		}
		line := r.here()
		r.pos += len("#_")
		if _, err := r.operand(line, "#_"); err != nil {
			return Form{}, false, err
		}
	}
	if r.pos == len(r.text) || strings.IndexByte(")]}", r.text[r.pos]) >= 0 {
		return Form{}, false, nil
	}
	start, line := r.pos, r.here()
	if form, err = r.form(line); err != nil {
		return Form{}, false, err
	}
	form.Line, form.Source = line, r.text[start:r.pos]
	return form, true, nil
}

// skipBlanks passes over white space, to which commas belong, and comments.
func (r *reader) skipBlanks() {
	for r.pos < len(r.text) {
		letter, size := utf8.DecodeRuneInString(r.text[r.pos:])
		switch {
		case isBlank(letter):
			r.pos += size
		case letter == ';' || r.sees("#!"):
			if end := strings.IndexByte(r.text[r.pos:], '\n'); end >= 0 {
				r.pos += end
			} else {
				r.pos = len(r.text)
			}
		default:
			return
		}
	}
}

func isBlank(r rune) bool { return r == ',' || unicode.IsSpace(r) }

func (r *reader) sees(prefix string) bool { return strings.HasPrefix(r.text[r.pos:], prefix) }

// take skips prefix if it comes next.
func (r *reader) take(prefix string) bool {
	if !r.sees(prefix) {
		return false
	}
	r.pos += len(prefix)
	return true
}

// form reads the form that begins here, on the given line.
func (r *reader) form(line int) (Form, error) {
	switch {
	case r.take("("):
		return r.items(List, line, "(", ')')
	case r.take("["):
		return r.items(Vector, line, "[", ']')
	case r.take("{"):
		form, err := r.items(Map, line, "{", '}')
		if err == nil && len(form.Items)%2 != 0 {
			err = errorf(line, "a map has a key without a value: it holds %d forms", len(form.Items))
		}
		return form, err
	case r.take("#{"):
		return r.items(Set, line, "#{", '}')
	case r.take(`"`):
		return r.string(line)
	case r.take("#^"), r.take("^"):
		// Metadata is advice to the compiler.
		if _, err := r.operand(line, "^"); err != nil {
			return Form{}, err
		}
		return r.operand(line, "^")
	case r.take("#("):
		_, err := r.items(List, line, "#(", ')')
		return Form{Kind: Other}, err
	case r.take(`#"`):
		return Form{Kind: Other}, r.regexp(line)
	case r.take("##"):
		_, err := r.operand(line, "##")
		return Form{Kind: Other}, err
	case r.take("#?@"), r.take("#?"), r.take("#'"), r.take("~@"), r.take("~"), r.take("@"), r.take("`"):
		_, err := r.operand(line, r.text[r.pos-1:r.pos])
		return Form{Kind: Other}, err
	case r.take("'"):
		quoted, err := r.operand(line, "'")
		return Form{Kind: List, Items: []Form{{Kind: Symbol, Text: "quote", Line: line}, quoted}}, err
	case r.take(`\`):
		return r.character()
	case r.take("#"): // a tagged literal, such as #inst "2015"
		if _, err := r.operand(line, "#"); err != nil {
			return Form{}, err
		}
		_, err := r.operand(line, "#")
		return Form{Kind: Other}, err
	}
	return r.token(line)
}

// operand reads the form that belongs to a prefix such as ', which must be there.
func (r *reader) operand(line int, prefix string) (Form, error) {
	form, ok, err := r.next()
	if err == nil && !ok {
		err = errorf(line, "%s has no form after it", prefix)
	}
	return form, err
}

// items reads what stands between brackets.
func (r *reader) items(kind Kind, line int, open string, end byte) (Form, error) {
	form := Form{Kind: kind}
	for {
		item, ok, err := r.next()
		switch {
		case err != nil:
			return Form{}, err
		case ok:
			form.Items = append(form.Items, item)
		case r.pos == len(r.text):
			return Form{}, errorf(line, "%q is never closed", open)
		case r.text[r.pos] != end:
			return Form{}, errorf(r.here(), "%q does not close %q of line %d", r.text[r.pos:r.pos+1], open, line)
		default:
			r.pos++
			return form, nil
		}
	}
}

// string reads a string up to its closing quote.
func (r *reader) string(line int) (Form, error) {
	var b strings.Builder
	for r.pos < len(r.text) {
		c := r.text[r.pos]
		r.pos++
		switch c {
		case '"':
			return Form{Kind: String, Text: b.String()}, nil
		case '\\':
			if err := r.escape(&b); err != nil {
				return Form{}, err
			}
		default:
			b.WriteByte(c)
		}
	}
	return Form{}, errorf(line, "a string is never closed")
}

// escapes are the letters after a backslash in a string, and what they stand for.
var escapes = map[byte]byte{'t': '\t', 'r': '\r', 'n': '\n', 'b': '\b', 'f': '\f', '\\': '\\', '"': '"'}

// escape reads what follows a backslash in a string.
func (r *reader) escape(b *strings.Builder) error {
	if r.pos == len(r.text) {
		return nil // the string is not closed, which is reported
	}
	c := r.text[r.pos]
	if plain, ok := escapes[c]; ok {
		r.pos++
		b.WriteByte(plain)
		return nil
	}
	digits, base := "", 8
	if c == 'u' {
		base = 16
		digits = r.text[r.pos+1 : min(r.pos+5, len(r.text))]
		r.pos++
	} else {
		end := r.pos
		for end < len(r.text) && end < r.pos+3 && '0' <= r.text[end] && r.text[end] <= '7' {
			end++
		}
		digits = r.text[r.pos:end]
	}
	code, err := strconv.ParseUint(digits, base, 16)
	if err != nil || base == 16 && len(digits) < 4 {
		return errorf(r.here(), "invalid escape \\%c in a string", c)
	}
	r.pos += len(digits)
	b.WriteRune(rune(code))
	return nil
}

// regexp passes over a regular expression, in which a backslash is a letter of its own.
func (r *reader) regexp(line int) error {
	for r.pos < len(r.text) {
		switch r.text[r.pos] {
		case '"':
			r.pos++
			return nil
		case '\\':
			r.pos++
		}
		r.pos = min(r.pos+1, len(r.text))
	}
	return errorf(line, "a regular expression is never closed")
}

// character reads a character such as \a or \newline: a string for us.
func (r *reader) character() (Form, error) {
	_, size := utf8.DecodeRuneInString(r.text[r.pos:])
	rest := r.text[r.pos+size:]
	end := strings.IndexFunc(rest, endsToken)
	if end < 0 {
		end = len(rest)
	}
	name := r.text[r.pos : r.pos+size+end]
	r.pos += len(name)
	named := map[string]string{"newline": "\n", "space": " ", "tab": "\t", "return": "\r", "formfeed": "\f", "backspace": "\b"}
	if text, ok := named[name]; ok {
		return Form{Kind: String, Text: text}, nil
	}
	if len(name) > size || name == "" {
		return Form{Kind: Other}, nil
	}
	return Form{Kind: String, Text: name}, nil
}

// endsToken reports whether a letter cannot be part of a symbol, keyword or number.
func endsToken(r rune) bool { return isBlank(r) || strings.ContainsRune("\";^`~()[]{}\\@", r) }

// token reads a symbol, a keyword, a number, or nil, true or false.
func (r *reader) token(line int) (Form, error) {
	rest := r.text[r.pos:]
	end := strings.IndexFunc(rest, endsToken)
	if end < 0 {
		end = len(rest)
	}
	word := rest[:end]
	r.pos += end
	digits := strings.TrimLeft(word, "+-")
	switch {
	case strings.HasPrefix(word, ":"):
		name := strings.TrimLeft(word, ":")
		if name == "" {
			return Form{}, errorf(line, "a keyword has no name")
		}
		return Form{Kind: Keyword, Text: name}, nil
	case len(word)-len(digits) <= 1 && digits != "" && '0' <= digits[0] && digits[0] <= '9':
		return number(word, line)
	}
	switch word {
	case "nil":
		return Form{Kind: Literal}, nil
	case "true", "false":
		return Form{Kind: Literal, Value: word == "true"}, nil
	}
	return Form{Kind: Symbol, Text: word}, nil
}

// number reads a number: 12, -1, 0x1F, 017, 2r101, 3N, 1.5, 1e3, 2.5M. A ratio is Other.
func number(word string, line int) (Form, error) {
	if i, err := integer(strings.TrimSuffix(word, "N")); err == nil {
		return Form{Kind: Literal, Value: i}, nil
	}
	if numerator, denominator, ok := strings.Cut(word, "/"); ok {
		_, err1 := integer(numerator)
		_, err2 := integer(denominator)
		if err1 == nil && err2 == nil {
			return Form{Kind: Other}, nil
		}
	}
	f, err := strconv.ParseFloat(strings.TrimSuffix(word, "M"), 64)
	if err != nil || math.IsInf(f, 0) || strings.ContainsAny(word, "xXpP_") {
		return Form{}, errorf(line, "invalid number %s", word)
	}
	return Form{Kind: Literal, Value: f}, nil
}

func integer(word string) (int64, error) {
	sign, digits := "", strings.TrimLeft(word, "+-")
	if strings.HasPrefix(word, "-") {
		sign = "-"
	}
	if base, rest, ok := strings.Cut(digits, "r"); ok {
		if radix, err := strconv.Atoi(base); err == nil && 2 <= radix && radix <= 36 {
			return strconv.ParseInt(sign+rest, radix, 64)
		}
	}
	lower := strings.ToLower(digits)
	switch {
	case strings.HasPrefix(lower, "0x"):
		return strconv.ParseInt(sign+lower[2:], 16, 64)
	case len(digits) > 1 && digits[0] == '0':
		return strconv.ParseInt(sign+digits[1:], 8, 64)
	}
	return strconv.ParseInt(sign+digits, 10, 64)
}
