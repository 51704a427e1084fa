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

// A file whose name begins with _ is embedded only if a pattern matches its name.
//
//go:embed python/*.py python/gust_runner/*.py
var embedded embed.FS

// Files are the Python files on this machine's disk.
type Files struct {
	dir       string
	temporary bool
	asked     map[string]error // by interpreter: see fit
}

// Lay writes the Python files into the user's cache folder, where Python keeps their
// bytecode, too. Other runs find them there; another version of gust has a folder of its
// own. If the cache is not writable, a temporary folder replaces it until Close.
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
	// An unpredictable name, because gust runs the files in it.
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

// Close removes temporary files. No component may be started after it.
func (f *Files) Close() error {
	if !f.temporary {
		return nil
	}
	return os.RemoveAll(f.dir)
}

// versionOf is a hash of all files.
func versionOf(files fs.FS) (string, error) {
	sum := sha256.New()
	err := eachFile(files, func(name string, content []byte) error {
		fmt.Fprintf(sum, "%s %d\n", name, len(content))
		sum.Write(content)
		return nil
	})
	return hex.EncodeToString(sum.Sum(nil)[:6]), err
}

// lay writes the files into dir, and replaces those that differ.
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

// writeAtOnce replaces a file atomically: a reader finds all of it.
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
