package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// nfpm makes packages. It is run as a program, so that gust does not depend on its modules.
const nfpm = "github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2"

// formats are the kinds of packages.
var formats = []struct {
	name string // nfpm's
	// The places of files by the distributions' rules, where these differ from ours.
	moved map[string]string
}{
	{"deb", map[string]string{
		"share/zsh/site-functions/_gust": "share/zsh/vendor-completions/_gust",
		"share/doc/gust/LICENSE":         "share/doc/gust/copyright",
	}},
	{"rpm", map[string]string{
		"share/doc/gust/LICENSE": "share/licenses/gust/LICENSE",
	}},
}

// makePackages makes the packages for a platform.
func (r *release) makePackages(p platform, files []file) error {
	for _, format := range formats {
		stage := filepath.Join(r.work, p.String(), format.name)
		var contents []any
		for _, f := range sorted(files) {
			if moved, ok := format.moved[f.path]; ok {
				f.path = moved
			}
			if strings.HasPrefix(f.path, "share/man/") {
				compressed, err := compress(f.data)
				if err != nil {
					return err
				}
				f.path, f.data = f.path+".gz", compressed
			}
			source := filepath.Join(stage, filepath.FromSlash(f.path))
			if err := writeFile(source, f.data); err != nil {
				return err
			}
			contents = append(contents, map[string]any{
				"src": source, "dst": "/usr/" + f.path,
				"file_info": map[string]any{"mode": f.mode, "owner": "root", "group": "root", "mtime": r.time.Format(time.RFC3339)},
			})
		}
		if err := r.makePackage(p, format.name, contents); err != nil {
			return err
		}
	}
	return nil
}

// makePackage makes one package with nfpm. Its configuration is YAML, which JSON is, too.
func (r *release) makePackage(p platform, format string, contents []any) error {
	about := description
	if format == "deb" {
		about = summary + "\n" + description // Debian's first line is the summary
	}
	config, err := json.Marshal(map[string]any{
		"name":        "gust",
		"arch":        p.arch,
		"platform":    p.os,
		"version":     r.version,
		"section":     "utils",
		"priority":    "optional",
		"maintainer":  "The maintainers of gust",
		"description": about,
		"license":     licence,
		"mtime":       r.time.Format(time.RFC3339),
		"contents":    contents,
		"recommends":  []string{"python3"}, // only components in Python need it
		"rpm":         map[string]any{"summary": summary, "buildhost": "localhost", "compression": "zstd"},
		"overrides":   map[string]any{"deb": map[string]any{"recommends": []string{"python3", "python3-venv"}}},
	})
	if err != nil {
		return err
	}
	file := filepath.Join(r.work, p.String(), format+".json")
	if err := writeFile(file, config); err != nil {
		return err
	}
	cmd := exec.Command("go", "run", nfpm, "package", "--config", file, "--packager", format, "--target", r.out+"/")
	cmd.Env = append(os.Environ(), "GOFLAGS=", r.epoch())
	cmd.Dir = r.work // outside gust's module, whose requirements do not apply
	out, err := output(cmd)
	if err != nil {
		return err
	}
	say("  %s", filepath.Base(strings.TrimSpace(string(out))))
	return nil
}

// writeFile writes a file and makes the folders that it is in.
func writeFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		return fmt.Errorf("cannot stage a file: %w", err)
	}
	return nil
}
