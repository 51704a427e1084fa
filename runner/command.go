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
)

const (
	program = "streamparse_run"
	module  = "streamparse.run"
	entry   = "run.py"
)

// isStreamparse reports whether a command starts a streamparse component, by
// the program streamparse_run or as `python -m streamparse.run`.
func isStreamparse(command []string) bool {
	return isProgram(command) || isModule(command)
}

// Command returns the command that runs a streamparse component fast: the same
// interpreter, arguments and working directory. It does not change the given command.
// An error says why the command cannot be rewritten.
func (f *Files) Command(mode Mode, command []string) ([]string, error) {
	var python, words []string
	stands := "-m"
	switch {
	case isProgram(command):
		path, err := exec.LookPath(command[0])
		if err != nil {
			return nil, err
		}
		if stands, err = filepath.Abs(path); err != nil {
			return nil, err
		}
		if python, err = interpreterOf(stands); err != nil {
			return nil, err
		}
		words = command[1:]
	case isModule(command):
		python, words = command[:1], command[3:]
	default:
		return nil, errors.New("it is not a streamparse component")
	}
	if err := f.fit(python[0]); err != nil {
		return nil, err
	}
	rewritten := append([]string(nil), python...)
	rewritten = append(rewritten, filepath.Join(f.dir, entry), string(mode), stands)
	return append(rewritten, words...), nil
}

func isProgram(command []string) bool {
	return len(command) > 1 && filepath.Base(command[0]) == program
}

func isModule(command []string) bool {
	return len(command) > 3 && command[1] == "-m" && command[2] == module
}

// interpreterOf is the Python in a script's first line, with its options. The script is
// the one that pip wrote for streamparse_run.
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
	// pip wraps paths that are long or have spaces in a shell script: the interpreter is
	// the one beside the script.
	for _, name := range []string{"python3", "python"} {
		beside := filepath.Join(filepath.Dir(script), name)
		if info, err := os.Stat(beside); err == nil && !info.IsDir() && info.Mode().Perm()&0o111 != 0 {
			return []string{beside}, nil
		}
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
