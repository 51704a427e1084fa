package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"gust/conf"
	"gust/internal/hint"
	"gust/storm/remote"
)

// remoteVirtualenv is a virtualenv to be made on machines of a cluster.
type remoteVirtualenv struct {
	path         string
	requirements string // the content of a requirements file
	flags        string // virtualenv's own, as a shell reads them
	user         string // who makes it, or empty for who logs in
	overwrite    bool
	options      conf.Conf
}

// virtualenvPath is where a virtualenv goes. What is made there may be deleted
// again, so that the name must not lead elsewhere.
func virtualenvPath(root, name string) (string, error) {
	switch {
	case root == "":
		return "", errors.New("virtualenv_root, the directory for virtualenvs on the cluster's machines, is not set")
	case !path.IsAbs(root):
		return "", fmt.Errorf("virtualenv_root must be an absolute path, not %q", root)
	case name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\x00\n"):
		return "", fmt.Errorf("invalid virtualenv name %q", name)
	}
	return path.Join(root, name), nil
}

// maxRequirementsDepth bounds how deep requirements files may name each other.
const maxRequirementsDepth = 16

// readRequirements makes one file of several, and of those that they name with
// -r and -c: the machines have none of them.
func readRequirements(files []string) (string, error) {
	var b strings.Builder
	for _, file := range files {
		if err := addRequirements(&b, file, maxRequirementsDepth); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

func addRequirements(b *strings.Builder, file string, depth int) error {
	if depth == 0 {
		return fmt.Errorf("%s: requirements files include each other in a cycle", file)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("cannot read what to install: %w", err)
	}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\r\n")
		named, isRequirements := fileOption(line, "-r", "--requirement")
		if !isRequirements {
			if _, isConstraint := fileOption(line, "-c", "--constraint"); isConstraint {
				return fmt.Errorf("%s: %q: the machines do not have that file: copy its lines into this one", file, line)
			}
			b.WriteString(line + "\n")
			continue
		}
		if err := addRequirements(b, filepath.Join(filepath.Dir(file), named), depth-1); err != nil {
			return err
		}
	}
	return nil
}

// fileOption is the file that a line of a requirements file names.
func fileOption(line, short, long string) (file string, ok bool) {
	line = strings.TrimSpace(line)
	for _, option := range []string{long, short} {
		rest, ok := strings.CutPrefix(line, option)
		if !ok {
			continue
		}
		file, _, _ := strings.Cut(strings.TrimLeft(rest, " \t="), " #")
		return strings.TrimSpace(file), true
	}
	return "", false
}

// virtualenvScript makes or updates a virtualenv. Its first argument is the
// path, the second "new" where an old one is to go first, the rest are flags of
// virtualenv. The requirements come on its input.
const virtualenvScript = `
set -e
path=$1 how=$2
shift 2
umask 022
file=$(mktemp "${TMPDIR:-/tmp}/requirements-XXXXXXXXX")
trap 'rm -f "$file"' EXIT
cat > "$file"
if [ "$how" = new ]; then
	echo "deleting $path"
	rm -rf -- "$path"
fi
if [ ! -d "$path" ]; then
	echo "making $path"
	if command -v virtualenv >/dev/null; then
		set -- virtualenv --never-download "$path" "$@"
	else
		set -- python3 -m venv "$path" "$@"
	fi
	# Half a virtualenv would be taken for a whole one the next time.
	"$@" || { rm -rf -- "$path"; echo "cannot make a virtualenv with $1" >&2; exit 1; }
elif [ ! -x "$path/bin/python" ]; then
	echo "$path has no bin/python, or one whose Python has gone: --overwrite_virtualenv recreates it" >&2
	exit 1
fi
# What is half installed is completed by the next run.
"$path/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=9.0,!=19.0' setuptools ||
	echo "pip stays as it is" >&2
"$path/bin/python" -m pip install --disable-pip-version-check --progress-bar off --exists-action w \
	--upgrade --upgrade-strategy only-if-needed -r "$file"
`

// update makes the virtualenv on one machine, and tells of it.
func (v *remoteVirtualenv) update(ctx context.Context, m *remote.Machine, output *hostWriter) error {
	how := "keep"
	if v.overwrite {
		how = "new"
	}
	// The flags are words of a shell, as sparse takes them.
	inner := "sh -c " + remote.Quote(virtualenvScript) + " virtualenv " + remote.Quote(v.path) + " " + how + " " + v.flags
	command, input := m.As(v.user, inner)
	err := m.Run(ctx, command, strings.NewReader(input+v.requirements), output, output)
	if flushed := output.flush(); err == nil {
		err = flushed
	}
	if _, ended := errors.AsType[*remote.ExitError](err); ended {
		err = commandError(err, output.lastLine())
	}
	if err != nil {
		return fmt.Errorf("%s is not ready on %s: %w", v.path, m.Name, err)
	}
	return nil
}

// noPackage is pip's last word of a package that it does not find.
var noPackage = regexp.MustCompile(`No matching distribution found for ([^\s;]+)`)

// withRemedy adds to an error of the machines what to do, where that is known.
func withRemedy(err error) error {
	text := err.Error()
	if m := noPackage.FindStringSubmatch(text); m != nil {
		return hint.With(err, "is "+m[1]+" spelled correctly, and available for the machines' Python? The machines also need access to the package index")
	}
	if strings.Contains(text, "No module named pip") {
		return hint.With(err, "--overwrite_virtualenv recreates it with pip")
	}
	if strings.Contains(text, "cannot make a virtualenv with python3") {
		return hint.With(err, "install virtualenv there, or your system's package for venv, such as python3-venv; --bundle of submit needs neither")
	}
	return err
}
