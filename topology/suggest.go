package topology

import "fmt"

// DidYouMean is the end of an error about an unknown name: `: did you mean
// "word_spout"?` for the known name that is nearest to word, or nothing where
// none is near enough to be a slip of the hand.
func DidYouMean(word string, known []string) string {
	best, distance := "", len(word)/3+2
	for _, name := range known {
		if d := editDistance(word, name, distance); d < distance {
			best, distance = name, d
		}
	}
	if best == "" || distance >= len([]rune(word)) {
		return ""
	}
	return fmt.Sprintf(": did you mean %q?", best)
}

// editDistance is the Levenshtein distance, counted in letters and without
// regard to case, or limit where it is not less than that.
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

// fold makes the differences that people overlook vanish: case, and "-" for "_".
func fold(r rune) rune {
	switch {
	case r >= 'A' && r <= 'Z':
		return r + 'a' - 'A'
	case r == '-':
		return '_'
	}
	return r
}
