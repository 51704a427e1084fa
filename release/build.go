package main

import (
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A platform is an operating system and an architecture, by Go's names.
type platform struct{ os, arch string }

// machines are the names of the platforms' machines in the tags of wheels.
var machines = map[platform]string{
	{"linux", "amd64"}: "x86_64", {"linux", "arm64"}: "aarch64",
	{"darwin", "amd64"}: "x86_64", {"darwin", "arm64"}: "arm64",
}

// platformOf is the platform with a name such as linux-amd64.
func platformOf(name string) (platform, error) {
	system, arch, _ := strings.Cut(name, "-")
	p := platform{system, arch}
	if machines[p] == "" {
		return p, fmt.Errorf("no releases for the platform %q", name)
	}
	return p, nil
}

func (p platform) String() string { return p.os + "-" + p.arch }

// goEnv is the environment for Go on a platform. Settings of the user do not apply.
func (p platform) goEnv() []string {
	return append(os.Environ(), "GOOS="+p.os, "GOARCH="+p.arch, "CGO_ENABLED=0",
		"GOFLAGS=", "GOEXPERIMENT=", "GOWORK=off", "GOAMD64=v1", "GOARM64=v8.0")
}

// build builds gust for a platform, and returns the files that only this platform has.
func (r *release) build(p platform) ([]file, error) {
	binary := filepath.Join(r.work, p.String(), "gust")
	const program = "gust/internal/program."
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags",
		"-s -w -X "+program+"release="+r.version+" -X "+program+"commit="+r.commit+
			" -X "+program+"commitAt="+r.time.Format(time.RFC3339),
		"-o", binary, "./cmd/gust")
	cmd.Dir, cmd.Env = r.top, p.goEnv()
	if _, err := output(cmd); err != nil {
		return nil, err
	}
	if p.os == "linux" {
		if err := checkStatic(binary); err != nil {
			return nil, err
		}
	}
	data, err := os.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	sbom, err := r.sbom(binary)
	if err != nil {
		return nil, err
	}
	licences, err := r.licences(p)
	if err != nil {
		return nil, err
	}
	return []file{
		{"bin/gust", 0o755, data},
		{"share/doc/gust/gust.cdx.json", 0o644, sbom},
		{"share/doc/gust/THIRD-PARTY-LICENCES", 0o644, licences},
	}, r.write(fmt.Sprintf("gust-%s-%s.cdx.json", r.version, p), sbom)
}

// checkStatic checks that a program needs no dynamic linker, and so runs with each C library:
// the wheels' tags for Linux say that it does.
func checkStatic(binary string) error {
	f, err := elf.Open(binary)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, segment := range f.Progs {
		if segment.Type == elf.PT_INTERP {
			return fmt.Errorf("%s is not static", binary)
		}
	}
	return nil
}

// sharedFiles are the files that are the same on all platforms. gust itself writes some,
// built for this machine.
func (r *release) sharedFiles() ([]file, error) {
	say("man pages and completions")
	gust := filepath.Join(r.work, "gust")
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags",
		"-X gust/internal/program.release="+r.version, "-o", gust, "./cmd/gust")
	build.Dir, build.Env = r.top, append(os.Environ(), "GOFLAGS=", "CGO_ENABLED=0")
	if _, err := output(build); err != nil {
		return nil, err
	}
	man := filepath.Join(r.work, "man1")
	if _, err := output(exec.Command(gust, "manual", man)); err != nil {
		return nil, err
	}
	pages, err := os.ReadDir(man)
	if err != nil {
		return nil, err
	}
	var files []file
	for _, page := range pages {
		data, err := os.ReadFile(filepath.Join(man, page.Name()))
		if err != nil {
			return nil, err
		}
		files = append(files, file{"share/man/man1/" + page.Name(), 0o644, data})
	}
	for shell, path := range map[string]string{
		"bash": "share/bash-completion/completions/gust",
		"zsh":  "share/zsh/site-functions/_gust",
		"fish": "share/fish/vendor_completions.d/gust.fish",
	} {
		data, err := output(exec.Command(gust, "completion", shell))
		if err != nil {
			return nil, err
		}
		files = append(files, file{path, 0o644, data})
	}
	for _, name := range []string{"LICENSE", "README.md", "CHANGELOG.md"} {
		data, err := os.ReadFile(filepath.Join(r.top, name))
		if err != nil {
			return nil, err
		}
		files = append(files, file{"share/doc/gust/" + name, 0o644, data})
	}
	return files, nil
}

// programOf is gust itself, among the files for a platform.
func programOf(files []file) []byte {
	return files[slices.IndexFunc(files, func(f file) bool { return f.path == "bin/gust" })].data
}
