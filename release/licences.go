package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// licenceFile matches the files that a licence asks to keep with the program.
var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)([.-].*)?$|\.LICENSE$`)

// licences are the licences of all that is in gust for a platform but is not gust's own: of Go,
// of the packages that are linked, and of what the web page consists of.
func (r *release) licences(p platform) ([]byte, error) {
	folders, err := r.linkedFolders(p)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "gust %s for %s contains the following, under these licences.\n", r.version, p)
	for _, f := range folders {
		found := false
		entries, err := os.ReadDir(f.dir)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			if entry.IsDir() || !licenceFile.MatchString(entry.Name()) {
				continue
			}
			text, err := os.ReadFile(filepath.Join(f.dir, entry.Name()))
			if err != nil {
				return nil, err
			}
			found = true
			fmt.Fprintf(&b, "\n%s\n%s/%s\n%[1]s\n\n%[4]s\n", strings.Repeat("=", 80), f.name, entry.Name(), bytes.TrimSpace(text))
		}
		if !found && f.must {
			return nil, fmt.Errorf("%s has no licence in %s", f.name, f.dir)
		}
	}
	return b.Bytes(), nil
}

// A linkedFolder is one in which there may be a licence; there must be one at the top of a
// module.
type linkedFolder struct {
	name, dir string
	must      bool
}

// linkedFolders are the folders of Go, of the modules that are linked into gust, and of their
// packages: some contain code of others, with a licence of its own.
func (r *release) linkedFolders(p platform) ([]linkedFolder, error) {
	cmd := exec.Command("go", "list", "-deps", "-f",
		`{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}} {{$.Dir}}{{end}}{{end}}`, "./cmd/gust")
	cmd.Dir, cmd.Env = r.top, p.goEnv()
	out, err := output(cmd)
	if err != nil {
		return nil, err
	}
	byDir := map[string]linkedFolder{}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue // of gust itself, or of Go's library
		}
		if len(words) != 4 {
			return nil, fmt.Errorf("cannot read a line of go list: %q", line)
		}
		module, version, top, dir := words[0], words[1], words[2], words[3]
		for ; strings.HasPrefix(dir, top+"/"); dir = filepath.Dir(dir) {
			byDir[dir] = linkedFolder{module + "@" + version + filepath.ToSlash(dir[len(top):]), dir, false}
		}
		byDir[top] = linkedFolder{module + "@" + version, top, true}
	}
	linked := []linkedFolder{}
	for _, f := range byDir {
		linked = append(linked, f)
	}
	slices.SortFunc(linked, func(a, b linkedFolder) int { return strings.Compare(a.name, b.name) })
	goroot, err := output(exec.Command("go", "env", "GOROOT"))
	if err != nil {
		return nil, err
	}
	return append([]linkedFolder{
		{"go", strings.TrimSpace(string(goroot)), true},
		{"ui/page/static/vendor", filepath.Join(r.top, "ui", "page", "static", "vendor"), true},
	}, linked...), nil
}
