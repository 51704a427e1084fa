// Package program has the name by which the user invoked this program, and its build.
package program

import (
	"os"
	"path/filepath"
	"strings"
)

// Name is the word that runs this program, for hints: "sparse" if it was invoked by that
// name, else "gust".
var Name = named(os.Args[0])

// named is "sparse" for a link or a copy of that name, so that hands and scripts that
// know streamparse's command find it in the help and in the errors.
func named(argv0 string) string {
	if strings.TrimSuffix(filepath.Base(argv0), ".exe") == "sparse" {
		return "sparse"
	}
	return "gust"
}
