package gust_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// link finds the target of a Markdown link.
var link = regexp.MustCompile(`\]\(([^)#\s]+)[^)]*\)`)

// A link from one of our pages to another must lead somewhere.
func TestLinksLeadSomewhere(t *testing.T) {
	eachFile(t, ".md", func(name string) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range link.FindAllStringSubmatch(string(text), -1) {
			target := match[1]
			if strings.Contains(target, "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(name), target)); err != nil {
				t.Errorf("%s links to %s, which does not exist", name, target)
			}
		}
	})
}
