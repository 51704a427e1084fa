// Release makes the files that users install gust from: archives, packages for Debian and
// Red Hat, wheels for pip, images for containers, with their SBOMs and checksums. `make
// release VERSION=v0.1.0` runs it; docs/install.md is the page for those who install them.
//
// The files depend only on the commit, the version, the releases of Go and nfpm, which are
// fixed, and, for the images, on Debian's archive. Everything has the commit's time, belongs
// to root, and is sorted. Nothing that differs between machines (clocks, paths, names,
// locales, tags) gets into a file.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"gust/internal/hint"
)

func main() {
	var o options
	flag.StringVar(&o.version, "version", "", "version to release, such as v0.1.0")
	flag.StringVar(&o.out, "out", "dist", "directory to write, new or empty")
	platforms := flag.String("platforms", "linux-amd64,linux-arm64,darwin-amd64,darwin-arm64", "platforms, separated by commas")
	images := flag.String("images", runtime.GOARCH, "architectures of the images, separated by commas; empty for none")
	flag.StringVar(&o.base, "base", "", "tar file with the images' base, for a single architecture (default: made by release/base)")
	flag.Parse()
	o.platforms, o.images = strings.Split(*platforms, ","), strings.Split(*images, ",")
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "release:", hint.Text(err))
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	version, out      string
	platforms, images []string
	base              string
}

// A release is a version of gust that is made from a commit.
type release struct {
	version string // such as "v0.1.0"
	commit  string // the full hash
	time    time.Time
	top     string // the repository
	work    string // a scratch directory
	out     string // the directory of the files
}

// A file is one that a user gets: in an archive, a package, a wheel or an image.
type file struct {
	path string // with slashes, below the prefix, such as "share/man/man1/gust.1"
	mode os.FileMode
	data []byte
}

// run makes all files of a release.
func run(o options) error {
	work, err := os.MkdirTemp("", "gust-release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	r, err := newRelease(o.version, work, o.out)
	if err != nil {
		return err
	}
	shared, err := r.sharedFiles()
	if err != nil {
		return err
	}
	for _, name := range o.platforms {
		p, err := platformOf(name)
		if err != nil {
			return err
		}
		say("gust for %s", p)
		files, err := r.build(p)
		if err != nil {
			return err
		}
		files = append(files, shared...)
		if err := r.makeAll(p, files); err != nil {
			return err
		}
		if p.os == "linux" && slices.Contains(o.images, p.arch) {
			say("image for %s", p)
			if err := r.makeImage(p, files, o.base); err != nil {
				return err
			}
		}
	}
	if err := r.makeAlias(); err != nil {
		return err
	}
	return r.makeChecksums()
}

// makeAll makes what there is for a platform, but for the image.
func (r *release) makeAll(p platform, files []file) error {
	if err := r.makeArchive(p, files); err != nil {
		return err
	}
	if err := r.makeWheel(p, files); err != nil {
		return err
	}
	if p.os != "linux" {
		return nil
	}
	return r.makePackages(p, files)
}

// versionForm matches versions that Go, pip, Debian and RPM can order.
var versionForm = regexp.MustCompile(`^v(\d+\.\d+\.\d+)(?:-(alpha|beta|rc)\.(\d+))?$`)

// newRelease checks that a release can be made, and makes its directory.
func newRelease(version, work, out string) (*release, error) {
	if !versionForm.MatchString(version) {
		return nil, hint.New(fmt.Sprintf("invalid version %q (want vX.Y.Z, or vX.Y.Z with -alpha.N, -beta.N or -rc.N)", version),
			"make release VERSION=v0.1.0")
	}
	r := &release{version: version, work: work}
	var err error
	if r.top, err = git(".", "rev-parse", "--show-toplevel"); err != nil {
		return nil, err
	}
	changed, err := git(r.top, "status", "--porcelain")
	if err != nil {
		return nil, err
	}
	if changed != "" {
		return nil, hint.New("the files are not those of a commit:\n"+changed, "commit or remove them")
	}
	changelog, err := os.ReadFile(filepath.Join(r.top, "CHANGELOG.md"))
	if err != nil {
		return nil, err
	}
	if !regexp.MustCompile(`(?m)^## ` + regexp.QuoteMeta(version) + `( |$)`).Match(changelog) {
		return nil, hint.New("CHANGELOG.md has no heading for "+version, "add `## "+version+"`")
	}
	if r.commit, err = git(r.top, "rev-parse", "HEAD"); err != nil {
		return nil, err
	}
	seconds, err := git(r.top, "log", "-1", "--format=%ct")
	if err != nil {
		return nil, err
	}
	unix, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return nil, err
	}
	r.time = time.Unix(unix, 0).UTC()
	if r.out, err = filepath.Abs(out); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(r.out, 0o755); err != nil {
		return nil, err
	}
	if entries, err := os.ReadDir(r.out); err != nil || len(entries) > 0 {
		return nil, errors.Join(err, fmt.Errorf("%s is not empty", r.out))
	}
	return r, nil
}

// epoch sets SOURCE_DATE_EPOCH, from which tools take the time of their files.
func (r *release) epoch() string { return fmt.Sprintf("SOURCE_DATE_EPOCH=%d", r.time.Unix()) }

// write writes one of the release's files.
func (r *release) write(name string, data []byte) error {
	say("  %s, %.1f MB", name, float64(len(data))/1e6)
	return os.WriteFile(filepath.Join(r.out, name), data, 0o644)
}

// git asks git about the repository.
func git(dir string, args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	out, err := output(cmd)
	return strings.TrimSpace(string(out)), err
}

// output runs a command and returns its stdout. An error has its stderr.
func output(cmd *exec.Cmd) ([]byte, error) {
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("cannot run %s: %w\n%s", strings.Join(cmd.Args, " "), err, stderr.String())
	}
	return out, nil
}

// say prints what is being done.
func say(format string, args ...any) { fmt.Fprintf(os.Stderr, "== "+format+"\n", args...) }
