package jar

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"gust/internal/hint"
	"gust/internal/program"
)

// AddTree adds a folder's files below a folder of the jar, without those that the ignore
// file of the tree excludes (see [ReadIgnore]).
//
// Links are followed within root, the project's directory: a file outside does not belong
// to the project, does not exist on other machines, and may be private.
func (j *Jar) AddTree(prefix, dir, root string, ignore *Ignore) error {
	t := tree{jar: j, ignore: ignore}
	var err error
	if t.root, err = filepath.EvalSymlinks(root); err != nil {
		return err
	}
	if t.root, err = filepath.Abs(t.root); err != nil {
		return err
	}
	before := len(j.entries)
	if err := t.folder(prefix, dir, "", nil); err != nil {
		return err
	}
	if len(j.entries) == before {
		return fmt.Errorf("%s contains no files to pack", dir)
	}
	return nil
}

// tree is a walk through a folder.
type tree struct {
	jar    *Jar
	root   string // the real, absolute path that links may not leave
	ignore *Ignore
}

// folder adds the files of dir. rel is the path below the first folder of the walk; above
// are the real paths of the folders on the way.
func (t *tree) folder(prefix, dir, rel string, above []string) error {
	real, err := filepath.EvalSymlinks(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return hint.With(fmt.Errorf("no directory %s, which holds the components", dir),
			fmt.Sprintf("run %s in the project's directory, or name another one with --resources", program.Name))
	}
	if err != nil {
		return fmt.Errorf("cannot pack %s: %w", dir, err)
	}
	if slices.Contains(above, real) {
		return fmt.Errorf("cannot pack %s: it is a link to a directory that contains it", dir)
	}
	above = append(slices.Clip(above), real)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("cannot pack %s: %w", dir, err)
	}
	for _, entry := range entries {
		below := path.Join(rel, entry.Name())
		if err := t.item(prefix, filepath.Join(dir, entry.Name()), below, above); err != nil {
			return err
		}
	}
	return nil
}

// item adds a file or a folder.
func (t *tree) item(prefix, file, rel string, above []string) error {
	info, err := os.Stat(file)
	broken := errors.Is(err, fs.ErrNotExist)
	if err != nil && !broken {
		return fmt.Errorf("cannot pack %s: %w", file, err)
	}
	if t.ignore.Excludes(rel, !broken && info.IsDir()) {
		return nil
	}
	if broken {
		return fmt.Errorf("cannot pack %s: it is a broken link", file)
	}
	if err := t.inside(file); err != nil {
		return err
	}
	switch {
	case info.IsDir():
		return t.folder(prefix, file, rel, above)
	case info.Mode().IsRegular():
		t.jar.addFile(path.Join(prefix, rel), file, info)
		return nil
	}
	return hint.With(fmt.Errorf("cannot pack %s: it is a device, a pipe or a socket", file), "exclude it in "+IgnoreFile)
}

// inside is an error for a link that leads out of the tree.
func (t *tree) inside(file string) error {
	real, err := filepath.EvalSymlinks(file)
	if err != nil {
		return fmt.Errorf("cannot pack %s: %w", file, err)
	}
	if real, err = filepath.Abs(real); err != nil {
		return err
	}
	if real == t.root || strings.HasPrefix(real, t.root+string(filepath.Separator)) {
		return nil
	}
	return hint.With(fmt.Errorf("cannot pack %s: it is a link to %s, outside of the project", file, real),
		"replace it with a copy, or exclude it in "+IgnoreFile)
}

// dirOf is the folder of a file, "." if its name has none.
func dirOf(file string) string { return filepath.Dir(file) }
