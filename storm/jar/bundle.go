package jar

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"

	"gust/internal/hint"
)

// BundleModule is the Python module that starts components with the packages of a bundle.
// It is in resources/, where Python looks first.
const BundleModule = "gust_bundle"

//go:embed launcher.py
var launcher []byte

// Bundle is a project's Python packages for the jar.
type Bundle struct {
	// Python is the interpreter whose pip is used, or for which uv installs.
	Python string
	// Requirements are pip's files of requirements.
	Requirements []string
	// Platform is the workers', in pip's form (manylinux2014_x86_64), if it is not this
	// machine's.
	Platform string
	// PythonVersion is the workers', such as "3.11", if it is not Python's.
	PythonVersion string
	// Cache is a folder that keeps installed packages for later bundles; those that were
	// not used recently are deleted. Fresh reinstalls them.
	Cache string
	Fresh bool
	// Log gets the output of pip or uv.
	Log io.Writer
}

// AddBundle installs the packages and adds them with their launcher.
func (j *Jar) AddBundle(ctx context.Context, b Bundle) error {
	version, err := b.version(ctx)
	if err != nil {
		return err
	}
	packages, err := b.installed(ctx, version)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(packages, "streamparse")); err != nil {
		return hint.New("the bundle has no streamparse, which starts the components", "add streamparse to "+b.files())
	}
	base := path.Join(Resources, BundleModule)
	j.AddBytes(path.Join(base, "__init__.py"), "gust", launcher)
	j.AddBytes(path.Join(base, "python"), "gust", []byte(version+"\n"))
	if err := j.AddTree(path.Join(base, "packages"), packages, packages, packagesIgnore()); err != nil {
		return err
	}
	if j.hasCompiled(path.Join(base, "packages")) {
		j.AddBytes(path.Join(base, "compiled"), "gust", []byte("some packages are compiled\n"))
	}
	return nil
}

// packagesIgnore leaves files out of a bundle that only pip and the author need. Unlike
// in a project, a folder called .git or a file like x~ may belong to a package.
func packagesIgnore() *Ignore {
	ignore := &Ignore{}
	if err := ignore.parse("__pycache__/\n*.py[co]\n/bin/\n"); err != nil {
		panic(err) // a constant of ours
	}
	return ignore
}

// hasCompiled reports whether any package has an extension module, which works only with
// the Python that it was built for.
func (j *Jar) hasCompiled(below string) bool {
	for name := range j.entries {
		if strings.HasPrefix(name, below) && (strings.HasSuffix(name, ".so") || strings.HasSuffix(name, ".pyd")) {
			return true
		}
	}
	return false
}

// version is that of the workers' Python, such as "3.11".
func (b Bundle) version(ctx context.Context) (string, error) {
	if b.PythonVersion != "" {
		return b.PythonVersion, nil
	}
	out, err := exec.CommandContext(ctx, b.Python, "-c", `import sys; print("%d.%d" % sys.version_info[:2])`).Output()
	if err != nil {
		return "", fmt.Errorf("cannot run %s: %w", b.Python, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// partPrefix begins the names of packages that are being installed.
const partPrefix = "part-"

// installed is a folder with the packages, from the cache if it has them.
func (b Bundle) installed(ctx context.Context, version string) (string, error) {
	asked, err := readRequirements(b.Requirements)
	if err != nil {
		return "", err
	}
	key, err := asked.key(b.Python, version, b.Platform)
	if err != nil {
		return "", err
	}
	kept, now := filepath.Join(b.Cache, key), time.Now()
	if _, err := os.Stat(kept); err == nil && !b.Fresh {
		_ = os.Chtimes(kept, now, now) // it is in use, so prune keeps it
		return kept, nil
	}
	if err := os.MkdirAll(b.Cache, 0o755); err != nil {
		return "", fmt.Errorf("cannot keep the packages: %w", err)
	}
	// If pip fails, nothing must remain that looks like packages.
	part, err := os.MkdirTemp(b.Cache, partPrefix)
	if err != nil {
		return "", fmt.Errorf("cannot keep the packages: %w", err)
	}
	defer os.RemoveAll(part)
	if err := b.install(ctx, asked, part, version); err != nil {
		return "", err
	}
	if err := os.RemoveAll(kept); err != nil {
		return "", err
	}
	if err := os.Rename(part, kept); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	_ = os.Chtimes(kept, now, now)
	prune(b.Cache, now)
	return kept, nil
}
