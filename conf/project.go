package conf

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The keys that streamparse sets from an environment of config.json, for
// pystorm and for itself.
const (
	PystormLogPath        = "pystorm.log.path"
	PystormLogFile        = "pystorm.log.file"
	PystormLogMaxBytes    = "pystorm.log.max_bytes"
	PystormLogBackupCount = "pystorm.log.backup_count"
	SudoUser              = "sudo_user"
)

// virtualenvOptions are the settings of an environment that streamparse also
// hands on as options of the topology.
var virtualenvOptions = [...]string{
	"install_virtualenv", "use_virtualenv", "virtualenv_flags", "virtualenv_root", "virtualenv_name",
}

// Project is a streamparse project as its config.json describes it.
type Project struct {
	// File is the path of the config.json.
	File string
	// Settings is all of config.json.
	Settings Conf
	// Serializer is the project's, or empty if it is not set.
	Serializer string
	// TopologySpecs and VirtualenvSpecs are directories, relative to the project's.
	TopologySpecs   string
	VirtualenvSpecs string

	environments map[string]*Environment
}

// Environment is one of a project's environments: a cluster, mostly, and how
// the project runs there.
type Environment struct {
	// Name is empty for the environment of a project that declares none.
	Name string
	// Settings is all that config.json has for the environment.
	Settings Conf
	// Options are defaults for the topology's own configuration.
	Options Conf
	// Serializer is the environment's, else the project's, else empty: then streamparse
	// passes none, and the components use JSON.
	Serializer string
	// VirtualenvRoot is the directory of the virtualenvs, one for each
	// topology, or empty.
	VirtualenvRoot string
	// VirtualenvName replaces the topology's name within VirtualenvRoot, unless it is
	// empty.
	VirtualenvName string

	log logSettings
}

// logSettings are an environment's settings of pystorm's log files. A nil number is not set.
type logSettings struct {
	path, file, level     string
	maxBytes, backupCount any
}

// ReadProject reads a config.json, or that of a project's directory. Its errors name
// the file, and the key or the line.
func ReadProject(file string) (*Project, error) {
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		file = filepath.Join(file, "config.json")
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("cannot read the project's settings: %w", err)
	}
	p, err := parseProject(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	p.File = file
	return p, nil
}

func parseProject(data []byte) (*Project, error) {
	document, err := ParseJSON(data)
	if err != nil {
		return nil, err
	}
	settings, ok := document.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("a project's settings must be a JSON object, not %#v", document)
	}
	c := Conf(settings)
	p := &Project{Settings: c, environments: map[string]*Environment{}}
	if p.Serializer, err = c.String("serializer", ""); err != nil {
		return nil, err
	}
	if p.TopologySpecs, err = c.String("topology_specs", "topologies/"); err != nil {
		return nil, err
	}
	if p.VirtualenvSpecs, err = c.String("virtualenv_specs", "virtualenvs/"); err != nil {
		return nil, err
	}
	environments, err := c.object("envs")
	if err != nil {
		return nil, err
	}
	for name := range environments {
		settings, err := environments.object(name)
		if err != nil {
			return nil, under("envs", err)
		}
		if p.environments[name], err = parseEnvironment(name, settings, p.Serializer); err != nil {
			return nil, under("envs."+name, err)
		}
	}
	return p, nil
}

func parseEnvironment(name string, c Conf, serializer string) (*Environment, error) {
	e := &Environment{Name: name, Settings: c}
	var err error
	if e.Serializer, err = c.String("serializer", serializer); err != nil {
		return nil, err
	}
	if e.Options, err = c.object("options"); err != nil {
		return nil, err
	}
	if e.VirtualenvRoot, err = c.firstString("virtualenv_root", "virtualenv_path"); err != nil {
		return nil, err
	}
	if e.VirtualenvName, err = c.String("virtualenv_name", ""); err != nil {
		return nil, err
	}
	if e.log, err = parseLog(c); err != nil {
		return nil, err
	}
	return e, nil
}

