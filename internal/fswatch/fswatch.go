// Package fswatch reports which files have changed, after the last of the changes that
// belong together: an editor that saves a file may write it twice, and a change of
// branches changes hundreds.
package fswatch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// quiet is the time without changes that ends a group of them.
	quiet = 150 * time.Millisecond
	// most is the longest time to collect changes that do not stop.
	most = 2 * time.Second
)

// Watcher watches directories. It belongs to one goroutine.
type Watcher struct {
	notify *fsnotify.Watcher
	trees  []string
	files  map[string]bool
}

// New watches all of the trees, and the files. Directories that others own are
// passed over: hidden ones, caches, virtualenvs and node_modules.
func New(trees, files []string) (*Watcher, error) {
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("cannot watch files: %w", err)
	}
	w := &Watcher{notify: notify, files: map[string]bool{}}
	for _, tree := range trees {
		tree = filepath.Clean(tree)
		w.trees = append(w.trees, tree)
		if err := w.add(tree); err != nil {
			notify.Close()
			return nil, err
		}
	}
	for _, file := range files {
		file = filepath.Clean(file)
		w.files[file] = true
		// The directory, since an editor may replace the file by another.
		if err := w.watch(filepath.Dir(file)); err != nil {
			notify.Close()
			return nil, err
		}
	}
	return w, nil
}

// Close ends the watching.
func (w *Watcher) Close() error { return w.notify.Close() }

// add watches a directory and those below it.
func (w *Watcher) add(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil && path != dir:
			return nil // it has been removed, or is not readable
		case err != nil:
			return fmt.Errorf("cannot watch files: %w", err)
		case !entry.IsDir():
			return nil
		case path != dir && foreign(path):
			return fs.SkipDir
		}
		return w.watch(path)
	})
}

func (w *Watcher) watch(dir string) error {
	if err := w.notify.Add(dir); err != nil {
		return fmt.Errorf("cannot watch files in %s: %w", dir, err)
	}
	return nil
}

// foreign reports whether a directory has only files that no author edits.
func foreign(dir string) bool {
	switch base := filepath.Base(dir); base {
	case "__pycache__", "node_modules":
		return true
	default:
		if strings.HasPrefix(base, ".") {
			return true
		}
	}
	_, err := os.Stat(filepath.Join(dir, "pyvenv.cfg"))
	return err == nil
}

// noise reports whether a file is an editor's, or generated from another.
func noise(path string) bool {
	base := filepath.Base(path)
	if strings.HasPrefix(base, ".") || strings.HasPrefix(base, "#") || strings.HasSuffix(base, "~") || base == "4913" {
		return true
	}
	switch filepath.Ext(base) {
	case ".pyc", ".pyo", ".swp", ".swx", ".tmp", ".orig", ".rej":
		return true
	}
	return false
}

// Next waits until files have changed, and returns their paths, sorted. The
// error is that of ctx, or of the system.
func (w *Watcher) Next(ctx context.Context) ([]string, error) {
	changed := map[string]bool{}
	fresh := map[string]bool{} // made meanwhile
	var silence, limit <-chan time.Time
	for {
		select {
		case event, ok := <-w.notify.Events:
			if !ok {
				return nil, fs.ErrClosed
			}
			if !w.changes(event) {
				continue
			}
			fresh[event.Name] = fresh[event.Name] || event.Has(fsnotify.Create) && !changed[event.Name]
			changed[event.Name] = true
			silence = time.After(quiet)
			if limit == nil {
				limit = time.After(most)
			}
			continue
		case err := <-w.notify.Errors:
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				return nil, fmt.Errorf("cannot watch files: %w", err)
			}
			continue // so many changes that some are lost: those that are not will do
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-silence:
		case <-limit:
		}
		maps.DeleteFunc(changed, func(path string, _ bool) bool { return fresh[path] && gone(path) })
		if len(changed) > 0 {
			return slices.Sorted(maps.Keys(changed)), nil
		}
		silence, limit = nil, nil
	}
}

// gone reports whether a file does not exist any more. One that was created and vanished
// at once was renamed.
func gone(path string) bool {
	_, err := os.Lstat(path)
	return err != nil
}

// changes reports whether an event is a change of a file. A directory that is new
// is watched from now on.
func (w *Watcher) changes(event fsnotify.Event) bool {
	if event.Op == fsnotify.Chmod || !w.files[event.Name] && (noise(event.Name) || !w.within(event.Name)) {
		return false
	}
	info, err := os.Stat(event.Name)
	if err != nil || !info.IsDir() {
		return true
	}
	if event.Has(fsnotify.Create) && !foreign(event.Name) {
		_ = w.add(event.Name) // it may have been removed
		return true
	}
	return false
}

// within reports whether a path is in one of the trees.
func (w *Watcher) within(path string) bool {
	return slices.ContainsFunc(w.trees, func(tree string) bool {
		return strings.HasPrefix(path, tree+string(filepath.Separator))
	})
}
