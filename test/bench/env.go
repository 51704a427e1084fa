package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// env is the paths of everything that the runs need, all absolute.
type env struct {
	root      string // of the repository
	gust      string // the program
	earlier   string // an earlier version of it, "" if there is none
	child     string // fastchild
	bytewax   string // a Python that has it, "" if there is none
	resources string // the directory in which components run
	jar       string // the same directory, as Storm wants it
	storm     string // its jars

	// streamparse has the streamparse_run of each interpreter that is there.
	streamparse map[interpreter]string
}

// interpreter is a Python, by the libraries that the fast runner can use.
type interpreter string

const (
	usual       interpreter = "usual"   // simplejson, which pystorm needs, and msgpack
	withMsgspec interpreter = "msgspec" // msgspec as well
	bare        interpreter = "bare"    // neither msgspec nor orjson nor msgpack
)

// prepare builds the programs.
func prepare(ctx context.Context, o *options) (*env, error) {
	root, err := filepath.Abs(o.root)
	if err != nil {
		return nil, err
	}
	in := func(path string) string { return inDir(root, path) }
	e := &env{
		root: root,
		gust: in(o.gust), child: in(filepath.Join(o.deps, "fastchild")),
		resources: filepath.Join(root, "test", "bench", "wordcount", "src"),
		jar:       in(filepath.Join(o.deps, "bench.jar")),
		storm:     in(filepath.Join(o.deps, "storm", "lib")),
	}
	if err := os.MkdirAll(in(o.deps), 0o755); err != nil {
		return nil, err
	}
	cc := os.Getenv("CC")
	if cc == "" {
		cc = "cc"
	}
	if _, err := exec.LookPath(cc); err != nil {
		return nil, fmt.Errorf("no C compiler for the benchmark's children: %w\nhint: install gcc, or set CC", err)
	}
	if err := build(ctx, root, cc, "-O2", "-Wall", "-o", e.child, filepath.Join("test", "bench", "fastchild", "fastchild.c")); err != nil {
		return nil, err
	}
	if o.earlier != "" {
		e.earlier = in(o.earlier)
	}
	if o.gust == "" {
		e.gust = in(filepath.Join(o.deps, "gust"))
		if err := build(ctx, root, "go", "build", "-o", e.gust, "./cmd/gust"); err != nil {
			return nil, err
		}
	}
	e.findPython(map[interpreter]string{
		usual:       in(o.python),
		withMsgspec: in(filepath.Join(o.deps, "venv", "bin", "python")),
		bare:        in(filepath.Join(o.deps, "bare", "bin", "python")),
	})
	return e, e.packJar()
}

// findPython finds the interpreters, and logs what is not measured without one.
func (e *env) findPython(pythons map[interpreter]string) {
	e.streamparse = map[interpreter]string{}
	for which, python := range pythons {
		run := filepath.Join(filepath.Dir(python), "streamparse_run")
		if _, err := os.Stat(run); err == nil {
			e.streamparse[which] = run
			continue
		}
		target := "bench-deps"
		if which == usual {
			target = "venv"
		}
		say("no word count with the %s Python: %s is missing; `make %s` installs it", which, run, target)
	}
	if e.streamparse[withMsgspec] != "" {
		e.bytewax = pythons[withMsgspec]
	}
}

func build(ctx context.Context, dir, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("cannot run %s: %w", filepath.Base(program), err)
	}
	return nil
}

// packJar makes the jar in which Storm looks for the components' directory: it
// must be there even for components that need nothing in it.
func (e *env) packJar() (err error) {
	f, err := os.Create(e.jar)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	jar := zip.NewWriter(f)
	names, err := filepath.Glob(filepath.Join(e.resources, "*.py"))
	if err != nil {
		return err
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		w, err := jar.Create("resources/" + filepath.Base(name))
		if err != nil {
			return err
		}
		if _, err := w.Write(text); err != nil {
			return err
		}
	}
	return jar.Close()
}

// stormMissing says why Storm cannot be measured; it is "" if it can.
func (e *env) stormMissing() string {
	if _, err := exec.LookPath("java"); err != nil {
		return "java is not on PATH, and Storm needs it"
	}
	if fluxJar(e.storm) == "" {
		return "Storm is not installed: `make bench-deps` downloads it"
	}
	return ""
}