// parseLog reads the settings of the log, and log_path and log_file beside them, where
// old projects have them.
func parseLog(c Conf) (logSettings, error) {
	section, err := c.object("log")
	if err != nil {
		return logSettings{}, err
	}
	var l logSettings
	if l.path, err = section.String("path", ""); err != nil {
		return l, under("log", err)
	}
	if l.file, err = section.String("file", ""); err != nil {
		return l, under("log", err)
	}
	if l.path == "" {
		if l.path, err = c.String("log_path", ""); err != nil {
			return l, err
		}
	}
	if l.file == "" {
		if l.file, err = c.String("log_file", ""); err != nil {
			return l, err
		}
	}
	// As in streamparse, a value of another type counts as absent.
	if n, ok := section["max_bytes"].(int64); ok {
		l.maxBytes = n
	}
	if n, ok := section["backup_count"].(int64); ok {
		l.backupCount = n
	}
	if level, ok := section["level"].(string); ok {
		l.level = strings.ToLower(level)
	}
	return l, nil
}

// Environment returns the environment of that name; if name is empty, the only one. A
// project that declares no environment has one without settings: sparse needs one to know
// its cluster, but a local run does not.
func (p *Project) Environment(name string) (*Environment, error) {
	if e := p.environments[name]; e != nil {
		return e, nil
	}
	names := p.EnvironmentNames()
	switch {
	case name == "" && len(names) == 0:
		return &Environment{Serializer: p.Serializer}, nil
	case name == "" && len(names) == 1:
		return p.environments[names[0]], nil
	case name == "":
		return nil, fmt.Errorf("%s has several environments (%s): choose one with -e NAME", p.File, strings.Join(names, ", "))
	case len(names) == 0:
		return nil, fmt.Errorf("%s has no environments: omit -e, or add %q under \"envs\"", p.File, name)
	}
	return nil, fmt.Errorf("%s has no environment %q: it has %s", p.File, name, strings.Join(names, ", "))
}

// EnvironmentNames returns the names of the project's environments, sorted.
func (p *Project) EnvironmentNames() []string {
	return slices.Sorted(maps.Keys(p.environments))
}

// Conf is the environment's configuration for every topology: the layer between Storm's
// defaults and the topology's own. It is a new Conf at each call, with the keys that
// streamparse derives (cli.common.resolve_options).
func (e *Environment) Conf() Conf {
	c := Merge(e.Options)
	setText(c, PystormLogPath, e.log.path)
	setText(c, PystormLogFile, e.log.file)
	setText(c, PystormLogLevel, e.log.level)
	if e.log.maxBytes != nil {
		c[PystormLogMaxBytes] = e.log.maxBytes
	}
	if e.log.backupCount != nil {
		c[PystormLogBackupCount] = e.log.backupCount
	}
	for _, key := range virtualenvOptions {
		if v, ok := e.Settings[key]; ok {
			c[key] = v
		}
	}
	if user, ok := e.Settings["user"]; ok {
		c[SudoUser] = user
	}
	return c
}

// Virtualenv is the directory of a topology's virtualenv in this environment, or empty if
// the environment has no virtualenvs.
func (e *Environment) Virtualenv(topology string) string {
	if e.VirtualenvRoot == "" {
		return ""
	}
	if e.VirtualenvName != "" {
		topology = e.VirtualenvName
	}
	return filepath.Join(e.VirtualenvRoot, topology)
}

// ApplyDebug returns a conf in which topology.debug has lowered pystorm's log
// level to debug, as streamparse does once all layers are merged.
func ApplyDebug(c Conf) (Conf, error) {
	debug, err := c.Bool(TopologyDebug, false)
	if err != nil || !debug {
		return c, err
	}
	return Merge(c, Conf{PystormLogLevel: "debug"}), nil
}

// setText sets a key to a string, unless the string is empty.
func setText(c Conf, key, text string) {
	if text != "" {
		c[key] = text
	}
}

// object reads an object within an object; absent or nil is empty.
func (c Conf) object(key string) (Conf, error) {
	switch v := c[key].(type) {
	case nil:
		return nil, nil
	case map[string]any:
		return v, nil
	}
	return nil, &KeyError{key, "an object", c[key]}
}

// firstString returns the first nonempty string of the keys.
func (c Conf) firstString(keys ...string) (string, error) {
	for _, key := range keys {
		if text, err := c.String(key, ""); err != nil || text != "" {
			return text, err
		}
	}
	return "", nil
}

// under puts the path of an object before the key of an error.
func under(path string, err error) error {
	if e, ok := err.(*KeyError); ok {
		return &KeyError{path + "." + e.Key, e.Want, e.Got}
	}
	return err
}
