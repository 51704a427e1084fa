package topology

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// DidYouMean is the end of an error about an unknown name: `: did you mean "word_spout"?`
// for the known name that is nearest to word, or that begins with word; empty if none is
// near enough to be a typing mistake.
func DidYouMean(word string, known []string) string {
	if best := nearest(word, known); best != "" {
		return fmt.Sprintf(": did you mean %q?", best)
	}
	return ""
}

// UnknownComponent is the error for a component that the topology of that name does not
// have. known are those that it has.
func UnknownComponent(topology, component string, known []string) error {
	return fmt.Errorf("topology %q has no component %q%s", topology, component, DidYouMean(component, known))
}

func nearest(word string, known []string) string {
	// One mistake in a short word, one in three letters in a long one. Two letters in the
	// wrong order count as two.
	letters := utf8.RuneCountInString(word)
	best, distance := "", 1+max(min(letters/2, 2), letters/3)
	for _, name := range known {
		if d := editDistance(word, name, distance); d < distance {
			best, distance = name, d
		}
	}
	if best != "" {
		return best
	}
	for _, name := range known {
		if len(word) > 2 && strings.HasPrefix(name, word) {
			return name
		}
	}
	return ""
}

// editDistance is the Levenshtein distance in letters, regardless of case, or limit if it
// is not less.
func editDistance(a, b string, limit int) int {
	from, to := []rune(a), []rune(b)
	if len(from)-len(to) >= limit || len(to)-len(from) >= limit {
		return limit
	}
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j, s := range to {
			substitute := diagonal
			if fold(r) != fold(s) {
				substitute++
			}
			diagonal = row[j+1]
			row[j+1] = min(substitute, row[j]+1, row[j+1]+1)
		}
	}
	return min(row[len(to)], limit)
}

// fold removes the differences that people overlook: case, and "-" for "_".
func fold(r rune) rune {
	switch {
	case r >= 'A' && r <= 'Z':
		return r + 'a' - 'A'
	case r == '-':
		return '_'
	}
	return r
}
