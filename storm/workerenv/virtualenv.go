package workerenv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/storm/access"
	"gust/storm/remote"
)

// Virtualenv is a virtualenv on the workers' machines, to be made or updated.
type Virtualenv struct {
	Path         string
	requirements string // the content of a requirements file
	flags        string // virtualenv's own, as a shell reads them
	user         string // who makes it, or empty for who logs in
	overwrite    bool
}

// Plan describes what is going to happen on these machines.
func (v *Virtualenv) Plan(targets []remote.Target) string {
	hosts := terminal.Listed(remote.Hosts(targets))
	if v.overwrite {
		return fmt.Sprintf("deleting %s on %s, and creating it again", v.Path, hosts)
	}
	return fmt.Sprintf("updating %s on %s", v.Path, hosts)
}

// Voice reports progress.
type Voice interface {
	Say(format string, args ...any)
}

// Install makes or updates the virtualenv on machines, a pool of them at a time. w gets
// their output.
func (v *Virtualenv) Install(ctx context.Context, cluster *access.Cluster, targets []remote.Target, pool int, voice Voice, w io.Writer) error {
	began := time.Now()
	output := &remote.Output{W: w, Named: true, Clean: terminal.Visible}
	err := cluster.SSH.Each(ctx, targets, pool, func(ctx context.Context, m *remote.Machine) error {
		return v.install(ctx, m, output.Of(m.Name))
	})
	switch {
	case err == nil:
	case ctx.Err() != nil || errors.Is(err, terminal.ErrInterrupted):
		return errors.New("interrupted; pip may still be running on some machines")
	default:
		return withRemedy(err)
	}
	voice.Say("%s is ready on %s after %.1fs", v.Path, terminal.Count(len(targets), "machine"), time.Since(began).Seconds())
	return nil
}

// install makes or updates the virtualenv on one machine.
func (v *Virtualenv) install(ctx context.Context, m *remote.Machine, output *remote.LineWriter) error {
	how := "keep"
	if v.overwrite {
		how = "new"
	}
	// The flags are words of a shell, as sparse takes them.
	inner := "sh -c " + remote.Quote(script) + " virtualenv " + remote.Quote(v.Path) + " " + how + " " + v.flags
	command, input := m.As(v.user, inner)
	err := m.Run(ctx, command, strings.NewReader(input+v.requirements), output, output)
	if flushed := output.Flush(); err == nil {
		err = flushed
	}
	if _, ended := errors.AsType[*remote.ExitError](err); ended {
		err = remote.Complaint(err, output.LastLine())
	}
	if err != nil {
		return fmt.Errorf("%s is not ready on %s: %w", v.Path, m.Name, err)
	}
	return nil
}

// script makes or updates a virtualenv. Its first argument is the path; the second is
// "new" if an old virtualenv is to be deleted first; the rest are flags of virtualenv.
// The requirements come on its input.
const script = `
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

// noPackage is pip's error for a package that it does not find.
var noPackage = regexp.MustCompile(`No matching distribution found for ([^\s;]+)`)

// withRemedy adds a remedy to an error of the machines, if one is known.
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
