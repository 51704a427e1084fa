package hook

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"gust/internal/hint"
	"gust/storm/slot"
)

// Node is Storm on this machine.
type Node struct {
	// Dir is Storm's directory (storm.home).
	Dir string
	// Release is that of its supervisor.
	Release slot.Release
	// Gust is the program that is to run workers.
	Gust string
	// JavaHome is the directory of the real Java, for a stand-in.
	JavaHome string
}

// plugin is the jar that supervisors of 2.3 and later load.
//
//go:embed plugin.jar
var plugin []byte

// The names of what is installed, below Storm's directory.
const (
	pluginFile  = "extlib-daemon/gust-storm-workers.jar"
	standInName = "gust-java"
)

// Find finds the Storm in a directory, and refuses a release that gust's workers do not know.
func Find(dir, gust string) (*Node, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	n := &Node{Dir: dir, Gust: gust}
	if n.Release, err = slot.ReleaseOf(dir); err != nil {
		return nil, hint.With(err, "--storm is the directory that has bin/storm and lib")
	}
	return n, n.Release.Check()
}

func (n *Node) plugin() string  { return filepath.Join(n.Dir, filepath.FromSlash(pluginFile)) }
func (n *Node) standIn() string { return filepath.Join(n.Dir, standInName) }

// Install puts in place what the supervisor needs, and returns the path of what it has made. It
// may be called again.
func (n *Node) Install() (string, error) {
	if n.Release.Plugin() {
		return n.plugin(), n.installPlugin()
	}
	return n.standIn(), n.installStandIn()
}

func (n *Node) installPlugin() error {
	if err := os.MkdirAll(filepath.Dir(n.plugin()), 0o755); err != nil {
		return err
	}
	// A supervisor may have the old one open: it keeps that file.
	temporary := n.plugin() + ".new"
	if err := os.WriteFile(temporary, plugin, 0o644); err != nil {
		return err
	}
	return os.Rename(temporary, n.plugin())
}

// installStandIn makes a directory that is JAVA_HOME for the supervisor: everything in it and
// in its bin is a link to the real one, except java.
func (n *Node) installStandIn() error {
	if n.JavaHome == "" {
		return hint.New("Storm "+string(n.Release)+" needs a stand-in for java, and JAVA_HOME is not set", "set JAVA_HOME to the supervisor's Java, or name it with --java")
	}
	home, err := filepath.EvalSymlinks(filepath.Join(n.JavaHome, slot.RealJava)) // of a stand-in
	if errors.Is(err, fs.ErrNotExist) {
		home, err = filepath.EvalSymlinks(n.JavaHome)
	}
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(home, "bin", "java")); err != nil {
		return fmt.Errorf("%s is not a Java: %w", n.JavaHome, err)
	}
	if err := os.RemoveAll(n.standIn()); err != nil {
		return err
	}
	bin := filepath.Join(n.standIn(), "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	if err := links(home, n.standIn(), "bin"); err != nil {
		return err
	}
	if err := links(filepath.Join(home, "bin"), bin, "java"); err != nil {
		return err
	}
	if err := os.Symlink(home, filepath.Join(n.standIn(), slot.RealJava)); err != nil {
		return err
	}
	return os.Symlink(n.Gust, filepath.Join(bin, "java"))
}

// links makes a link for each entry of a directory in another one, except one name.
func links(from, to, except string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.Name() == except {
			continue
		}
		if err := os.Symlink(filepath.Join(from, entry.Name()), filepath.Join(to, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

// Uninstall removes what Install has made, and returns the paths of what there was.
func (n *Node) Uninstall() (removed []string, err error) {
	for _, path := range []string{n.plugin(), n.standIn()} {
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := os.RemoveAll(path); err != nil {
			return removed, err
		}
		removed = append(removed, path)
	}
	return removed, nil
}
