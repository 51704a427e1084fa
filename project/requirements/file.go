package requirements

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Line is one requirement or option: a line of a requirements file, or several lines that
// backslashes join, without comments.
type Line struct {
	Text string
	// Option is an option that begins the line, such as "-c", and Value what follows
	// it, as written. Both are empty for a requirement.
	Option, Value string
	File          string
}

// Path is a value that is relative to the folder of its file, with the variables that pip
// expands. ok is false if the value is the address of something on the network.
func (l Line) Path() (path string, ok bool) {
	path = Expand(l.Value)
	if strings.Contains(path, "://") {
		return "", false
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(l.File), path)
	}
	return path, true
}

// Is reports whether the line is an option of one of these names.
func (l Line) Is(names ...string) bool {
	for _, name := range names {
		if l.Option == name {
			return true
		}
	}
	return false
}

// Read reads the files. A file that a line includes with -r replaces that line.
func Read(files []string) ([]Line, error) {
	var lines []Line
	for _, file := range files {
		var err error
		if lines, err = read(lines, file, maxDepth); err != nil {
			return nil, fmt.Errorf("cannot read the requirements: %w", err)
		}
	}
	return lines, nil
}

// maxDepth limits how deep files may include each other.
const maxDepth = 16

var (
	// continued matches the end of a line that continues on the next one.
	continued = regexp.MustCompile(`\\\r?\n`)
	// comment matches a comment, by pip's rule.
	comment = regexp.MustCompile(`(^|\s+)#.*$`)
	// option matches an option with its value.
	option = regexp.MustCompile(`^(-[a-z]|--[a-z-]+)\s*=?\s*(.*)$`)
	// variable matches a variable, by pip's rule.
	variable = regexp.MustCompile(`\$\{[A-Z0-9_]+\}`)
)

// read appends the lines of a file.
func read(lines []Line, file string, depth int) ([]Line, error) {
	if depth == 0 {
		return nil, fmt.Errorf("%s: the files include each other in a cycle", file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	for text := range strings.Lines(continued.ReplaceAllString(string(text), " ")) {
		line := Line{Text: strings.TrimSpace(comment.ReplaceAllString(strings.TrimRight(text, "\r\n"), "")), File: file}
		if line.Text == "" {
			continue
		}
		if m := option.FindStringSubmatch(line.Text); m != nil {
			line.Option, line.Value = m[1], m[2]
		}
		if line.Is("-r", "--requirement") {
			if path, ok := line.Path(); ok { // only pip can read files on the network
				if lines, err = read(lines, path, depth-1); err != nil {
					return nil, err
				}
				continue
			}
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// Expand replaces environment variables in a string by their values, as pip does.
func Expand(text string) string {
	return variable.ReplaceAllStringFunc(text, func(name string) string {
		return cmp.Or(os.Getenv(name[2:len(name)-1]), name)
	})
}
