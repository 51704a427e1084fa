package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"gust/internal/testenv"
)

// dist makes a release for all platforms from a clone, once for all tests, and returns its
// directory. If images can be made and tested here, it has one.
func dist(t *testing.T) string {
	t.Helper()
	made.Do(func() {
		madeIn = filepath.Join(scratch, "dist")
		madeErr = releaseFrom(snapshot(t), madeIn, baseFlags(t))
	})
	if madeErr != nil {
		t.Fatal(madeErr)
	}
	return madeIn
}

var (
	made    sync.Once
	madeIn  string
	madeErr error

	scratch string // the directory for what several tests use
)

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if scratch, err = os.MkdirTemp("", "gust-release-test-"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(scratch)
		return m.Run()
	}())
}

// baseFlags are the flags for an image, or for none if there is no base for it.
func baseFlags(t *testing.T) []string {
	t.Helper()
	if base := filepath.Join(testenv.Top(t), ".deps", "root", "base.tar"); exists(base) {
		return []string{"-base", base}
	}
	return []string{"-images="}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// snapshot copies the repository as it is now, changes included, and commits that.
func snapshot(t *testing.T) (dir string) {
	t.Helper()
	top := testenv.Top(t)
	dir = filepath.Join(scratch, "snapshot")
	list, err := output(exec.Command("git", "-C", top, "ls-files", "-z", "--cached", "--others", "--exclude-standard"))
	if err != nil {
		t.Fatal(err)
	}
	for path := range strings.SplitSeq(strings.TrimSuffix(string(list), "\x00"), "\x00") {
		source := filepath.Join(top, path)
		info, err := os.Lstat(source)
		if err != nil || !info.Mode().IsRegular() {
			continue // deleted, and not committed yet; or a link of this worktree's
		}
		data, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, data, info.Mode().Perm()); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"init", "--quiet"}, {"add", "--all"},
		{"-c", "user.name=gust", "-c", "user.email=gust", "-c", "commit.gpgsign=false", "commit", "--quiet", "--message", "test"},
	} {
		if _, err := git(dir, args...); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// releaseFrom makes a release in a clone, as `make release` does.
func releaseFrom(dir, out string, flags []string, environ ...string) error {
	cmd := exec.Command("go", append([]string{"run", "./release", "-version", "v0.1.0", "-out", out}, flags...)...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), environ...)
	_, err := output(cmd)
	return err
}

// A clone of a commit makes the same bytes, whatever its directory and tags, the time
// zone, the language and the user's flags for Go. Go's cache is shared: `make release-twice` tells
// whether the compiler makes the same bytes without it.
func TestReleaseIsReproducible(t *testing.T) {
	first := dist(t)
	second := filepath.Join(t.TempDir(), "a clone")
	for _, args := range [][]string{{"clone", "--quiet", "snapshot", second}, {"-C", second, "tag", "v0.0.9"}} {
		if _, err := git(scratch, args...); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(t.TempDir(), "again")
	flags := append(baseFlags(t), "-platforms", "linux-amd64,darwin-arm64")
	if err := releaseFrom(second, out, flags, "TZ=Asia/Tokyo", "LC_ALL=C", "LANG=C", "GOFLAGS=-buildvcs=true -tags=none"); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(out)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) < 9 {
		t.Errorf("only %d files", len(entries))
	}
	for _, entry := range entries {
		if entry.Name() == "SHA256SUMS" {
			continue // of fewer files
		}
		a, errA := os.ReadFile(filepath.Join(first, entry.Name()))
		b, errB := os.ReadFile(filepath.Join(out, entry.Name()))
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("%s differs (%v, %v)", entry.Name(), errA, errB)
		}
	}
}

// The checksums are of all files, and true.
func TestChecksums(t *testing.T) {
	dir := dist(t)
	cmd := exec.Command("sha256sum", "--check", "--strict", "SHA256SUMS")
	cmd.Dir = dir
	out, err := output(cmd)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Count(string(out), ": OK\n"), len(entries)-1; got != want {
		t.Errorf("%d checksums for %d files", got, want)
	}
}

// The version says which files have the same.
func TestVersions(t *testing.T) {
	for version, want := range map[string]string{
		"v0.1.0": "0.1.0", "v1.20.3": "1.20.3", "v0.1.0-rc.2": "0.1.0rc2", "v0.1.0-alpha.1": "0.1.0a1", "v0.1.0-beta.10": "0.1.0b10",
	} {
		if got := (&release{version: version}).pythonVersion(); got != want {
			t.Errorf("%s: got %s, want %s", version, got, want)
		}
	}
	for _, version := range []string{"", "0.1.0", "v0.1", "v0.1.0-rc1", "v0.1.0+1", "v0.1.0 ", "latest"} {
		if _, err := newRelease(version, "", ""); err == nil || !strings.Contains(err.Error(), "invalid version") {
			t.Errorf("%q: %v", version, err)
		}
	}
}

