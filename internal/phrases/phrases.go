// Package phrases has the phrases that gust's pages, help and messages avoid, each
// with the one that an English-speaking engineer expects. Only tests use it.
package phrases

import (
	"regexp"
	"strings"
)

// Place is a kind of text that people read.
type Place uint8

// The places. A phrase that reads well in one may be odd in another.
const (
	Page    Place = 1 << iota // Markdown
	Help                      // of commands and flags
	Message                   // any other string of the program
)

const everywhere = Page | Help | Message

// avoided are regular expressions, of which a space matches any white space.
var avoided = []struct {
	phrase string
	better string
	places Place
}{
	{"a text", "a string", Page | Help},
	{"texts", "strings", everywhere},
	{"alone", "only, or by itself", Help},
	{"anew", "again, or re-", everywhere},
	{"as ever", "as before", everywhere},
	{"behind", "after", Message | Help},
	{"exit codes?", "exit status", everywhere},
	{"for ever", "forever", everywhere},
	{"goes (before|over)", "takes precedence over", everywhere},
	{"goes by", "follows", everywhere},
	{"goes for", "overrides", everywhere},
	{"hears? of", "is notified of", everywhere},
	{"in the mean", "on average", everywhere},
	{"(is|are|was|were) told|told of", "is notified, or is reported", everywhere},
	{"(is|are) (?-i:none)|(it|that|this|which|and) is no [a-z]+", "unknown, or is not a", Message | Help},
	{"may be repeated", "(repeatable)", Help},
	{"mend(s|ed|ing)?", "fix", everywhere},
	{"nobody|somebody", "who does it, or the passive: not set, unknown", Message | Help},
	{"nobody (asked for|says)|nothing is said", "unexpected, or is not set", Page},
	{"of late", "recently", everywhere},
	{"start(s|ed)? again", "restart", everywhere},
	{"time-out", "timeout", everywhere},
	{"under way", "in flight, or running", everywhere},
	{"went wrong", "the error", everywhere},
	{"[012] where|where all went well", "0 for success, or if", everywhere},
	{"where (all|it|nothing|there)", "if, or when", Help},
	{"who calls", "the caller", everywhere},
	{"whoever", "anyone who, or regardless of who", everywhere},
}

// patterns are the avoided phrases, compiled.
var patterns = func() (patterns []*regexp.Regexp) {
	for _, avoid := range avoided {
		phrase := strings.ReplaceAll(avoid.phrase, " ", `\s+`)
		patterns = append(patterns, regexp.MustCompile(`(?i)\b(?:`+phrase+`)\b`))
	}
	return patterns
}()

// Found is an avoided phrase in a text.
type Found struct {
	Offset int // into the text
	Phrase string
	Better string
}

// Find returns the phrases that a text in such a place should avoid.
func Find(text string, place Place) (found []Found) {
	for i, avoid := range avoided {
		if avoid.places&place == 0 {
			continue
		}
		for _, at := range patterns[i].FindAllStringIndex(text, -1) {
			phrase := strings.Join(strings.Fields(text[at[0]:at[1]]), " ")
			found = append(found, Found{at[0], phrase, avoid.better})
		}
	}
	return found
}
