package jar

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"gust/project/requirements"
)

// requirementSet is the content of pip's requirements files.
type requirementSet struct {
	// lines are the lines of all files, with included files in place. Editable packages
	// become plain ones: in a bundle, a link to the sources is useless.
	lines []string
	// local are the sources, or the archives, of packages on this machine. limits are
	// files with constraints, and links folders of packages.
	local, limits, links []string
}

// readRequirements reads the files, and those that they include.
func readRequirements(files []string) (*requirementSet, error) {
	lines, err := requirements.Read(files)
	if err != nil {
		return nil, err
	}
	r := &requirementSet{}
	for _, line := range lines {
		r.lines = append(r.lines, r.localized(line))
	}
	return r, nil
}

// extras end the path of a package.
var extras = regexp.MustCompile(`\[[^\]]*\]$`)

// localized is a line with absolute paths to files on this machine. Whether a path is
// relative to the working directory or to the file depends on the option, as in pip.
func (r *requirementSet) localized(line requirements.Line) string {
	switch {
	case line.Option == "":
		return r.absolute(line.Text)
	case line.Is("-c", "--constraint"):
		if path, ok := line.Path(); ok {
			r.limits = append(r.limits, path)
			return line.Option + " " + absolute(path)
		}
	case line.Is("-e", "--editable"):
		return r.absolute(line.Value)
	case line.Is("-f", "--find-links"):
		value := requirements.Expand(line.Value)
		beside := value
		if !filepath.IsAbs(value) {
			beside = filepath.Join(filepath.Dir(line.File), value)
		}
		for _, folder := range []string{beside, value} {
			if info, err := os.Stat(folder); err == nil && info.IsDir() {
				r.links = append(r.links, folder)
				return line.Option + " " + absolute(folder)
			}
		}
	}
	return line.Text
}

// absolute is a requirement with an absolute path, if it is a package on this machine.
func (r *requirementSet) absolute(line string) string {
	requirement, condition, conditional := strings.Cut(requirements.Expand(line), ";")
	requirement = strings.TrimSpace(requirement)
	if words := strings.Fields(requirement); len(words) > 1 && strings.HasPrefix(words[1], "--") {
		return line // such as hashes
	}
	name, place, named := strings.Cut(requirement, "@")
	if !named || strings.Contains(name, "/") {
		name, place = "", requirement
	}
	place = strings.TrimSpace(place)
	if address, err := url.Parse(place); err == nil && address.Scheme == "file" {
		r.local = append(r.local, address.Path)
		return line
	}
	extra := extras.FindString(place)
	path := strings.TrimSuffix(place, extra)
	if strings.Contains(path, "://") || !strings.HasPrefix(path, ".") && !strings.Contains(path, "/") && !archive(path) {
		return line
	}
	if _, err := os.Stat(path); err != nil {
		return line
	}
	r.local = append(r.local, path)
	line = absolute(path) + extra
	if name != "" {
		line = strings.TrimSpace(name) + extra + " @ file://" + (&url.URL{Path: absolute(path)}).EscapedPath()
	}
	if conditional {
		line += " ;" + condition
	}
	return line
}

// absolute is an absolute path.
func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}

// archive reports whether a file has the name of a package.
func archive(name string) bool {
	return strings.HasSuffix(name, ".whl") || strings.HasSuffix(name, ".zip") || strings.HasSuffix(name, ".tar.gz")
}

// key identifies an installation by everything that it depends on, as far as this machine
// knows.
func (r *requirementSet) key(more ...string) (string, error) {
	sum := sha256.New()
	fmt.Fprintf(sum, "%q\n%q\n", more, r.lines)
	for _, path := range slices.Concat(r.local, r.limits) {
		if err := addContent(sum, path); err != nil {
			return "", fmt.Errorf("cannot read the requirements: %w", err)
		}
	}
	for _, folder := range r.links {
		entries, err := os.ReadDir(folder)
		if err != nil {
			return "", fmt.Errorf("cannot read the requirements: %w", err)
		}
		for _, entry := range entries {
			if info, err := entry.Info(); err == nil {
				fmt.Fprintf(sum, "%q %d %d\n", entry.Name(), info.Size(), info.ModTime().UnixNano())
			}
		}
	}
	return hex.EncodeToString(sum.Sum(nil))[:32], nil
}

// addContent adds the content of a file, or of all files of a folder with their names, to
// a hash.
func addContent(w io.Writer, root string) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if path != root && entry.IsDir() && isMade(root, path) {
			return fs.SkipDir
		}
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a link to nowhere
		}
		if err != nil || !info.Mode().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		fmt.Fprintf(w, "%q %d\n", rel, info.Size())
		_, err = io.Copy(w, file)
		return err
	})
}

// isMade reports whether a folder of a package is not a source: an installation builds it
// from the sources.
func isMade(root, path string) bool {
	switch name := filepath.Base(path); name {
	case "__pycache__", ".git", ".hg", ".venv", ".tox", ".mypy_cache", ".pytest_cache", ".ruff_cache", "node_modules":
		return true
	case "build", "dist":
		return filepath.Dir(path) == root
	default:
		return strings.HasSuffix(name, ".egg-info")
	}
}

// writeFile writes the requirements as one file.
func (r *requirementSet) writeFile(file string) error {
	return os.WriteFile(file, []byte(strings.Join(r.lines, "\n")+"\n"), 0o600)
}
