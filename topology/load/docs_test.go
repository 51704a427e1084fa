package load

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gust/internal/testenv"
)

// Everything in docs/topology-toml.md must load. An excerpt gets the rest of a component
// around it.
func TestDocumentedTOML(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "topology-toml.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(page), "```toml\n")[1:]
	if len(blocks) < 8 {
		t.Fatalf("%d examples, want the page's", len(blocks))
	}
	complete := 0
	for _, block := range blocks {
		text, _, _ := strings.Cut(block, "```")
		first, _, _ := strings.Cut(text, "\n")
		t.Run(first, func(t *testing.T) {
			if strings.HasPrefix(text, "outputs") || strings.HasPrefix(text, "inputs") {
				text = "[bolts.x]\ncommand = 'x'\n" + text
			}
			for _, bolt := range []string{"split", "count"} {
				if strings.Contains(text, "[bolts."+bolt+".") && !strings.Contains(text, "[bolts."+bolt+"]") {
					text = "[bolts." + bolt + "]\ncommand = 'x'\n" + text
				}
			}
			dir := testenv.Files(t, map[string]string{"t.toml": text})
			loaded := load(t, Request{Dir: dir, Path: "t.toml"})
			if strings.HasPrefix(text, "name") {
				complete++
				if err := loaded.Topology.Validate(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	if complete != 3 {
		t.Errorf("%d complete examples, want 3", complete)
	}
}
