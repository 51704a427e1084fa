// Package quickstart makes new projects that run at once: a streamparse project, or
// a Flux or TOML topology with components in one of several languages, and the whole
// protocol in one file of that language.
package quickstart

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"

	examples "gust/python-examples"
)

// Form is the format of a project's topology.
type Form string

// The forms.
const (
	Streamparse Form = "streamparse" // a Python class, as streamparse's own quickstart makes it
	Flux        Form = "flux"        // Storm's YAML
	TOML        Form = "toml"        // gust's own
)

// Options choose a project.
type Options struct {
	// Dir is the directory to make. Its last element names the project.
	Dir string
	// Form is the topology's; empty is Streamparse for Python and TOML for
	// every other language.
	Form Form
	// Language is one of [Languages]; empty is python.
	Language string
}

// Project is a new project.
type Project struct {
	// Name is the project's, and Dir its directory.
	Name string `json:"name"`
	Dir  string `json:"dir"`
	// Topology is the topology's file within Dir, as the argument of `gust run`; it is
	// empty for a streamparse project, which `gust run` finds itself.
	Topology string `json:"topology,omitempty"`
	// Program is the program that starts the components, such as "node".
	Program string `json:"program"`
	// Files are the project's files within Dir, with slashes.
	Files []string `json:"files"`
}

// templates has a folder for each form and each language, and one, programs, for
// what all projects of programs share. A file that ends in .tmpl is filled in; all
// others are copied. What a project has in common with one of the examples comes
// from [examples.Files].
//
//go:embed all:templates
var templates embed.FS

// nameForm matches the valid names of projects: those that a Go module and a Lein
// project may have, and that need no quotes in a shell.
var nameForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

// Make makes a project in a directory that does not exist or is empty. It overwrites
// no file.
func Make(o Options) (*Project, error) {
	d, parts, err := plan(&o)
	if err != nil {
		return nil, err
	}
	if err := vacant(o.Dir); err != nil {
		return nil, err
	}
	p := &Project{Name: d.Name, Dir: o.Dir, Topology: d.File, Program: d.command[0]}
	for _, part := range parts {
		if err := p.copy(part, d); err != nil {
			return nil, fmt.Errorf("cannot make the project %s: %w", p.Name, err)
		}
	}
	slices.Sort(p.Files)
	return p, nil
}

// plan completes the options, and returns the folders whose files make such a project.
func plan(o *Options) (data, []fs.FS, error) {
	absolute, err := filepath.Abs(o.Dir)
	if err != nil {
		return data{}, nil, err
	}
	name := filepath.Base(absolute)
	if !nameForm.MatchString(name) {
		return data{}, nil, fmt.Errorf("invalid project name %q (want a letter, then letters, digits, - and _)", name)
	}
	if o.Language == "" {
		o.Language = python
	}
	language, ok := languages[o.Language]
	if !ok {
		return data{}, nil, fmt.Errorf("unknown language %q (want %s)", o.Language, strings.Join(Languages(), ", "))
	}
	if o.Form == "" && o.Language != python {
		o.Form = TOML
	}
	d := data{Name: name, Language: o.Language, language: language}
	switch o.Form {
	case "", Streamparse:
		if o.Language != python {
			return d, nil, fmt.Errorf("a streamparse project is in Python: for %s use the form %s or %s", o.Language, TOML, Flux)
		}
		return d, []fs.FS{folder(templates, "templates/streamparse"), folder(examples.Files, "wordcount")}, nil
	case Flux:
		d.File = "topology.yaml"
	case TOML:
		d.File = "topology.toml"
	default:
		return d, nil, fmt.Errorf("unknown project form %q (want %s, %s or %s)", o.Form, Streamparse, Flux, TOML)
	}
	var parts []fs.FS
	for _, name := range []string{"programs", string(o.Form), o.Language} {
		parts = append(parts, folder(templates, "templates/"+name))
	}
	if language.example != "" {
		parts = append(parts, folder(examples.Files, language.example))
	}
	return d, parts, nil
}

// folder is a folder of an embedded file system.
func folder(files embed.FS, name string) fs.FS {
	below, err := fs.Sub(files, name)
	if err != nil {
		panic(err) // an invalid name
	}
	return below
}

// vacant returns an error if no project can be made in dir.
func vacant(dir string) error {
	switch entries, err := os.ReadDir(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("cannot make a project in %s: %w", dir, err)
	case len(entries) > 0:
		return fmt.Errorf("%s exists and is not empty: nothing was changed", dir)
	}
	return nil
}

// copy writes one of the project's parts.
func (p *Project) copy(part fs.FS, d data) error {
	return fs.WalkDir(part, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(part, name)
		if err != nil {
			return err
		}
		file, isTemplate := strings.CutSuffix(name, ".tmpl")
		if isTemplate {
			if text, err = d.fill(name, text); err != nil {
				return err
			}
		}
		if file == "gitignore" {
			file = ".gitignore" // under this name it would apply to the templates
		}
		p.Files = append(p.Files, file)
		file = filepath.Join(p.Dir, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			return err
		}
		return os.WriteFile(file, text, 0o666)
	})
}

// fill fills a template in.
func (d data) fill(name string, text []byte) ([]byte, error) {
	t, err := template.New(name).Parse(string(text))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, d); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
