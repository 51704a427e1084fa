package gust_test

import (
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gust/internal/testenv"
)

var (
	// address finds what a page of the site links to or loads.
	address = regexp.MustCompile(`(?:href|src)="?([^" >]+)`)

	// loaded finds what a browser loads by itself.
	loaded = regexp.MustCompile(`<(?:link[^>]* rel="?(?:stylesheet|icon|preconnect)"?[^>]* href|script[^>]* src|img[^>]* src)="?(https?:[^" >]+)`)

	anchor = regexp.MustCompile(` (?:id|name)="?([^" >]+)`)
)

// mkdocs builds the site and fails for a link to a page or heading that does not exist. The
// site needs nothing from elsewhere, and its own frame has no dead link either.
func TestSite(t *testing.T) {
	python, mkdocs := testenv.Python(t), testenv.Mkdocs(t)
	dir := t.TempDir()
	build := exec.Command(python, "-B", "-m", "mkdocs", "build", "--strict", "--site-dir", dir)
	build.Env = append(os.Environ(), "PYTHONPATH="+mkdocs, "NO_MKDOCS_2_WARNING=1")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("mkdocs: %v\n%s", err, out)
	}
	pages, anchors := map[string]string{}, map[string]bool{} // by path, and path#anchor
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".html" || entry.Name() == "404.html" { // whose links are those of a server
			return err
		}
		text, err := os.ReadFile(path)
		pages[path] = string(text)
		for _, match := range anchor.FindAllStringSubmatch(string(text), -1) {
			anchors[path+"#"+match[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	links := 0
	for path, text := range pages {
		name, _ := filepath.Rel(dir, path)
		for _, match := range loaded.FindAllStringSubmatch(text, -1) {
			t.Errorf("%s loads %s", name, match[1])
		}
		for _, match := range address.FindAllStringSubmatch(text, -1) {
			target, err := url.Parse(strings.ReplaceAll(match[1], "&amp;", "&"))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if target.Scheme != "" || target.Host != "" {
				continue
			}
			links++
			to := path
			if target.Path != "" {
				to = filepath.Join(filepath.Dir(path), target.Path)
			}
			if info, err := os.Stat(to); err == nil && info.IsDir() {
				to = filepath.Join(to, "index.html")
			}
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s links to %s, which does not exist", name, match[1])
			} else if target.Fragment != "" && filepath.Ext(to) == ".html" && !anchors[to+"#"+target.Fragment] && target.Fragment != "__skip" {
				t.Errorf("%s links to %s, which has no such anchor", name, match[1])
			}
		}
	}
	if len(pages) < 60 || links < 2000 {
		t.Errorf("only %d pages with %d links were seen", len(pages), links)
	}
}
