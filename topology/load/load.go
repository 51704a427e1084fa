// Package load reads a [topology.Topology] from a user's files: a streamparse project, in
// Python or in Clojure, a Flux YAML file, or a TOML file in gust's own format
// (docs/topology-toml.md).
//
// It checks only the format of a file. [topology.Topology.Validate] checks the topology,
// in the same way for all formats.
package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gust/conf"
	"gust/internal/hint"
	"gust/internal/program"
	"gust/topology"
)

// Request is which topology to load, and how.
type Request struct {
	// Path is a topology file: .py, .clj, .yaml, .yml or .toml. If it is empty, the
	// topology is one of the streamparse project in Dir.
	Path string
	// Dir is the directory that Path and ConfigFile are relative to, and the project's
	// directory if Path is empty. Empty is the working directory.
	Dir string
	// Name chooses one of the project's topologies if Path is empty; otherwise it renames
	// the topology.
	Name string
	// Environment is a name in config.json; it may be empty if there is only one.
	Environment string
	// ConfigFile replaces the project's config.json, unless it is empty. If it is a
	// directory, that is the project's.
	ConfigFile string
	// Python is the interpreter of the project, a path or a name on PATH;
	// empty chooses the one that the project shows.
	Python string
	// Resources is the working directory of the components; empty is the default for the
	// file.
	Resources string
	// Options are the command line's. They override all configurations when the topology
	// runs; here they are the argument of a Clojure topology.
	Options conf.Conf
	// Runs is set if the components will be started, or their classes imported: then
	// streamparse must be installed if they need it.
	Runs bool
	// Filter is a file of Java properties for the ${...} of Flux.
	Filter string
	// Stderr gets the output of a Python topology while it is imported; nil is gust's own
	// stderr.
	Stderr io.Writer
}

// Loaded is a topology, with the project around it.
type Loaded struct {
	// Topology is as its file declares it, not validated. Its Config is the environment's
	// configuration, overridden by the topology's own.
	Topology *topology.Topology
	// Declared is the configuration that the file itself declares, without the environment's.
	Declared map[string]any
	// Project and Environment are those of the config.json. If none was read, Project is
	// nil, and Environment is nil, or without settings for a topology of a streamparse
	// project.
	Project     *conf.Project
	Environment *conf.Environment
	// Python is the project's interpreter, an absolute path; empty if no component is a
	// streamparse class.
	Python string
	// Warnings are sentences about what the user may ignore.
	Warnings []string
}

// Extensions are the extensions of topology files.
var Extensions = []string{".py", ".clj", ".toml", ".yaml", ".yml"}

// Load reads the topology of a request.
//
// Its errors name the file, and the line if the format has lines. They may have a last
// line that starts with "hint: ". The error of a Python topology that raises an exception
// is a [*PythonError].
func Load(ctx context.Context, r Request) (*Loaded, error) {
	r = r.inProject()
	if r.Path == "" {
		return loadFromProject(ctx, r)
	}
	file := r.inDir(r.Path)
	switch strings.ToLower(filepath.Ext(file)) {
	case ".py", ".clj":
		return loadProjectFile(ctx, r, file)
	case ".yaml", ".yml":
		return loadDocument(ctx, r, file, readFlux)
	case ".toml":
		return loadDocument(ctx, r, file, readTOML)
	}
	return nil, unknownForm(r, file)
}

// inProject is the request in the other project whose directory its ConfigFile is, if it is one.
func (r Request) inProject() Request {
	if folder := r.inDir(r.ConfigFile); r.ConfigFile != "" && r.Path == "" && isDir(folder) {
		r.Dir, r.ConfigFile = folder, ""
	}
	return r
}

// loadDocument loads a file that needs no project. It uses an environment only if the
// request names one.
func loadDocument(ctx context.Context, r Request, file string, read func(Request, string, *report) *topology.Topology) (*Loaded, error) {
	if err := isTopologyFile(file); err != nil {
		return nil, err
	}
	loaded := &Loaded{}
	if r.Environment != "" || r.ConfigFile != "" {
		if err := loaded.readConfig(r, r.inDir("config.json")); err != nil {
			return nil, err
		}
	}
	rep := &report{}
	t := read(r, file, rep)
	if err := rep.err(); err != nil {
		return nil, err
	}
	if r.Name != "" {
		t.Name = r.Name
	}
	if t.Name == "" {
		t.Name = strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	}
	t.Source, loaded.Warnings = file, rep.warnings
	h := home{}
	h.dir, h.src = classDirs(file)
	if loaded.Environment != nil {
		h.serializer = loaded.Environment.Serializer
	}
	if err := loaded.finish(ctx, r, t, h); err != nil {
		return nil, err
	}
	return loaded, nil
}

