package load

import (
	"cmp"
	"context"
	"errors"
	"fmt"
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

// configName is the file that makes a directory a streamparse project.
const configName = "config.json"

// loadFromProject loads one of the topologies of the streamparse project in
// the request's directory, as `sparse` finds it.
func loadFromProject(ctx context.Context, r Request) (*Loaded, error) {
	dir := r.projectDir()
	file := filepath.Join(dir, configName)
	if r.ConfigFile == "" && !exists(file) {
		return nil, noProject(dir)
	}
	loaded := &Loaded{}
	if err := loaded.readConfig(r, file); err != nil {
		return nil, err
	}
	spec, err := findSpec(r.specs(loaded.Project), r.Name)
	if err != nil {
		return nil, err
	}
	return loadSpec(ctx, r, loaded, spec, dir)
}

// projectDir is the project's directory.
func (r Request) projectDir() string { return cmp.Or(r.Dir, ".") }

// specs is the directory of the project's topologies. It is the project's, even if the
// config.json is another one.
func (r Request) specs(project *conf.Project) string {
	if filepath.IsAbs(project.TopologySpecs) {
		return project.TopologySpecs
	}
	return filepath.Join(r.projectDir(), project.TopologySpecs)
}

// noProject is the error for a directory without a config.json.
func noProject(dir string) error {
	remedy := fmt.Sprintf("run %s in the project's directory, or name a topology file (.py, .clj, .yaml or .toml)", program.Name)
	if own := topologyFile(dir); own != "" {
		remedy = "name this directory's topology: " + own
	} else if above := ProjectAbove(dir); above != "" {
		remedy = fmt.Sprintf("the project is in %s: run %s there (cd %s)", above, program.Name, above)
	}
	return hint.With(fmt.Errorf("no %s in %s, so this is not a streamparse project", configName, describeDir(dir)), remedy)
}

// topologyFile is the topology of a directory outside a streamparse project, under the
// name that `quickstart` uses, or empty.
func topologyFile(dir string) string {
	for _, name := range []string{"topology.toml", "topology.yaml"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.Mode().IsRegular() {
			return name
		}
	}
	return ""
}

// ProjectAbove is the streamparse project that a directory belongs to, relative to the
// directory, or empty. A config.json may belong to any program: one of streamparse's has
// environments, or the directory of the topologies.
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

// loadSpec loads a topology of the project in dir, whose language is that of its file.
func loadSpec(ctx context.Context, r Request, loaded *Loaded, file, dir string) (*Loaded, error) {
	t := projectTopology{name: r.Name, file: file, dir: dir}
	if t.name == "" {
		t.name = moduleName(file)
	}
	if strings.EqualFold(filepath.Ext(file), ".clj") {
		return loadClojure(ctx, r, loaded, t)
	}
	return loadStreamparse(ctx, r, loaded, t)
}

// loadProjectFile loads a streamparse topology by its path. Its project is the nearest
// directory above it with a config.json. Without one, the project is the directory above
// the file's, as streamparse has it, and there is no environment.
func loadProjectFile(ctx context.Context, r Request, file string) (*Loaded, error) {
	if err := isTopologyFile(file); err != nil {
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
	return loadSpec(ctx, r, loaded, file, dir)
}

// projectAbove returns the directory above file with a config.json, or the directory
// above the file's own.
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

// findSpec returns the file of the topology of that name; if name is empty, that of the
// directory's only topology.
func findSpec(specs, name string) (string, error) {
	names, err := topologyNames(specs)
	if err != nil {
		return "", err
	}
	switch {
	case name != "" && exists(specFile(specs, name)):
		return specFile(specs, name), nil
	case len(names) == 0:
		return "", fmt.Errorf("no topologies in %s: it contains no .py or .clj file", specs)
	case name != "":
		return "", fmt.Errorf("no topology %q in %s, which has %s%s",
			name, specs, strings.Join(names, ", "), topology.DidYouMean(name, names))
	case len(names) > 1:
		return "", hint.With(fmt.Errorf("several topologies in %s: %s", specs, strings.Join(names, ", ")),
			fmt.Sprintf("choose one with -n %s, or name its file: %s", names[0], specFile(specs, names[0])))
	}
	return specFile(specs, names[0]), nil
}

// specFile is the file of a topology that exists. Python takes precedence over Clojure: a
// project with both has upgraded from streamparse 2.
func specFile(specs, name string) string {
	if file := filepath.Join(specs, name+".py"); exists(file) {
		return file
	}
	return filepath.Join(specs, name+".clj")
}

// ProjectTopologies lists by name the topologies that [Load] can load from the project of a
// request. A project without a directory for them has none.
func ProjectTopologies(r Request) ([]string, error) {
	r = r.inProject()
	file := filepath.Join(r.projectDir(), configName)
	if r.ConfigFile != "" {
		file = r.inDir(r.ConfigFile)
	}
	project, err := conf.ReadProject(file)
	if err != nil {
		return nil, err
	}
	names, err := topologyNames(r.specs(project))
	if err != nil {
		return nil, nil
	}
	return names, nil
}

// topologyNames lists the topologies of a project's directory for them by name. A
// package's __init__.py is not one.
func topologyNames(specs string) ([]string, error) {
	entries, err := os.ReadDir(specs)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no directory %s for the topologies: create it, or set topology_specs in %s", specs, configName)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot list the topologies: %w", err)
	}
	var names []string
	for _, entry := range entries {
		name := moduleName(entry.Name())
		isSpec := slices.Contains([]string{".py", ".clj"}, filepath.Ext(entry.Name()))
		if isSpec && name != "__init__" && !strings.HasPrefix(name, ".") && name != "" && !entry.IsDir() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// moduleName is the name of a file without its directory and suffix.
func moduleName(file string) string {
	return strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// describeDir names a directory for a message, in which "." would not help.
func describeDir(dir string) string {
	if filepath.Clean(dir) == "." {
		return "this directory"
	}
	return dir
}
