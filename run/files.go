package run

import (
	"os"
	"path/filepath"
	"slices"

	"gust/internal/fswatch"
	"gust/topology"
)

// watchFiles watches everything that a topology is made of: its components' directories,
// its own file and the project's config.json.
func watchFiles(t *topology.Topology, configFile string) (*fswatch.Watcher, error) {
	var trees []string
	for _, c := range t.Components {
		dir, err := filepath.Abs(c.Dir)
		if err != nil {
			return nil, err
		}
		trees = append(trees, dir)
	}
	slices.Sort(trees)
	source, err := filepath.Abs(t.Source)
	if err != nil {
		return nil, err
	}
	files := []string{source}
	for _, config := range []string{configFile, filepath.Join(filepath.Dir(filepath.Dir(source)), "config.json")} {
		if config, err := filepath.Abs(config); err == nil && isRegular(config) {
			files = append(files, config)
		}
	}
	return fswatch.New(slices.Compact(trees), files)
}

func isRegular(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// relative is a path relative to this directory, for messages.
func relative(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	short, err := filepath.Rel(here, path)
	if err != nil || !filepath.IsLocal(short) {
		return path
	}
	return short
}
