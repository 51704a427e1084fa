package lint

import (
	_ "embed"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"

	"gust/conf"
	"gust/topology"
)

// stormKeys lists Storm's keys with the kinds of their values.
//
//go:embed keys.txt
var stormKeys string

// ourKeys are gust's own keys, and those that streamparse and pystorm read.
const ourKeys = `
gust.spout.max.next.ahead int>0
gust.spout.activate bool
gust.crash.loop.count int>=0
gust.crash.loop.secs number>=0
gust.drain.secs number>=0
gust.max.message.bytes int>0
gust.queue.bytes int>0
gust.packs int>=0
gust.breakpoints bool
gust.failures.values bool
gust.max.attempts int>=0
gust.odd.values bool
gust.trace.percent number>=0
gust.peer.silence.secs number>0
gust.runner text
gust.workers bool
pystorm.log.path text
pystorm.log.file text
pystorm.log.max_bytes int>0
pystorm.log.backup_count int>=0
pystorm.log.level text
pystorm.log.format text
topology.original_name text
topology.python.path text
storm.workers.list any
`

// knownKeys maps every known key to the kind of its value.
var knownKeys = sync.OnceValue(func() map[string]string {
	known := map[string]string{}
	for line := range strings.Lines(stormKeys + ourKeys) {
		if key, kind, ok := strings.Cut(strings.TrimSpace(line), " "); ok && key != "#" {
			known[key] = kind
		}
	}
	return known
})

// guarded are prefixes of Storm's and gust's keys: an unknown key with one of them is a
// mistake. Any other key may be the user's own.
var guarded = []string{"topology", "gust", "pystorm"}

// keys checks the command line's options, and the configuration of the topology and of
// each component.
func (l *linter) keys(options conf.Conf) {
	l.keysOf("", "the command line", options)
	l.keysOf("", fmt.Sprintf("the configuration of topology %q", l.topology.Name), l.topology.Config)
	for _, c := range l.topology.Components {
		l.keysOf(c.Name, "the configuration of "+quoted(c), c.Config)
	}
}

func (l *linter) keysOf(component, where string, c conf.Conf) {
	wrong := func(text string) {
		l.add(Finding{Severity: Error, Rule: RuleKey, Component: component, Text: text})
	}
	for _, key := range slices.Sorted(maps.Keys(c)) {
		kind, known := knownKeys()[key]
		if !known {
			if unknown, meant := UnknownKey(key); unknown {
				l.add(Finding{
					Severity: Warning, Rule: RuleKey, Component: component,
					Text: where + " has " + key + ", which is not a key of Storm's or gust's" + meant,
				})
			}
			continue
		}
		if value := c[key]; value != nil && !takes(kind, value) {
			wrong(fmt.Sprintf("%s has %s, which must be %s, not %#v", where, key, kindNames[kind], value))
		} else if err := (conf.Conf{key: value}).Check(); err != nil {
			wrong(fmt.Sprintf("%s: %v", where, err))
		}
	}
}

// UnknownKey reports whether a key looks like one of Storm's or gust's but is not: any
// other key may be the user's own. meant is empty, or ends a sentence about the key with
// a suggestion, such as `: did you mean "topology.debug"?`.
func UnknownKey(key string) (unknown bool, meant string) {
	first, rest, dotted := strings.Cut(key, ".")
	if _, known := knownKeys()[key]; known || !dotted {
		return false, ""
	}
	if slices.Contains(guarded, first) {
		return true, topology.DidYouMean(key, slices.Collect(maps.Keys(knownKeys())))
	}
	for _, beginning := range append(guarded, "supervisor", "storm", "worker") {
		meant := beginning + "." + rest
		if _, ok := knownKeys()[meant]; ok && topology.DidYouMean(first, []string{beginning}) != "" {
			return true, fmt.Sprintf(": did you mean %q?", meant)
		}
	}
	return false, ""
}

// kindNames are the names of the kinds of values.
var kindNames = map[string]string{
	"bool":     "true or false",
	"int":      "a whole number",
	"int>0":    "a whole number above 0",
	"int>=0":   "a whole number, 0 or more",
	"number":   "a number",
	"number>0": "a number above 0", "number>=0": "a number, 0 or more",
	"text":  "a string",
	"texts": "a string or a list of strings",
	"list":  "a list",
	"map":   "a map",
	"any":   "anything",
}

// takes reports whether a value has the kind of a key.
func takes(kind string, value any) bool {
	name, bound, _ := strings.Cut(kind, ">")
	switch name {
	case "any":
		return true
	case "bool":
		_, err := conf.Conf{"": value}.Bool("", false) // takes "true", as gust does
		return err == nil
	case "int", "number":
		n, ok := number(value)
		return ok && (name == "number" || n == math.Trunc(n)) && (kind == name || n > 0 || bound == "=0" && n == 0)
	}
	switch value := value.(type) {
	case string:
		return name == "text" || name == "texts"
	case []any:
		return name == "list" || name == "texts" && !slices.ContainsFunc(value, func(v any) bool { _, ok := v.(string); return !ok })
	case map[string]any:
		return name == "map"
	}
	return false
}

func number(value any) (float64, bool) {
	switch n := value.(type) {
	case int:
		return float64(n), true
	case int64:
		return float64(n), true
	case float64:
		return n, !math.IsNaN(n)
	}
	return 0, false
}
