package load

import (
	"os"
	"regexp"
	"strconv"
	"strings"
)

// reference is a ${...} in a Flux file.
var reference = regexp.MustCompile(`\$\{([^}]+)\}`)

// listItem is a reference to one item of a property that is a list: name[2].
var listItem = regexp.MustCompile(`^(.+)\[(\d+)\]$`)

// substituted reads a file and replaces ${...} line by line, as Flux does before it
// parses the YAML. It warns of a reference without a value and does not change it. It is
// false if the file cannot be read.
func (f *fluxReader) substituted(file string) (string, bool) {
	data, err := os.ReadFile(file)
	if err != nil {
		f.errs = append(f.errs, err)
		return "", false
	}
	lines := strings.Split(string(data), "\n")
	for i, line := range lines {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		lines[i] = reference.ReplaceAllStringFunc(line, func(whole string) string {
			name := whole[2 : len(whole)-1]
			text, ok := f.lookUp(name)
			if !ok {
				f.warnf(place{file, i + 1}, "%s is not substituted: %s", whole, f.whyUnknown(name))
				return whole
			}
			return text
		})
	}
	return strings.Join(lines, "\n"), true
}

// lookUp finds the value of a reference: an environment variable after "ENV-", an item of
// a property's list, or a property.
func (f *fluxReader) lookUp(name string) (string, bool) {
	if variable, ok := strings.CutPrefix(name, "ENV-"); ok {
		return os.LookupEnv(variable)
	}
	if m := listItem.FindStringSubmatch(name); m != nil {
		index, err := strconv.Atoi(m[2])
		list, ok := f.properties[m[1]]
		if err != nil || !ok {
			return "", false
		}
		return itemOf(list, index)
	}
	text, ok := f.properties[name]
	return text, ok
}

// itemOf is an item of a list such as ["a", "b"], without its quotes.
func itemOf(list string, index int) (string, bool) {
	list = strings.TrimSpace(list)
	if len(list) < 2 || list[0] != '[' || list[len(list)-1] != ']' {
		return "", false
	}
	items := strings.Split(list[1:len(list)-1], ",")
	if index >= len(items) {
		return "", false
	}
	item := strings.TrimSpace(items[index])
	if len(item) >= 2 && (item[0] == '"' || item[0] == '\'') && item[len(item)-1] == item[0] {
		item = item[1 : len(item)-1]
	}
	return item, true
}

// whyUnknown says why a reference has no value, with the remedy.
func (f *fluxReader) whyUnknown(name string) string {
	if variable, ok := strings.CutPrefix(name, "ENV-"); ok {
		return "no environment variable " + variable
	}
	if f.filter == "" {
		return "give the file that sets it with --filter"
	}
	return f.filter + " does not set it"
}
