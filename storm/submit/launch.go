package submit

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gust/internal/hint"
	"gust/storm/jar"
	"gust/topology"
)

// launcher is how a worker starts a class of streamparse's. It takes the script, such as
// "-s json bolts.Count", and returns a program and its argument.
type launcher func(script string) (program, argument string)

// streamparseRun starts the program of that name, for example the one in a virtualenv on
// the workers.
func streamparseRun(program string) launcher {
	return func(script string) (string, string) { return program, script }
}

// bundled starts what [jar.Bundle] has put into the jar, with the workers' own Python.
// The argument is a line of Python, because Storm passes a program one argument only, and
// unpacks no file as executable.
func bundled(python string) launcher {
	return func(script string) (string, string) {
		return python, fmt.Sprintf("-cimport %s; %[1]s.run(%s)", jar.BundleModule, pythonText(script))
	}
}

// pythonText is a string in Python.
func pythonText(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`).Replace(text) + "'"
}

// twoWords is a command in Storm's two words, a program and one argument. If it has more,
// or an environment, `env -S` on the worker splits them: it is in GNU's coreutils since
// 8.30, in BSD and in macOS.
func twoWords(command []string, environment map[string]string) (program, script string, err error) {
	if len(command) == 0 {
		return "", "", errors.New("has no command")
	}
	if len(environment) == 0 {
		switch len(command) {
		case 1:
			return "env", command[0], nil
		case 2:
			return command[0], command[1], nil
		}
	}
	var words []string
	for _, name := range slices.Sorted(maps.Keys(environment)) {
		words = append(words, envWord(name+"="+environment[name]))
	}
	for _, word := range command {
		words = append(words, envWord(word))
	}
	return "env", "-S" + strings.Join(words, " "), nil
}

// envWord quotes a word for env -S, which takes everything in single quotes literally,
// except \\ and \'.
func envWord(word string) string {
	plain := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_./=:,+@%", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(word) + "'"
}

// speakJSON changes the classes of streamparse to JSON, and returns the names of those
// that use msgpack. A component that uses msgpack and is not a class of streamparse's is
// an error: only its author can change that.
func speakJSON(t *topology.Topology) (changed []string, err error) {
	for _, c := range t.Components {
		switch {
		case c.Serializer != "msgpack":
		case c.Script == "":
			return nil, hint.With(fmt.Errorf("%s %q speaks msgpack, for which Storm has no serializer of its own", c.Kind, c.Name),
				"give the jar one with --add, or let the component speak JSON")
		default:
			c.Script, c.Serializer = jsonScript(c.Script), "json"
			changed = append(changed, c.Name)
		}
	}
	return changed, nil
}

// jsonScript is streamparse_run's script with the serializer json.
func jsonScript(script string) string {
	words := strings.Fields(script)
	kept := []string{"-s", "json"}
	for i := 0; i < len(words); i++ {
		switch {
		case words[i] == "-s" || words[i] == "--serializer":
			i++ // its value is removed, too
		case strings.HasPrefix(words[i], "--serializer="):
		default:
			kept = append(kept, words[i])
		}
	}
	return strings.Join(kept, " ")
}
