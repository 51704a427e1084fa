package pyrun

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// noModule is the line of a traceback about a module that was not found.
var noModule = regexp.MustCompile(`(?:ModuleNotFoundError|ImportError): No module named '?([\w.-]+)`)

// MissingModule is the module that was not found, by a line of a traceback, or empty.
func MissingModule(line string) string {
	if match := noModule.FindStringSubmatch(line); match != nil {
		return match[1]
	}
	return ""
}

// packages are what modules are installed by whose package has another name.
var packages = map[string]string{
	"Crypto": "pycryptodome", "MySQLdb": "mysqlclient", "PIL": "Pillow", "bs4": "beautifulsoup4", "cv2": "opencv-python",
	"dateutil": "python-dateutil", "dotenv": "python-dotenv", "kafka": "kafka-python", "pkg_resources": "'setuptools<81'",
	"psycopg2": "psycopg2-binary", "pystorm": "streamparse", "serial": "pyserial", "sklearn": "scikit-learn", "yaml": "PyYAML",
	"zmq": "pyzmq",
}

// Package is what pip installs a module by: a word of a command line.
func Package(module string) string {
	top, _, _ := strings.Cut(module, ".")
	return cmp.Or(packages[top], top)
}

// OwnModule says how to import a module that was not found, where it is not a
// package to install but the project's own. dir is where the components run,
// the project's src. It is empty for anything else.
func OwnModule(dir, module string) string {
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

// isModule tells whether a folder holds a module or package of that name.
func isModule(dir, name string) bool {
	if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.IsDir() {
		return true
	}
	_, err := os.Stat(filepath.Join(dir, name+".py"))
	return err == nil
}
