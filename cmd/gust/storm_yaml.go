package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/goccy/go-yaml"

	"gust/conf"
)

// readStormYAML reads the settings of the first storm.yaml that there is, where
// the `storm` command looks for it: they say where Nimbus is and how it is
// talked to. Without one the settings are empty.
func readStormYAML() (settings conf.Conf, file string, err error) {
	for _, file := range stormYAMLFiles() {
		data, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, "", fmt.Errorf("cannot read Storm's settings: %w", err)
		}
		settings, err := parseStormYAML(data)
		if err != nil {
			return nil, "", fmt.Errorf("%s: %w", file, err)
		}
		return settings, file, nil
	}
	return nil, "", nil
}

// stormYAMLFiles are the places of storm.yaml, the most particular first.
func stormYAMLFiles() []string {
	var files []string
	for _, dir := range []struct{ variable, below string }{
		{"STORM_CONF_DIR", ""}, {"HOME", ".storm"}, {"STORM_HOME", "conf"},
	} {
		if value := os.Getenv(dir.variable); value != "" {
			files = append(files, filepath.Join(value, dir.below, "storm.yaml"))
		}
	}
	return files
}

func parseStormYAML(data []byte) (conf.Conf, error) {
	var document any
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, fmt.Errorf("it is not YAML: %s", yamlReason(err))
	}
	if document == nil {
		return nil, nil
	}
	value, err := confValue(document)
	if err != nil {
		return nil, err
	}
	settings, ok := value.(map[string]any)
	if !ok {
		return nil, errors.New("it must be a list of KEY: VALUE")
	}
	return settings, nil
}
