package hook

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"gust/conf"
	"gust/internal/hint"
)

// Setting is a line that a supervisor's configuration needs, besides what Install makes.
type Setting struct {
	Key, Value string
	// Line is how the file has it.
	Line string
	// Found is the value in the file, empty if there is none.
	Found string
}

// Done reports whether the file has the setting.
func (s Setting) Done() bool { return s.Found == s.Value }

// The keys of storm.yaml.
const (
	isolationEnable = "storm.resource.isolation.plugin.enable"
	isolationPlugin = "storm.resource.isolation.plugin"
	executableKey   = "gust.executable"
)

// plugins are gust's plug-ins by the ones of Storm's whose place they take. Storm reads the name
// of a plug-in only if plug-ins are enabled.
var plugins = map[string]string{
	"": "gust.storm.Workers",
	"org.apache.storm.container.DefaultResourceIsolationManager": "gust.storm.Workers",
	"org.apache.storm.container.cgroup.CgroupManager":            "gust.storm.CgroupWorkers",
}

// SettingsFile is the file that has the settings.
func (n *Node) SettingsFile() string {
	if n.Release.Plugin() {
		return filepath.Join(n.Dir, "conf", "storm.yaml")
	}
	return filepath.Join(n.Dir, "conf", "storm-env.sh")
}

// Settings are the settings that the supervisor needs. A plug-in that is not Storm's own is an
// error: only one can start workers.
func (n *Node) Settings() ([]Setting, error) {
	if !n.Release.Plugin() {
		return n.environment()
	}
	found, err := n.stormYAML()
	if err != nil {
		return nil, err
	}
	class, err := n.pluginClass(found)
	if err != nil {
		return nil, err
	}
	settings := []Setting{{Key: isolationEnable, Value: "true"}, {Key: isolationPlugin, Value: class}, {Key: executableKey, Value: n.Gust}}
	for i := range settings {
		s := &settings[i]
		s.Line = s.Key + ": " + quotedYAML(s.Value)
		if value := found[s.Key]; value != nil {
			s.Found = fmt.Sprint(value)
		}
	}
	return settings, nil
}

// pluginClass is the plug-in that takes the place of the one in storm.yaml.
func (n *Node) pluginClass(found conf.Conf) (string, error) {
	enabled, err := found.Bool(isolationEnable, false)
	if err != nil {
		return "", fmt.Errorf("%s: %w", n.SettingsFile(), err)
	}
	current, _ := found[isolationPlugin].(string)
	if !enabled {
		current = ""
	}
	if enabled && current == "" {
		current = "org.apache.storm.container.cgroup.CgroupManager" // the default
	}
	if strings.HasPrefix(current, "gust.storm.") {
		return current, nil
	}
	if class, known := plugins[current]; known {
		return class, nil
	}
	return "", hint.With(fmt.Errorf("%s has %s: %s, and a supervisor has one plug-in only", n.SettingsFile(), isolationPlugin, current),
		"gust's plug-in takes the place of Storm's DefaultResourceIsolationManager and CgroupManager, not of others")
}

// stormYAML reads the node's storm.yaml; it is empty if there is no such file.
func (n *Node) stormYAML() (conf.Conf, error) {
	file := filepath.Join(n.Dir, "conf", "storm.yaml")
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return conf.Conf{}, nil
	}
	if err != nil {
		return nil, err
	}
	document, err := conf.ParseYAML(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	settings, _ := document.(map[string]any)
	return settings, nil
}

// javaHome finds the line of storm-env.sh that sets JAVA_HOME; the last one counts.
var javaHome = regexp.MustCompile(`(?m)^\s*(?:export\s+)?JAVA_HOME=["']?([^"'\s]*)`)

// environment is the setting of a stand-in for java.
func (n *Node) environment() ([]Setting, error) {
	s := Setting{Key: "JAVA_HOME", Value: n.standIn(), Line: "export JAVA_HOME=" + n.standIn()}
	text, err := os.ReadFile(n.SettingsFile())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, match := range javaHome.FindAllStringSubmatch(string(text), -1) {
		s.Found = match[1]
	}
	return []Setting{s}, nil
}

// quotedYAML quotes a value unless it is a plain word.
func quotedYAML(value string) string {
	if strings.ContainsAny(value, " :#'\"\\") {
		return fmt.Sprintf("%q", value)
	}
	return value
}
