package access

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"gust/conf"
)

// StormYAML reads the first storm.yaml in the places in which the `storm` command looks
// for it. Its settings are the address of Nimbus and how to connect to it. If there is no
// file, the settings are empty.
func StormYAML() (settings conf.Conf, file string, err error) {
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

// stormYAMLFiles are the places of storm.yaml, the most specific first.
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
	document, err := conf.ParseYAML(data)
	if document == nil || err != nil {
		return nil, err
	}
	settings, ok := document.(map[string]any)
	if !ok {
		return nil, errors.New("it must be a list of KEY: VALUE")
	}
	return settings, nil
}
