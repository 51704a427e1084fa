package runner

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// A file that begins with _ is only embedded where a pattern matches it by name.
//
//go:embed python/*.py python/gust_runner/*.py
var embedded embed.FS

// Files are the Python files on this machine's disk.
type Files struct {
	dir       string
	temporary bool
	asked     map[string]error // by interpreter: see fit
}

// Lay puts the Python files into the user's cache folder, where the bytecode
// that Python makes of them stays too. A later run, and one at the same time,
// finds them there; another version of gust has a folder of its own. Where the
// cache cannot be written to, a temporary folder takes its place until Close.
func Lay() (*Files, error) {
	python, err := fs.Sub(embedded, "python")
	if err != nil {
		return nil, err
	}
	name, err := versionOf(python)
	if err != nil {
		return nil, err
	}
	cache, cacheErr := os.UserCacheDir()
	if cacheErr == nil {
		dir := filepath.Join(cache, "gust", "runner-"+name)
		if cacheErr = lay(dir, python); cacheErr == nil {
			return &Files{dir: dir}, nil
		}
	}
	// A name that nobody can foresee: what lies there is run.
	dir, err := os.MkdirTemp("", "gust-runner-")
	if err != nil {
		return nil, fmt.Errorf("cannot write the fast runner's files: %w", errors.Join(cacheErr, err))
	}
	f := &Files{dir: dir, temporary: true}
	if err := lay(dir, python); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot write the fast runner's files: %w", err), f.Close())
	}
	return f, nil
}

// Close removes the files where they are temporary. No component may be
// started after it.
func (f *Files) Close() error {
	if !f.temporary {
		return nil
	}
	return os.RemoveAll(f.dir)
}

// versionOf is a name for the content of all files.
func versionOf(files fs.FS) (string, error) {
	sum := sha256.New()
	err := eachFile(files, func(name string, content []byte) error {
		fmt.Fprintf(sum, "%s %d\n", name, len(content))
		sum.Write(content)
		return nil
	})
	return hex.EncodeToString(sum.Sum(nil)[:6]), err
}

// lay makes dir hold the files, and mends those that are not as they must be.
func lay(dir string, files fs.FS) error {
	return eachFile(files, func(name string, content []byte) error {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if has, err := os.ReadFile(path); err == nil && bytes.Equal(has, content) {
			return nil
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		return writeAtOnce(path, content)
	})
}

// writeAtOnce writes a file so that whoever reads it finds all of it.
func writeAtOnce(path string, content []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), ".new-")
	if err != nil {
		return err
	}
	_, err = temporary.Write(content)
	if err = errors.Join(err, temporary.Close()); err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	return nil
}

// eachFile calls do with the slash-separated name and the content of every file.
func eachFile(files fs.FS, do func(name string, content []byte) error) error {
	return fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		return do(name, content)
	})
}