// A release is of a commit, and of a version that the changelog describes.
func TestReleaseRefuses(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	run := func(args ...string) {
		t.Helper()
		if _, err := git(dir, append([]string{"-c", "user.name=gust", "-c", "user.email=gust", "-c", "commit.gpgsign=false"}, args...)...); err != nil {
			t.Fatal(err)
		}
	}
	testenv.Write(t, dir, map[string]string{"CHANGELOG.md": "# Changelog\n\n## v0.1.0 (unreleased)\n", "full/of": "files"})
	run("init", "--quiet")
	run("add", "--all")
	run("commit", "--quiet", "--message", "test")
	refuses := func(version, out, want string) {
		t.Helper()
		if _, err := newRelease(version, t.TempDir(), out); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", version, err, want)
		}
	}
	refuses("v0.1.1", t.TempDir(), "no heading for v0.1.1")
	refuses("v0.1.0", filepath.Join(dir, "full"), "is not empty")
	if _, err := newRelease("v0.1.0", t.TempDir(), t.TempDir()); err != nil {
		t.Error(err)
	}
	testenv.Write(t, dir, map[string]string{"new": ""})
	refuses("v0.1.0", t.TempDir(), "?? new")
}

// Each archive has gust for its platform, man pages, completions and licences below one
// folder.
func TestArchives(t *testing.T) {
	dir := dist(t)
	for p, magic := range map[string]string{
		// ELF, and the machine; Mach-O, and the processor.
		"linux-amd64": "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x3e", "linux-arm64": "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7",
		"darwin-amd64": "\xcf\xfa\xed\xfe\x07\x00\x00\x01", "darwin-arm64": "\xcf\xfa\xed\xfe\x0c\x00\x00\x01",
	} {
		name := "gust-v0.1.0-" + p
		to := t.TempDir()
		if _, err := output(exec.Command("tar", "-xzf", filepath.Join(dir, name+".tar.gz"), "-C", to)); err != nil {
			t.Fatal(err)
		}
		binary, err := os.Open(filepath.Join(to, name, "bin", "gust"))
		if err != nil {
			t.Fatal(err)
		}
		defer binary.Close()
		start := make([]byte, len(magic))
		if _, err := io.ReadFull(binary, start); err != nil || string(start) != magic {
			t.Errorf("%s: bin/gust begins with %q", p, start)
		}
		if info, err := binary.Stat(); err != nil || info.Mode().Perm() != 0o755 {
			t.Errorf("%s: bin/gust: %v, %v", p, info.Mode(), err)
		}
		for _, file := range []string{
			"share/man/man1/gust.1", "share/man/man1/gust-run.1", "share/doc/gust/LICENSE",
			"share/bash-completion/completions/gust", "share/zsh/site-functions/_gust", "share/fish/vendor_completions.d/gust.fish",
		} {
			if info, err := os.Stat(filepath.Join(to, name, file)); err != nil || info.Size() < 100 {
				t.Errorf("%s: %s: %v", p, file, err)
			}
		}
		licences, err := os.ReadFile(filepath.Join(to, name, "share/doc/gust/THIRD-PARTY-LICENCES"))
		if err != nil {
			t.Fatal(err)
		}
		sbom, err := os.ReadFile(filepath.Join(to, name, "share/doc/gust/gust.cdx.json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"github.com/apache/thrift@v0.17.0/NOTICE", "go/LICENSE", "ui/page/static/vendor/preact.LICENSE"} {
			if !strings.Contains(string(licences), "\n"+want+"\n") {
				t.Errorf("%s: THIRD-PARTY-LICENCES has no %s", p, want)
			}
		}
		for _, want := range []string{"pkg:golang/stdlib@1", "pkg:golang/github.com/apache/thrift@v0.17.0", "pkg:npm/preact@", "pkg:npm/%40preact/signals@"} {
			if !strings.Contains(string(sbom), `"purl": "`+want) {
				t.Errorf("%s: the SBOM has no %s", p, want)
			}
		}
	}
}

// only returns the file of the release whose name matches.
func only(t *testing.T, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dist(t), pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("%d files match %s: %v", len(found), pattern, err)
	}
	return found[0]
}

// sh runs a script, and requires that it succeeds.
func sh(t *testing.T, in func(command ...string) *exec.Cmd, script string) (stdout string) {
	t.Helper()
	out, err := output(in("sh", "-euc", script))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// has reports an error if a text lacks something.
func has(t *testing.T, text string, wants ...string) {
	t.Helper()
	if missing := slices.DeleteFunc(wants, func(want string) bool { return strings.Contains(text, want) }); len(missing) > 0 {
		t.Errorf("%q is not in\n%s", missing, text)
	}
}
