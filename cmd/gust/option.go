package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gust/conf"
	"gust/project/lint"
)

// optionList has the keys that -o, -w, -a and -d set. As in sparse, they share one list in
// the order of the command line, so that the last one wins.
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

// set takes a value as YAML, as sparse does: 5 is a number, '5' is a string, [a, b] is a
// list.
func (l *optionList) set(key, text string) error {
	value, err := conf.ParseValue(text)
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

// warn warns about keys that look like Storm's or gust's but are not. They are set
// nevertheless, because a component may read them.
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

// counter is setter for a key whose value is a whole number of at least the minimum.
func (l *optionList) counter(key string, minimum int) func(string) error {
	return func(text string) error {
		if n, err := strconv.Atoi(text); err != nil || n < minimum {
			return fmt.Errorf("want a whole number, %d or more", minimum)
		}
		return l.set(key, text)
	}
}
