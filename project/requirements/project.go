package requirements

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"gust/conf"
	"gust/topology"
)

// Folder is the folder of a project's requirements files, virtualenv_specs, relative to
// its config.json. If the config.json is outside of the project in dir, as one of several
// may be, it is that project's folder.
func Folder(project *conf.Project, dir string) string {
	specs := project.VirtualenvSpecs
	if filepath.IsAbs(specs) {
		return specs
	}
	if beside := filepath.Join(filepath.Dir(project.File), specs); exists(beside) {
		return beside
	}
	return filepath.Join(dir, specs)
}

// Of lists the files in a project's folder: the file of a topology or, if the name is
// empty, all. A project may have none.
func Of(folder, name string) ([]string, error) {
	wanted := filepath.Join(folder, name+".txt")
	if name != "" && exists(wanted) {
		return []string{wanted}, nil
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.txt"))
	if err != nil || name == "" {
		return files, err
	}
	return nil, fmt.Errorf("no %s to install from%s", wanted, topology.DidYouMean(wanted, files))
}

// Names are the topologies that have a file of their own in a project's folder.
func Names(folder string) []string {
	files, err := Of(folder, "")
	if err != nil {
		return nil
	}
	names := make([]string, len(files))
	for i, file := range files {
		names[i] = strings.TrimSuffix(filepath.Base(file), ".txt")
	}
	return names
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