// readConfig reads the config.json that the request names, else the file, and
// chooses the environment.
func (l *Loaded) readConfig(r Request, file string) error {
	if r.ConfigFile != "" {
		file = r.inDir(r.ConfigFile)
	}
	project, err := conf.ReadProject(file)
	if err != nil {
		return err
	}
	environment, err := project.Environment(r.Environment)
	if err != nil {
		return err
	}
	if err := environment.Conf().Check(); err != nil {
		return fmt.Errorf("%s: options of the environment %q: %w", file, environment.Name, err)
	}
	l.Project, l.Environment = project, environment
	return nil
}

// inDir is a path of the request, as seen from gust's working directory.
func (r Request) inDir(path string) string {
	if filepath.IsAbs(path) || r.Dir == "" {
		return path
	}
	return filepath.Join(r.Dir, path)
}

// componentDir is the absolute working directory of the components of a file outside a
// project: as on Storm, the directory resources, if it exists.
func (r Request) componentDir(file string) (string, error) {
	if r.Resources != "" {
		return filepath.Abs(r.inDir(r.Resources))
	}
	beside := filepath.Dir(file)
	if resources := filepath.Join(beside, "resources"); isDir(resources) {
		beside = resources
	}
	return filepath.Abs(beside)
}

// unknownForm is the error for a TOPOLOGY in no known format.
func unknownForm(r Request, file string) error {
	const forms = "a topology is a streamparse file (.py, .clj), a Flux file (.yaml, .yml) or a .toml file"
	switch {
	case isDir(file):
		return fmt.Errorf("%s is a directory: %s; for a streamparse project run %s in its directory", file, forms, program.Name)
	case filepath.Ext(file) == "":
		return hint.With(fmt.Errorf("%s is not a topology file: %s", file, forms), "to choose a topology of this project by name, use -n "+filepath.Base(r.Path))
	}
	return fmt.Errorf("%s: unsupported file type %s: %s", file, filepath.Ext(file), forms)
}

// isFile returns nil if path is a file. A device or a pipe is not, since it may have no
// end.
func isFile(file string) error {
	switch info, err := os.Stat(file); {
	case errors.Is(err, fs.ErrNotExist):
		return &noFileError{file}
	case err != nil:
		return fmt.Errorf("cannot read the topology: %w", err)
	case info.IsDir():
		return fmt.Errorf("%s is a directory, not a topology file", file)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is a device or a pipe, not a topology file", file)
	}
	return nil
}

// isTopologyFile is isFile for a file that the user names, with the remedy.
func isTopologyFile(file string) error {
	err := isFile(file)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	beside := filepath.Dir(file)
	if !isDir(beside) {
		return hint.With(err, fmt.Sprintf("there is no directory %s: paths are relative to the working directory", beside))
	}
	var names []string
	entries, _ := os.ReadDir(beside) // without them there is no name to suggest
	for _, entry := range entries {
		if slices.Contains(Extensions, strings.ToLower(filepath.Ext(entry.Name()))) {
			names = append(names, entry.Name())
		}
	}
	if meant := topology.DidYouMean(filepath.Base(file), names); meant != "" {
		return fmt.Errorf("%w%s", err, meant)
	}
	return hint.With(err, fmt.Sprintf("name a file that exists, or run %s without one in a project's directory", program.Name))
}

// noFileError is a file that does not exist.
type noFileError struct{ file string }

func (e *noFileError) Error() string { return "no topology file " + e.file }
func (e *noFileError) Unwrap() error { return fs.ErrNotExist }

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// absoluteIn is a path that a file names, seen from the file's directory.
func absoluteIn(file, path string) string {
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(file), path)
	}
	if absolute, err := filepath.Abs(path); err == nil {
		return absolute
	}
	return path
}
