package main

import (
	"archive/zip"
	"bytes"
	"cmp"
	"crypto/sha256"
	"debug/macho"
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

const (
	// distribution is gust's name for pip. Another project on PyPI has the name gust.
	distribution = "gust-storm"
	// alias is the distribution with the command sparse: streamparse has a command of
	// this name, and whoever installs gust beside it may want to keep that.
	alias = "gust-sparse"

	summary     = "Run Apache Storm's multilang components, such as streamparse projects, without a JVM"
	description = `gust runs streamparse projects, and any other component that speaks Apache Storm's
multilang protocol. It is one program, without a JVM.`
	licence = "Apache-2.0"
)

// python is the package in gust's wheel.
//
//go:embed all:python
var python embed.FS

// makeWheel makes the wheel for a platform: gust as a script, which pip puts where it puts
// all commands, and a package for `python -m gust`.
func (r *release) makeWheel(p platform, files []file) error {
	w := r.newWheel(distribution)
	w.requires = []string{"Provides-Extra: sparse", "Requires-Dist: " + alias + "==" + r.pythonVersion() + ` ; extra == "sparse"`}
	var err error
	if w.tags, err = wheelTags(p, files); err != nil {
		return err
	}
	for _, f := range files {
		switch {
		case f.path == "bin/gust":
			w.add(file{w.data("scripts/gust"), f.mode, f.data})
		case strings.HasPrefix(f.path, "share/doc/gust/"):
			switch base := path.Base(f.path); base {
			case "LICENSE", "THIRD-PARTY-LICENCES":
				w.add(file{w.info("licenses/" + base), f.mode, f.data})
			case "gust.cdx.json":
				w.add(file{w.info("sboms/" + base), f.mode, f.data})
			}
		default: // man pages and completions
			w.add(file{w.data("data/" + f.path), f.mode, f.data})
		}
	}
	sources, err := fs.Sub(python, "python")
	if err != nil {
		return err
	}
	err = fs.WalkDir(sources, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".py" {
			return err
		}
		data, err := fs.ReadFile(sources, name)
		w.add(file{name, 0o644, data})
		return err
	})
	if err != nil {
		return err
	}
	return w.write(r)
}

// makeAlias makes the wheel that adds the command sparse. It is the same for all platforms.
func (r *release) makeAlias() error {
	w := r.newWheel(alias)
	w.tags = []string{"py3-none-any"}
	w.requires = []string{"Requires-Dist: " + distribution + "==" + r.pythonVersion()}
	w.add(file{w.info("entry_points.txt"), 0o644, []byte("[console_scripts]\nsparse = gust.__main__:sparse\n")})
	return w.write(r)
}

// pythonVersion is the version as PEP 440 writes it.
func (r *release) pythonVersion() string {
	parts := versionForm.FindStringSubmatch(r.version)
	return parts[1] + map[string]string{"": "", "alpha": "a", "beta": "b", "rc": "rc"}[parts[2]] + parts[3]
}

// wheelTags tells pip on which machines a wheel runs: in any Python 3, and on macOS from the
// version that the program wants. On Linux gust needs no C library.
func wheelTags(p platform, files []file) ([]string, error) {
	const anyPython = "py3-none-"
	machine := machines[p]
	if p.os == "linux" {
		return []string{anyPython + "manylinux2014_" + machine, anyPython + "manylinux_2_17_" + machine, anyPython + "musllinux_1_1_" + machine}, nil
	}
	major, minor, err := minimumMacOS(programOf(files))
	return []string{fmt.Sprintf("%smacosx_%d_%d_%s", anyPython, major, minor, machine)}, err
}

// minimumMacOS is the oldest version of macOS on which a program runs: it says so itself.
func minimumMacOS(program []byte) (major, minor int, err error) {
	f, err := macho.NewFile(bytes.NewReader(program))
	if err != nil {
		return 0, 0, err
	}
	const buildVersion = 0x32 // LC_BUILD_VERSION, with the version at 12
	for _, load := range f.Loads {
		if raw := load.Raw(); len(raw) >= 16 && f.ByteOrder.Uint32(raw) == buildVersion {
			version := f.ByteOrder.Uint32(raw[12:])
			return int(version >> 16), int(version >> 8 & 0xff), nil
		}
	}
	return 0, 0, fmt.Errorf("the program for macOS does not say which version it needs")
}

// A wheel is a zip of files, of which three describe it.
type wheel struct {
	name, version string
	tags          []string
	requires      []string // lines of METADATA
	files         []file
}

func (r *release) newWheel(name string) *wheel {
	return &wheel{name: strings.ReplaceAll(name, "-", "_"), version: r.pythonVersion()}
}

func (w *wheel) add(f file) { w.files = append(w.files, f) }

// info and data are names in the wheel's two special folders.
func (w *wheel) info(name string) string { return w.name + "-" + w.version + ".dist-info/" + name }
func (w *wheel) data(name string) string { return w.name + "-" + w.version + ".data/" + name }

// write writes the wheel.
func (w *wheel) write(r *release) error {
	w.add(file{w.info("METADATA"), 0o644, w.metadata()})
	wheel := fmt.Sprintf("Wheel-Version: 1.0\nGenerator: gust\nRoot-Is-Purelib: %t\n", w.tags[0] == "py3-none-any")
	for _, tag := range w.tags {
		wheel += "Tag: " + tag + "\n"
	}
	w.add(file{w.info("WHEEL"), 0o644, []byte(wheel)})
	w.files = sorted(w.files)
	record := ""
	for _, f := range w.files {
		sum := sha256.Sum256(f.data)
		record += fmt.Sprintf("%s,sha256=%s,%d\n", f.path, base64.RawURLEncoding.EncodeToString(sum[:]), len(f.data))
	}
	record += w.info("RECORD") + ",,\n"
	w.add(file{w.info("RECORD"), 0o644, []byte(record)})

	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	for _, f := range w.files {
		header := &zip.FileHeader{Name: f.path, Method: zip.Deflate, Modified: r.time}
		header.SetMode(f.mode)
		entry, err := archive.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := entry.Write(f.data); err != nil {
			return err
		}
	}
	if err := archive.Close(); err != nil {
		return err
	}
	return r.write(w.name+"-"+w.version+"-"+joinTags(w.tags)+".whl", b.Bytes())
}

// joinTags writes tags that differ only in their platform as one: py3-none-a.b.c.
func joinTags(tags []string) string {
	joined := tags[0]
	for _, tag := range tags[1:] {
		joined += "." + tag[strings.LastIndex(tag, "-")+1:]
	}
	return joined
}

// metadata is what pip shows and requires.
func (w *wheel) metadata() []byte {
	lines := []string{
		"Metadata-Version: 2.4",
		"Name: " + strings.ReplaceAll(w.name, "_", "-"),
		"Version: " + w.version,
		"Summary: " + cmp.Or(map[string]string{"gust_sparse": "The command sparse, run by gust"}[w.name], summary),
		"Keywords: storm,streamparse,multilang,stream processing",
		"License-Expression: " + licence,
		"Requires-Python: >=3.8",
	}
	for _, f := range w.files {
		if name, ok := strings.CutPrefix(f.path, w.info("licenses/")); ok {
			lines = append(lines, "License-File: "+name)
		}
	}
	lines = append(lines, w.requires...)
	lines = append(lines, "Description-Content-Type: text/markdown", "", description, "")
	return []byte(strings.Join(lines, "\n"))
}
