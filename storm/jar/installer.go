package jar

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"gust/internal/hint"
	"gust/internal/pyrun"
)

//go:embed workers_pip.py
var pipForWorkers string

// installer is the program that installs a bundle's packages: the interpreter's pip, or
// uv if the interpreter has no pip, as in environments that uv has made.
type installer struct {
	name    string
	command []string
}

// install installs the packages into a folder.
func (b Bundle) install(ctx context.Context, asked *requirementSet, dir, version string) error {
	tool, err := b.installer(ctx, asked, dir, version)
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "gust-bundle")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	file := filepath.Join(scratch, "requirements.txt")
	if err := asked.writeFile(file); err != nil {
		return err
	}
	command := append(tool.command, "-r", file)
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	var said bytes.Buffer
	cmd.WaitDelay = time.Second // build processes may outlive the installer
	cmd.Stdout, cmd.Stderr = b.Log, io.MultiWriter(&said, orDiscard(b.Log))
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		err = fmt.Errorf("%s cannot install the packages of %s (%w):\n%s", tool.name, b.files(), err, lastLines(said.String(), 10))
		if remedy := b.remedy(said.String(), version); remedy != "" {
			return hint.With(err, remedy)
		}
		return err
	}
	return nil
}

// files are the names of the requirements' files.
func (b Bundle) files() string { return strings.Join(b.Requirements, ", ") }

// foreign reports whether the packages are for another Python than the one that installs
// them. Then wheels are required, because both pip and uv build for this machine only.
func (b Bundle) foreign() bool { return b.Platform != "" || b.PythonVersion != "" }

// installer chooses between pip and uv.
func (b Bundle) installer(ctx context.Context, asked *requirementSet, dir, version string) (installer, error) {
	if !pyrun.Has(ctx, b.Python, "pip") {
		if uv, err := exec.LookPath("uv"); err == nil {
			command := b.uv(uv, dir, version)
			if len(asked.local) > 0 {
				command = append(command, "--refresh") // otherwise uv reuses what it has built from other sources
			}
			return installer{"uv", command}, nil
		}
	}
	command, err := b.pip(dir, version)
	return installer{"pip", command}, err
}

// uv is the command of uv.
func (b Bundle) uv(program, dir, version string) []string {
	command := []string{program, "pip", "install", "--quiet", "--python", b.Python, "--target", dir}
	if b.foreign() {
		command = append(command, "--only-binary", ":all:", "--python-version", version)
	}
	if b.Platform != "" {
		command = append(command, "--python-platform", parsePlatform(b.Platform).forUV())
	}
	return command
}

// pip is the command of pip.
func (b Bundle) pip(dir, version string) ([]string, error) {
	install := []string{"install", "--quiet", "--disable-pip-version-check", "--no-compile", "--no-warn-script-location", "--target", dir}
	if !b.foreign() {
		return pyrun.Module(b.Python, "pip", install...), nil
	}
	answers, err := json.Marshal(b.markers(version))
	if err != nil {
		return nil, err
	}
	command := pyrun.Command(b.Python, pipForWorkers, append([]string{string(answers)}, install...)...)
	command = append(command, "--only-binary=:all:", "--implementation", "cp", "--python-version", version)
	if b.Platform != "" {
		for _, name := range parsePlatform(b.Platform).forPip() {
			command = append(command, "--platform", name)
		}
	}
	return command, nil
}

// markers are the values of the workers' Python in the conditions of requirements, if
// they differ from those of the Python that runs pip.
func (b Bundle) markers(version string) map[string]string {
	answers := parsePlatform(b.Platform).markers()
	maps.Copy(answers, map[string]string{
		"python_version": version, "python_full_version": version + ".0", "implementation_version": version + ".0",
		"implementation_name": "cpython", "platform_python_implementation": "CPython",
	})
	return answers
}

// noWheel is the package for which pip, or uv, has found no wheel.
var noWheel = regexp.MustCompile(`No matching distribution found for ([^\s;]+)|(\S+) (?:has|have) no (?:usable wheels|wheels with a matching)`)

// remedy is that for what pip or uv says, or empty if none is known.
func (b Bundle) remedy(said, version string) string {
	if strings.Contains(said, "No module named pip") || strings.Contains(said, "No module named 'pip'") {
		return b.Python + " -m ensurepip, or install uv"
	}
	m := noWheel.FindStringSubmatch(said)
	if m == nil || !b.foreign() {
		return ""
	}
	target, name := "Python "+version, m[1]+m[2]
	if b.Platform != "" {
		target += " on " + b.Platform
	}
	return fmt.Sprintf("no wheel of %s for %s, and only wheels can be installed for other machines: "+
		"use a version that has one, or build one there (`pip wheel %s`), and name its directory in the requirements (`--find-links DIR`)",
		name, target, name)
}

func orDiscard(w io.Writer) io.Writer {
	if w == nil {
		return io.Discard
	}
	return w
}

// lastLines are the last lines of a string.
func lastLines(text string, n int) string {
	lines := slices.Collect(strings.Lines(strings.TrimRight(text, "\n")))
	return strings.Join(lines[max(0, len(lines)-n):], "")
}
