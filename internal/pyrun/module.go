package pyrun

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// noModule matches the line of a traceback about a module that was not found.
var noModule = regexp.MustCompile(`(?:ModuleNotFoundError|ImportError): No module named '?([\w.-]+)`)

// MissingModule is the module that an import did not find, by a line of a traceback or
// the whole; or empty.
func MissingModule(line string) string {
	if match := noModule.FindStringSubmatch(line); match != nil {
		return match[1]
	}
	return ""
}

// packages are the packages of modules that have another name.
var packages = map[string]string{
	"Crypto": "pycryptodome", "MySQLdb": "mysqlclient", "PIL": "Pillow", "bs4": "beautifulsoup4", "cv2": "opencv-python",
	"dateutil": "python-dateutil", "dotenv": "python-dotenv", "kafka": "kafka-python", "pkg_resources": "'setuptools<81'",
	"psycopg2": "psycopg2-binary", "pystorm": "streamparse", "serial": "pyserial", "sklearn": "scikit-learn", "yaml": "PyYAML",
	"zmq": "pyzmq",
}

// Package is the name by which pip installs a module: a word of a command line.
func Package(module string) string {
	top, _, _ := strings.Cut(module, ".")
	return cmp.Or(packages[top], top)
}

// Hint says what to do about an exception, by a line of its traceback or the whole.
// It is empty if no cause is likely. dir is the working directory of the components,
// the project's src.
func Hint(traceback, dir string) string {
	if hint := CodeHint(traceback, dir); hint != "" {
		return hint
	}
	module := MissingModule(traceback)
	if module == "" {
		return ""
	}
	name := Package(module)
	hint := "install it into the environment that the components run in: python3 -m pip install " + name
	if name == "streamparse" {
		return hint
	}
	return hint + "; a module of the project itself belongs in src/"
}

// CodeHint is [Hint] for what the project's own code has to change; it is empty if a
// package is missing.
func CodeHint(traceback, dir string) string {
	if hint := Python2Hint(traceback); hint != "" {
		return hint
	}
	if module := MissingModule(traceback); module != "" {
		return ownModule(dir, module)
	}
	return ""
}

// ownModule says how to import a module that was not found, if it is one of the
// project's.
func ownModule(dir, module string) string {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	src, project := filepath.Base(dir), filepath.Dir(dir)
	top, rest, _ := strings.Cut(module, ".")
	switch {
	case top == src:
		return fmt.Sprintf("modules are imported from inside %s, without its name: from bolts import ..., not from %s.bolts import ...", src, src)
	case isModule(dir, top) && rest != "":
		return fmt.Sprintf("%s is in %s, but has no %s: fix the import, or the file's name", top, src, rest)
	case isModule(project, top):
		return fmt.Sprintf("%s is beside %s, where components do not see it: move it into %s", top, src, src)
	case isModule(filepath.Join(project, "topologies"), top):
		return fmt.Sprintf("%s is in topologies, where components do not see it: move it into %s", top, src)
	}
	return ""
}

// isModule reports whether a folder has a module or package of that name.
func isModule(dir, name string) bool {
	if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.IsDir() {
		return true
	}
	_, err := os.Stat(filepath.Join(dir, name+".py"))
	return err == nil
}
