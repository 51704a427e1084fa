package runner

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"gust/internal/pyrun"
	"gust/topology"
)

const entry = "run.py"

// Command returns the command that runs a streamparse component fast: the same
// interpreter, arguments and working directory. It does not change the given command.
// An error says why the command cannot be rewritten.
func (f *Files) Command(mode Mode, command []string) ([]string, error) {
	run, words, ok := topology.Streamparse(command)
	if !ok {
		return nil, errors.New("it is not a streamparse component")
	}
	python, stands := run[:max(0, len(run)-2)], "-m"
	if len(run) == 1 {
		path, err := exec.LookPath(run[0])
		if err != nil {
			return nil, err
		}
		if stands, err = filepath.Abs(path); err != nil {
			return nil, err
		}
		if python, err = interpreterOf(stands); err != nil {
			return nil, err
		}
	}
	if err := f.fit(python[0]); err != nil {
		return nil, err
	}
	rewritten := append([]string(nil), python...)
	rewritten = append(rewritten, filepath.Join(f.dir, entry), string(mode), stands)
	return append(rewritten, words...), nil
}

// interpreterOf is the Python that a script names in its first line, with the
// options given there; the script itself is what pip wrote for streamparse_run.
func interpreterOf(script string) ([]string, error) {
	first, err := firstLine(script)
	if err != nil {
		return nil, err
	}
	line, _ := strings.CutPrefix(first, "#!")
	words := strings.Fields(line)
	if len(words) > 0 && filepath.IsAbs(words[0]) && isPython(words[0]) {
		return words, nil
	}
	// Paths that are long or have spaces are wrapped in a shell script: the
	// interpreter is the one that the script lies beside.
	if python, ok := pyrun.Beside(script); ok {
		return []string{python}, nil
	}
	return nil, fmt.Errorf("cannot tell which Python runs %s: its first line is %q, and there is no python next to it", script, first)
}

func isPython(path string) bool { return strings.HasPrefix(filepath.Base(path), "python") }

// firstLine reads the first line of a file, or its first 4 KiB.
func firstLine(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	line, err := bufio.NewReader(io.LimitReader(file, 4096)).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", err
	}
	return strings.TrimSpace(line), nil
}
