package remote

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// settings are ssh_config's settings for one machine.
type settings struct {
	values     map[string]string // by keyword, in lower case; the first value counts
	identities []string          // all values of IdentityFile, in their order
}

// maxIncludes limits how deep configuration files may include each other.
const maxIncludes = 16

// readSettings reads the settings for a machine from the files. It ignores files that do
// not exist.
func readSettings(files []string, host string) (settings, error) {
	s := settings{values: map[string]string{}}
	for _, file := range files {
		if err := s.read(file, host, maxIncludes); err != nil {
			return s, err
		}
	}
	return s, nil
}

// read adds the settings of one file.
func (s *settings) read(file, host string, depth int) error {
	data, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("cannot read SSH's configuration: %w", err)
	}
	applies := true
	for line := range strings.Lines(string(data)) {
		keyword, words := splitSetting(line)
		if len(words) == 0 {
			continue
		}
		switch keyword {
		case "host":
			applies = matchesHost(words, host)
		case "match":
			// The other criteria would have to run commands or to know the user's
			// session; blocks that have them are passed over.
			applies = len(words) == 1 && strings.EqualFold(words[0], "all")
		case "include":
			if applies && depth > 0 {
				if err := s.include(file, words, host, depth-1); err != nil {
					return err
				}
			}
		default:
			if applies {
				s.set(keyword, words)
			}
		}
	}
	return nil
}

// include reads the files that an Include names, relative to the folder of the including
// file.
func (s *settings) include(file string, patterns []string, host string, depth int) error {
	for _, pattern := range patterns {
		pattern = expandHome(pattern)
		if !filepath.IsAbs(pattern) {
			pattern = filepath.Join(filepath.Dir(file), pattern)
		}
		included, err := filepath.Glob(pattern)
		if err != nil {
			return fmt.Errorf("%s: Include %s: %w", file, pattern, err)
		}
		for _, name := range included {
			if err := s.read(name, host, depth); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *settings) set(keyword string, words []string) {
	if keyword == "identityfile" {
		s.identities = append(s.identities, words[0])
		return
	}
	if _, ok := s.values[keyword]; !ok {
		s.values[keyword] = strings.Join(words, " ")
	}
}

// splitSetting splits a line into its keyword and values, which may be in double quotes.
// A comment has neither.
func splitSetting(line string) (keyword string, words []string) {
	line = strings.TrimSpace(line)
	if line == "" || line[0] == '#' {
		return "", nil
	}
	end := strings.IndexAny(line, " \t=")
	if end < 0 {
		return "", nil
	}
	keyword = strings.ToLower(line[:end])
	rest := strings.TrimLeft(line[end:], " \t")
	rest = strings.TrimLeft(strings.TrimPrefix(rest, "="), " \t")
	for rest != "" {
		if quoted, ok := strings.CutPrefix(rest, `"`); ok {
			word, after, _ := strings.Cut(quoted, `"`)
			words, rest = append(words, word), strings.TrimLeft(after, " \t")
			continue
		}
		end := strings.IndexAny(rest, " \t")
		if end < 0 {
			end = len(rest)
		}
		words, rest = append(words, rest[:end]), strings.TrimLeft(rest[end:], " \t")
	}
	return keyword, words
}

// matchesHost reports whether the patterns of a Host line match the host: one of them,
// and none of those with a "!".
func matchesHost(patterns []string, host string) bool {
	matches := false
	for _, pattern := range patterns {
		pattern, not := strings.CutPrefix(pattern, "!")
		if !matchesPattern(strings.ToLower(pattern), strings.ToLower(host)) {
			continue
		}
		if not {
			return false
		}
		matches = true
	}
	return matches
}

// matchesPattern supports * and ?, like ssh, but no brackets.
func matchesPattern(pattern, text string) bool {
	for pattern != "" {
		switch {
		case pattern[0] == '*':
			for i := 0; i <= len(text); i++ {
				if matchesPattern(pattern[1:], text[i:]) {
					return true
				}
			}
			return false
		case text == "" || pattern[0] != '?' && pattern[0] != text[0]:
			return false
		}
		pattern, text = pattern[1:], text[1:]
	}
	return text == ""
}

// expandHome replaces a ~ by the user's home.
func expandHome(file string) string {
	if rest, ok := strings.CutPrefix(file, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	return file
}
