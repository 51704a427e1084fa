package jar

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// IgnoreFile is the file, in the project or in its src/, that lists what not to pack. It
// has the format of .gitignore. .gitignore itself has no effect: a module that a build
// step generates is not in the repository, but must be in the jar.
const IgnoreFile = ".gustignore"

// alwaysIgnored are files that no worker needs. An ignore file may include them again.
const alwaysIgnored = `
__pycache__/
*.py[co]
.git/
.hg/
.svn/
.venv/
.tox/
.mypy_cache/
.pytest_cache/
.ruff_cache/
.idea/
.vscode/
.DS_Store
*.swp
*~
.gitignore
.gitkeep
.gustignore
`

// Ignore is the files of a tree that are left out. The last matching rule decides.
type Ignore struct {
	rules []rule
}

// rule is a line of an ignore file.
type rule struct {
	pattern *regexp.Regexp
	folders bool // it only fits folders
	takes   bool // it includes files again
}

// newIgnore leaves out what no worker needs.
func newIgnore() *Ignore {
	ignore := &Ignore{}
	if err := ignore.parse(alwaysIgnored); err != nil {
		panic(err) // a constant of ours
	}
	return ignore
}

// ReadIgnore leaves out what no worker needs, and what the ignore files of the given
// folders list, if they exist. Later files take precedence over earlier ones.
func ReadIgnore(dirs ...string) (*Ignore, error) {
	ignore := newIgnore()
	for _, dir := range dirs {
		file := filepath.Join(dir, IgnoreFile)
		text, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = ignore.parse(string(text))
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return ignore, nil
}

// Excludes reports whether a file or folder is left out. Its path is relative to the
// packed tree, with slashes. The files in an excluded folder are excluded, too.
func (i *Ignore) Excludes(rel string, folder bool) bool {
	excluded := false
	for _, r := range i.rules {
		if (folder || !r.folders) && r.pattern.MatchString(rel) {
			excluded = !r.takes
		}
	}
	return excluded
}

// parse adds the rules of an ignore file.
func (i *Ignore) parse(text string) error {
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimRight(line, " \t\r\n")
		if line == "" || line[0] == '#' {
			continue
		}
		r, err := parseRule(line)
		if err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
		i.rules = append(i.rules, r)
	}
	return nil
}

func parseRule(line string) (r rule, err error) {
	glob := line
	if rest, ok := strings.CutPrefix(glob, "!"); ok {
		glob, r.takes = rest, true
	}
	glob = strings.TrimPrefix(glob, `\`) // before a literal # or !
	if rest, ok := strings.CutSuffix(glob, "/"); ok {
		glob, r.folders = rest, true
	}
	// Rules of the project's folder may name src/, which is the root of the tree.
	glob = strings.TrimPrefix(glob, "/")
	anchored := strings.Contains(glob, "/") || strings.HasPrefix(strings.TrimPrefix(line, "!"), "/")
	glob = strings.TrimPrefix(glob, "src/")
	if _, err := path.Match(strings.ReplaceAll(glob, "**", "*"), ""); err != nil || glob == "" {
		return r, fmt.Errorf("invalid pattern %q", line)
	}
	expression := globExpression(glob)
	if !anchored {
		expression = "(?:.*/)?" + expression
	}
	r.pattern, err = regexp.Compile("^" + expression + "$")
	return r, err
}

// globExpression is a glob as a regular expression: ** is any number of folders, * and ?
// stay within a name.
func globExpression(glob string) string {
	var b strings.Builder
	for rest := glob; rest != ""; {
		switch {
		case strings.HasPrefix(rest, "**/"):
			b.WriteString("(?:.*/)?")
			rest = rest[3:]
		case strings.HasPrefix(rest, "**"):
			b.WriteString(".*")
			rest = rest[2:]
		case rest[0] == '*':
			b.WriteString("[^/]*")
			rest = rest[1:]
		case rest[0] == '?':
			b.WriteString("[^/]")
			rest = rest[1:]
		case rest[0] == '[':
			end := strings.IndexByte(rest[1:], ']') + 1
			class := strings.Replace(rest[1:end], "!", "^", 1)
			b.WriteString("[" + class + "]")
			rest = rest[end+1:]
		case rest[0] == '\\' && len(rest) > 1:
			b.WriteString(regexp.QuoteMeta(rest[1:2]))
			rest = rest[2:]
		default:
			b.WriteString(regexp.QuoteMeta(rest[:1]))
			rest = rest[1:]
		}
	}
	return b.String()
}
