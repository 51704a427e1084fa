package main

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gust/conf"
	"gust/project/lint"
)

// optionList gathers what -o, -w, -a and -d set. They fill one list in the
// order of the command line, as in sparse, so that the last one wins.
type optionList struct {
	conf conf.Conf
}

// assign takes KEY=VALUE.
func (l *optionList) assign(text string) error {
	key, value, ok := strings.Cut(text, "=")
	if !ok || key == "" {
		return errors.New("want KEY=VALUE, such as topology.max.spout.pending=500")
	}
	return l.set(key, value)
}

// set takes a value as YAML, which is how sparse reads it: 5 is a number, '5'
// is a text, [a, b] is a list.
func (l *optionList) set(key, text string) error {
	value, err := parseValue(text)
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	if err := (conf.Conf{key: value}).Check(); err != nil {
		return err
	}
	if l.conf == nil {
		l.conf = conf.Conf{}
	}
	l.conf[key] = value
	return nil
}

// warn warns of the keys that look like Storm's or gust's and are not. They are
// set all the same: a component may read them.
func (l *optionList) warn(c *cli) {
	for _, key := range slices.Sorted(maps.Keys(l.conf)) {
		if unknown, meant := lint.UnknownKey(key); unknown {
			c.Warn("unknown option " + key + meant)
		}
	}
}

// setter is set for one key, as a flag's function.
func (l *optionList) setter(key string) func(string) error {
	return func(text string) error { return l.set(key, text) }
}

// counter is as setter, for a key that takes a whole number of at least the minimum.
func (l *optionList) counter(key string, minimum int) func(string) error {
	return func(text string) error {
		if n, err := strconv.Atoi(text); err != nil || n < minimum {
			return fmt.Errorf("want a whole number, %d or more", minimum)
		}
		return l.set(key, text)
	}
}

// plainNumber is a YAML 1.2 number in decimal. The YAML package reads 010 as
// eight and 1e3 as a text, where sparse's reads ten and a thousand.
var plainNumber = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9][0-9_]*(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)

// parseValue reads a YAML value into the types of a [conf.Conf].
func parseValue(text string) (any, error) {
	if plain := strings.TrimSpace(text); plainNumber.MatchString(plain) {
		return parseNumber(strings.ReplaceAll(plain, "_", ""))
	}
	value, err := conf.ParseYAML([]byte(text))
	if wrong, ok := errors.AsType[*conf.YAMLError](err); ok {
		return nil, fmt.Errorf("%q is not a YAML value: %s; if a string is meant, put double quotes around it", text, wrong.Reason)
	}
	return value, err
}

// parseNumber reads an integer as int64, or as float64 where it is beyond 64 bits.
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
