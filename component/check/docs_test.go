package check_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gust/component/check"
	"gust/internal/testenv"
)

// The documentation has each rule, in its section and with its severity.
func TestDocumentation(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(testenv.Top(t), "docs", "check.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range check.Rules() {
		_, section, ok := strings.Cut(string(text), "\n### "+rule.Doc+"\n")
		if !ok {
			t.Errorf("%s: there is no section %q", rule.ID, rule.Doc)
			continue
		}
		section, _, _ = strings.Cut(section, "\n##")
		if !strings.Contains(section, fmt.Sprintf("\n| `%s` | %s | ", rule.ID, rule.Severity)) {
			t.Errorf("%s: the section %q has no row for it as %s", rule.ID, rule.Doc, rule.Severity)
		}
	}
}
