package load

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"unicode"
)

// readProperties reads a file of Java properties (java.util.Properties.load).
func readProperties(file string) (map[string]string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("cannot read the properties: %w", err)
	}
	return parseProperties(string(data)), nil
}

// parseProperties reads lines of the form `key = value`, `key: value` or `key value`. A
// line that ends in a backslash continues in the next; # and ! begin comments. Every file
// is valid: there are no errors.
func parseProperties(text string) map[string]string {
	properties := map[string]string{}
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		line := trimBlank(lines[i])
		if line == "" || line[0] == '#' || line[0] == '!' {
			continue
		}
		for continues(line) && i+1 < len(lines) {
			i++
			line = line[:len(line)-1] + trimBlank(lines[i])
		}
		key, val := cutProperty(line)
		properties[unescapeProperty(key)] = unescapeProperty(val)
	}
	return properties
}

// continues reports whether a line ends in a backslash that is not itself escaped.
func continues(line string) bool {
	backslashes := len(line) - len(strings.TrimRight(line, `\`))
	return backslashes%2 == 1
}

// cutProperty cuts a line after its key: at the first =, : or blank that no backslash
// escapes, and drops the blanks around it.
func cutProperty(line string) (key, val string) {
	end := len(line)
	for i := 0; i < len(line); i++ {
		if line[i] == '\\' {
			i++
		} else if strings.IndexByte("=: \t\f", line[i]) >= 0 {
			end = i
			break
		}
	}
	val = trimBlank(line[end:])
	if val != "" && (val[0] == '=' || val[0] == ':') {
		val = trimBlank(val[1:])
	}
	return line[:end], val
}

// trimBlank removes the blanks before a string; Java keeps those after it.
func trimBlank(s string) string { return strings.TrimLeft(s, " \t\f") }

// unescapeProperty decodes \t, \n, \r, \f and \uXXXX; a backslash before any other
// character is dropped.
func unescapeProperty(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch s[i] {
		case 't':
			b.WriteByte('\t')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 'f':
			b.WriteByte('\f')
		case 'u':
			if r, ok := hexRune(s[i+1:]); ok {
				b.WriteRune(r)
				i += 4
			}
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// hexRune reads the four digits of a \uXXXX.
func hexRune(s string) (rune, bool) {
	if len(s) < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(s[:4], 16, 16)
	if err != nil {
		return unicode.ReplacementChar, false
	}
	return rune(n), true
}
