package main

import (
	"archive/zip"
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"gust/internal/testenv"
)

// released is what `gust version` begins with.
const released = "gust v0.1.0 (commit "

// Each wheel's RECORD is true, and only the alias is for all platforms.
func TestWheels(t *testing.T) {
	wheels, err := filepath.Glob(filepath.Join(dist(t), "*.whl"))
	if err != nil || len(wheels) != 5 {
		t.Fatalf("%d wheels: %v", len(wheels), err)
	}
	for _, wheel := range wheels {
		archive, err := zip.OpenReader(wheel)
		if err != nil {
			t.Fatal(err)
		}
		defer archive.Close()
		contents := map[string][]byte{}
		record := ""
		for _, f := range archive.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			if contents[f.Name], err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(f.Name, ".dist-info/RECORD") {
				record = f.Name
			}
			if want := strings.HasSuffix(f.Name, "/scripts/gust"); want != (f.Mode()&0o111 != 0) {
				t.Errorf("%s: %s has the mode %v", wheel, f.Name, f.Mode())
			}
		}
		rows, err := csv.NewReader(strings.NewReader(string(contents[record]))).ReadAll()
		if err != nil || len(rows) != len(contents) {
			t.Errorf("%s: %d rows for %d files: %v", wheel, len(rows), len(contents), err)
		}
		for _, row := range rows {
			data, ok := contents[row[0]]
			sum := sha256.Sum256(data)
			if want := "sha256=" + base64.RawURLEncoding.EncodeToString(sum[:]); !ok || row[0] != record && (row[1] != want || row[2] != fmt.Sprint(len(data))) {
				t.Errorf("%s: RECORD has %q", wheel, row)
			}
		}
	}
}

// pip installs gust into a virtual environment, and sparse if it is told to. `python -m gust` runs
// components in the environment, which need not be active.
func TestWheelInVirtualenv(t *testing.T) {
	python := testenv.Python(t)
	venv := filepath.Join(t.TempDir(), "venv")
	here := func(command ...string) *exec.Cmd {
		cmd := exec.Command(command[0], command[1:]...)
		cmd.Env = append(os.Environ(), "VIRTUAL_ENV=", "V="+venv, "PYTHON="+python, "DIST="+dist(t), "PIP_NO_INDEX=1", "PIP_DISABLE_PIP_VERSION_CHECK=1")
		cmd.Dir = t.TempDir()
		return cmd
	}
	sh(t, here, `"$PYTHON" -m venv "$V" && "$V/bin/pip" install --quiet --find-links "$DIST" gust-storm==0.1.0 && test ! -e "$V/bin/sparse"`)
	has(t, sh(t, here, `"$V/bin/gust" version && "$V/bin/python" -m gust version`), released, runtime.GOARCH)
	// What a run without streamparse names is the Python that it has chosen.
	own := filepath.Join(venv, "bin", "python")
	has(t, sh(t, here, `"$V/bin/python" -m gust quickstart demo && cd demo && "$V/bin/python" -m gust run 2>&1 || true`), own)
	has(t, sh(t, here, `"$V/bin/gust" quickstart demo && cd demo && "$V/bin/gust" run 2>&1 || true`), own)
	out := sh(t, here, `ln -s "$V/bin/gust" gust && ./gust quickstart demo && cd demo && ../gust run 2>&1 || true`)
	if strings.Contains(out, own) {
		t.Errorf("a link to the environment's gust uses its Python:\n%s", out)
	}
	sh(t, here, `"$V/bin/pip" install --quiet --find-links "$DIST" 'gust-storm[sparse]'`)
	has(t, sh(t, here, `"$V/bin/sparse" --help`), "This is gust, invoked as sparse")
	sh(t, here, `test -e "$V/share/man/man1/gust.1" && "$V/bin/pip" uninstall --quiet --yes gust-storm gust-sparse && test ! -e "$V/bin/gust" && test ! -e "$V/share/man/man1/gust.1"`)
	sh(t, here, `"$V/bin/pip" install --quiet --find-links "$DIST" --target lib gust-storm && PYTHONPATH=lib "$PYTHON" -m gust version`)
}

// A root is a directory that processes of a test see as /.
type root struct {
	dir        string
	namespaces []string // the flags of unshare
}

