package conf

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// plainNumber is a decimal number of YAML 1.2. The YAML package reads 010 as eight and 1e3
// as a string, but sparse's reads ten and a thousand.
var plainNumber = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9][0-9_]*(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)

// ParseValue reads a YAML value of the command line into the types of a [Conf], as sparse
// does.
func ParseValue(text string) (any, error) {
	if plain := strings.TrimSpace(text); plainNumber.MatchString(plain) {
		return parseNumber(strings.ReplaceAll(plain, "_", ""))
	}
	value, err := ParseYAML([]byte(text))
	if wrong, ok := errors.AsType[*YAMLError](err); ok {
		return nil, fmt.Errorf("%q is not a YAML value: %s; if a string is meant, put double quotes around it", text, wrong.Reason)
	}
	return value, err
}

// parseNumber reads an integer as int64, or as float64 if it is beyond 64 bits.
func parseNumber(text string) (any, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, fmt.Errorf("the number %s is too large", text)
	}
	return f, nil
}
