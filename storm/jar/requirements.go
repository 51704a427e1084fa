package jar

import (
	"cmp"
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
)

// requirements are the contents of pip's requirements files.
type requirements struct {
	// lines are those of all the files, with the files that they name in their
	// place. Editable ones are plain: in a bundle a link to the sources is of no use.
	lines []string
	// local are the sources, or the archives, of packages on this machine. limits are
	// files with constraints, and links folders of packages.
	local, limits, links []string
}

// readRequirements reads the files, and those that they name.
func readRequirements(files []string) (*requirements, error) {
	r := &requirements{}
	for _, file := range files {
		if err := r.read(file, maxRequirementsDepth); err != nil {
			return nil, fmt.Errorf("cannot read the requirements: %w", err)
		}
	}
	return r, nil
}

// maxRequirementsDepth limits how deep requirements files may include each other.
const maxRequirementsDepth = 16

var (
	// continued is the end of a line that continues in the next one.
	continued = regexp.MustCompile(`\\\r?\n`)
	// comment is a comment in a line.
	comment = regexp.MustCompile(`(^|\s+)#.*$`)
	// option is a line's option with its value.
	option = regexp.MustCompile(`^(-[a-z]|--[a-z-]+)\s*=?\s*(.*)$`)
	// variable is a variable as pip expands it.
	variable = regexp.MustCompile(`\$\{[A-Z0-9_]+\}`)
	// extras end the path of a package.
	extras = regexp.MustCompile(`\[[^\]]*\]$`)
)

func (r *requirements) read(file string, depth int) error {
	if depth == 0 {
		return fmt.Errorf("%s: the files include each other in a cycle", file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for line := range strings.Lines(continued.ReplaceAllString(string(text), " ")) {
		line = strings.TrimSpace(comment.ReplaceAllString(strings.TrimRight(line, "\r\n"), ""))
		if line == "" {
			continue
		}
		if err := r.add(line, filepath.Dir(file), depth); err != nil {
			return err
		}
	}
	return nil
}

// add adds a line of a file in that folder. For each option, pip has its own rule whether
// a path is relative to the working directory or to the file.
func (r *requirements) add(line, dir string, depth int) error {
	m := option.FindStringSubmatch(line)
	if m == nil {
		r.lines = append(r.lines, r.absolute(line))
		return nil
	}
	name, value := m[1], expanded(m[2])
	beside := value
	if !filepath.IsAbs(value) {
		beside = filepath.Join(dir, value)
	}
	switch name {
	case "-r", "--requirement":
		if !strings.Contains(value, "://") { // only pip knows the present content
			return r.read(beside, depth-1)
		}
	case "-c", "--constraint":
		if !strings.Contains(value, "://") {
			r.limits = append(r.limits, beside)
			line = name + " " + absolute(beside)
		}
	case "-e", "--editable":
		line = r.absolute(m[2])
	case "-f", "--find-links":
		for _, folder := range []string{beside, value} {
			if info, err := os.Stat(folder); err == nil && info.IsDir() {
				r.links = append(r.links, folder)
				line = name + " " + absolute(folder)
				break
			}
		}
	}
	r.lines = append(r.lines, line)
	return nil
}

// absolute is a requirement with an absolute path, if it is a package on this machine.
func (r *requirements) absolute(line string) string {
	requirement, condition, conditional := strings.Cut(expanded(line), ";")
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

// expanded has the environment's variables in it.
func expanded(text string) string {
	return variable.ReplaceAllStringFunc(text, func(name string) string {
		return cmp.Or(os.Getenv(name[2:len(name)-1]), name)
	})
}

// absolute is a path in full.
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

// key is a hash of everything that determines the installation, as far as this machine
// knows.
func (r *requirements) key(more ...string) (string, error) {
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

// addContent writes the content of a file, or of all files of a folder with their names.
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
func (r *requirements) writeFile(file string) error {
	return os.WriteFile(file, []byte(strings.Join(r.lines, "\n")+"\n"), 0o600)
}
