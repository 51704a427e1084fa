package load

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gust/conf"
	"gust/topology"
)

// configName is the file that makes a directory a streamparse project.
const configName = "config.json"

// loadFromProject loads one of the topologies of the streamparse project in
// the request's directory, as `sparse` finds it.
func loadFromProject(ctx context.Context, r Request) (*Loaded, error) {
	dir := r.Dir
	if dir == "" {
		dir = "."
	}
	file := filepath.Join(dir, configName)
	if r.ConfigFile == "" && !exists(file) {
		return nil, noProject(dir)
	}
	loaded := &Loaded{}
	if err := loaded.readConfig(r, file); err != nil {
		return nil, err
	}
	specs := loaded.Project.TopologySpecs
	if !filepath.IsAbs(specs) {
		specs = filepath.Join(dir, specs)
	}
	spec, err := findSpec(specs, r.Name)
	if err != nil {
		return nil, err
	}
	name := r.Name
	if name == "" {
		name = moduleName(spec)
	}
	return loadStreamparse(ctx, r, loaded, pythonTopology{name: name, file: spec, dir: dir})
}

// noProject is the error for a directory without a config.json.
func noProject(dir string) error {
	hint := "run gust in the project's directory, or name a topology file (.py, .yaml or .toml)"
	if above := ProjectAbove(dir); above != "" {
		hint = fmt.Sprintf("the project is in %s: run gust there (cd %s)", above, above)
	}
	return fmt.Errorf("no %s in %s, so this is no streamparse project\nhint: %s", configName, describeDir(dir), hint)
}

// ProjectAbove is the streamparse project that a directory belongs to, relative
// to the directory, or empty. A config.json may be any program's: one of streamparse's
// names environments, or where the topologies are.
func ProjectAbove(dir string) string {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	above, found := projectAbove(absolute)
	if !found {
		return ""
	}
	project, err := conf.ReadProject(filepath.Join(above, configName))
	if err != nil || project.Settings["envs"] == nil && project.Settings["topology_specs"] == nil {
		return ""
	}
	relative, err := filepath.Rel(absolute, above)
	if err != nil {
		return above
	}
	return relative
}

// loadPythonFile loads a Python topology that is named by its path. Its
// project is the next directory above it that holds a config.json; without
// one the directory above the file's, as streamparse lays projects out, and
// then there is no environment.
func loadPythonFile(ctx context.Context, r Request, file string) (*Loaded, error) {
	if err := isFile(file); err != nil {
		return nil, err
	}
	absolute, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	loaded := &Loaded{Environment: &conf.Environment{}}
	dir, found := projectAbove(absolute)
	if found || r.ConfigFile != "" || r.Environment != "" {
		if err := loaded.readConfig(r, filepath.Join(dir, configName)); err != nil {
			return nil, err
		}
	}
	name := r.Name
	if name == "" {
		name = moduleName(file)
	}
	return loadStreamparse(ctx, r, loaded, pythonTopology{name: name, file: file, dir: dir})
}

// projectAbove returns the directory above file that holds a config.json, or
// the directory above the file's own.
func projectAbove(file string) (dir string, found bool) {
	specs := filepath.Dir(file)
	for dir := specs; ; dir = filepath.Dir(dir) {
		if exists(filepath.Join(dir, configName)) {
			return dir, true
		}
		if dir == filepath.Dir(dir) {
			return filepath.Dir(specs), false
		}
	}
}

// findSpec returns the file of the topology of that name, or where name is
// empty the only topology of the directory.
func findSpec(specs, name string) (string, error) {
	names, err := specNames(specs)
	if err != nil {
		return "", err
	}
	switch {
	case name != "" && exists(filepath.Join(specs, name+".py")):
		return filepath.Join(specs, name+".py"), nil
	case len(names) == 0:
		return "", fmt.Errorf("no topologies in %s: it holds no .py file", specs)
	case name != "":
		return "", fmt.Errorf("no topology %q in %s, which has %s%s",
			name, specs, strings.Join(names, ", "), topology.DidYouMean(name, names))
	case len(names) > 1:
		return "", fmt.Errorf("several topologies in %s: %s\nhint: choose one with `gust run -n %s` or `gust run %s`",
			specs, strings.Join(names, ", "), names[0], filepath.Join(specs, names[0]+".py"))
	}
	return filepath.Join(specs, names[0]+".py"), nil
}

// specNames lists the topologies of a directory by name. A package's
// __init__.py is none.
func specNames(specs string) ([]string, error) {
	entries, err := os.ReadDir(specs)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no directory %s for the topologies: create it, or set topology_specs in %s", specs, configName)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot list the topologies: %w", err)
	}
	var names []string
	for _, entry := range entries {
		name, isPython := strings.CutSuffix(entry.Name(), ".py")
		if isPython && name != "__init__" && !strings.HasPrefix(name, ".") && !entry.IsDir() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// moduleName is the name of a Python file without its directory and suffix.
func moduleName(file string) string {
	return strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// describeDir names a directory for a message: a dot says little.
func describeDir(dir string) string {
	if filepath.Clean(dir) == "." {
		return "this directory"
	}
	return dir
}