// newRoot unpacks the Debian with Python that the images have.
func newRoot(t *testing.T) root {
	t.Helper()
	deps := testenv.Root(t)
	r := root{t.TempDir(), []string{"--mount"}}
	if _, err := output(exec.Command("tar", "-xf", filepath.Join(deps, "base.tar"), "-C", r.dir)); err != nil {
		t.Fatal(err)
	}
	return r
}

// take copies files into a new folder of the root.
func (r root) take(t *testing.T, folder string, files ...string) {
	t.Helper()
	to := filepath.Join(r.dir, folder)
	if err := os.Mkdir(to, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := output(exec.Command("cp", append(append([]string{"-r"}, files...), to)...)); err != nil {
		t.Fatal(err)
	}
}

// as is a command in the root, by a user. It sees /proc and /dev, which end with it, and
// nothing of the test's environment.
func (r root) as(user string, environ ...string) func(command ...string) *exec.Cmd {
	const enter = `
root=$0 user=$1; shift
mkdir -p "$root/dev" "$root/proc"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
exec chroot --userspec="$user" "$root" /usr/bin/env -i "$@"`
	return func(command ...string) *exec.Cmd {
		args := slices.Concat(r.namespaces, []string{"sh", "-euc", enter, r.dir, user}, environ, command)
		return exec.Command("unshare", args...)
	}
}

// plain is a usual environment.
var plain = []string{"PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME=/home/gust", "LANG=C.UTF-8"}

// A new user has Python and pip and nothing else. From the wheel to a project of streamparse's
// that runs, and whose page answers, it takes the commands of README.md.
func TestWheelInBareRoot(t *testing.T) {
	r := newRoot(t)
	r.take(t, "dist", only(t, "gust_storm-*linux*"+machines[platform{"linux", runtime.GOARCH}]+"*.whl"))
	r.take(t, "wheels", filepath.Join(testenv.Root(t), "wheels")+"/.")
	user := r.as("gust:gust", append(plain, "PATH=/home/gust/venv/bin:/usr/bin:/bin", "PIP_NO_INDEX=1", "PIP_FIND_LINKS=/dist /wheels", "PIP_NO_COMPILE=1", "PIP_DISABLE_PIP_VERSION_CHECK=1")...)
	has(t, sh(t, user, `cd && python3 -m venv venv && venv/bin/pip install --quiet gust-storm && gust version`), released)
	has(t, sh(t, user, `cd && gust quickstart demo && cd demo && gust env && gust run -t 2 --json 2>log || { cat log >&2; false; }`), `"topology":"wordcount"`)

	run := user("sh", "-c", "cd && cd demo && exec gust run --log json --ui=127.0.0.1:0")
	log, err := run.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	defer run.Wait()
	defer run.Process.Signal(syscall.SIGINT)
	address := regexp.MustCompile(`http://127\.0\.0\.1:\d+/`)
	var text string
	for lines := bufio.NewScanner(log); lines.Scan(); {
		text += lines.Text() + "\n"
		if url := address.FindString(lines.Text()); url != "" {
			go io.Copy(io.Discard, log)
			response, err := http.Get(url)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			page, err := io.ReadAll(response.Body)
			if err != nil || response.StatusCode != http.StatusOK {
				t.Errorf("%s: %s, %v", url, response.Status, err)
			}
			has(t, string(page), "<title>", "wordcount")
			return
		}
	}
	t.Errorf("the log names no page:\n%s", text)
}

func TestDeb(t *testing.T) {
	r := newRoot(t)
	r.take(t, "dist", only(t, "gust_*_"+runtime.GOARCH+".deb"))
	admin := r.as("root:root", plain...)
	before := sh(t, admin, `find / -xdev ! -path '/var/*' ! -path '/proc/*' ! -path '/dev/*' | sort`)
	sh(t, admin, `dpkg --install /dist/*.deb`)
	has(t, sh(t, r.as("gust:gust", plain...), `gust version`), released)
	sh(t, admin, `test -e /usr/share/man/man1/gust-run.1.gz && test -e /usr/share/doc/gust/copyright && test -e /usr/share/zsh/vendor-completions/_gust`)
	has(t, sh(t, admin, `bash -euc '. /usr/share/bash-completion/completions/gust; complete -p gust'`), "gust")
	has(t, sh(t, admin, `dpkg --status gust`), "Version: 0.1.0", "Recommends: python3")
	sh(t, admin, `dpkg --purge gust`)
	if after := sh(t, admin, `find / -xdev ! -path '/var/*' ! -path '/proc/*' ! -path '/dev/*' | sort`); after != before {
		t.Error("a purge leaves other files than there were before")
	}
}

func TestRPM(t *testing.T) {
	rpm := testenv.Program(t, "rpm")
	testenv.Root(t)
	file := only(t, "gust-*."+machines[platform{"linux", runtime.GOARCH}]+".rpm")
	dir := t.TempDir()
	here := func(command ...string) *exec.Cmd {
		cmd := exec.Command(command[0], command[1:]...)
		cmd.Env = append(os.Environ(), "RPM="+rpm, "FILE="+file, "ROOT="+dir)
		return cmd
	}
	// An empty root has no shell; rpm needs none to install gust.
	sh(t, here, `"$RPM" --checksig --nosignature "$FILE" && "$RPM" --root "$ROOT" --initdb && "$RPM" --root "$ROOT" --install --nodeps "$FILE" && "$RPM" --root "$ROOT" --verify --nodeps gust`)
	has(t, sh(t, here, `"$ROOT/usr/bin/gust" version`), released)
	has(t, sh(t, here, `"$RPM" --query --package --info "$FILE"`), "Version     : 0.1.0", "License     : Apache-2.0")
	has(t, sh(t, here, `"$RPM" --query --package --recommends "$FILE"`), "python3")
	files := sh(t, here, `"$RPM" --query --package --list "$FILE"`)
	has(t, files, "/usr/bin/gust\n", "/usr/share/man/man1/gust-run.1.gz\n", "/usr/share/licenses/gust/LICENSE\n")
	if strings.Contains(files, "/usr/bin\n") {
		t.Error("the package owns /usr/bin, which belongs to another one")
	}
}

// Another implementation of OCI's specification unpacks the image, and gust runs a project in
// it as the image says: with its user, its directory and its environment.
func TestImage(t *testing.T) {
	testenv.Root(t)
	umoci := testenv.Program(t, "umoci")
	dir := t.TempDir()
	layout, bundle := filepath.Join(dir, "layout"), filepath.Join(dir, "bundle")
	if err := os.Mkdir(layout, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, cmd := range []*exec.Cmd{
		exec.Command("tar", "-xf", only(t, "*-linux-"+runtime.GOARCH+".oci.tar"), "-C", layout),
		exec.Command(umoci, "unpack", "--image", layout+":v0.1.0", bundle),
	} {
		if _, err := output(cmd); err != nil {
			t.Fatal(err)
		}
	}
	var config struct {
		Process struct {
			Args, Env []string
			Cwd       string
			User      struct{ UID, GID int }
		}
	}
	text, err := os.ReadFile(filepath.Join(bundle, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	p := config.Process
	if p.User.UID == 0 || p.User.GID == 0 {
		t.Errorf("the image runs as root: %+v", p.User)
	}
	// In a container, the command is process 1.
	container := root{filepath.Join(bundle, "rootfs"), []string{"--mount", "--pid", "--fork", "--kill-child"}}
	user := container.as(fmt.Sprintf("%d:%d", p.User.UID, p.User.GID), append(p.Env, "W="+p.Cwd)...)
	help, err := output(user(p.Args...))
	if err != nil {
		t.Fatal(err)
	}
	has(t, string(help), "Usage")
	has(t, sh(t, user, `cd "$W" && gust quickstart --toml --lang python demo && cd demo && exec gust run -t 2 --json topology.toml`), `"acked":`)
	sh(t, user, `python3 -m venv /tmp/venv && test -e /etc/ssl/certs/ca-certificates.crt`)
	sbom, err := os.ReadFile(only(t, "*-linux-"+runtime.GOARCH+".oci.cdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	has(t, string(sbom), `"pkg:deb/debian/python3@`, `"pkg:golang/github.com/spf13/cobra@`)
}
