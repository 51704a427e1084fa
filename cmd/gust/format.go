package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"gust/topology"
)

// checkFormat is an error for a format that is given and unknown.
func checkFormat(format string, known []string) error {
	if format == "" || slices.Contains(known, format) {
		return nil
	}
	return fmt.Errorf("unknown format %q (want %s)%s", format, strings.Join(known, ", "), topology.DidYouMean(format, known))
}

// formatOf is the format that a file's name ends with, as in "wordcount.svg".
func formatOf(file string) string {
	return strings.ToLower(strings.TrimPrefix(filepath.Ext(file), "."))
}
