package fswatch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// write writes a file, and the directories above it.
func write(t *testing.T, path string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(time.Now().String()), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestNext(t *testing.T) {
	dir := t.TempDir()
	tree, beside := filepath.Join(dir, "src"), filepath.Join(dir, "topologies", "a.toml")
	old := write(t, filepath.Join(tree, "bolts", "count.py"))
	write(t, filepath.Join(tree, "__pycache__", "count.pyc"))
	write(t, filepath.Join(tree, "env", "pyvenv.cfg"))
	write(t, beside)
	w, err := New([]string{tree}, []string{beside})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	next := func() []string {
		t.Helper()
		changed, err := w.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return changed
	}

	// A file that no author edits is not a change; if it were, it would come first.
	for _, noise := range []string{"bolts/.count.py.swp", "bolts/count.py~", "__pycache__/count.pyc", "env/lib.py", "bolts/4913"} {
		write(t, filepath.Join(tree, noise))
	}
	write(t, filepath.Join(dir, "topologies", "another.toml"))
	write(t, old)
	write(t, beside)
	if got, want := next(), []string{old, beside}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}

	// As an editor saves: another file replaces this one.
	other := write(t, filepath.Join(tree, "bolts", "sedX1Y2"))
	if err := os.Rename(other, old); err != nil {
		t.Fatal(err)
	}
	if got := next(); !slices.Equal(got, []string{old}) {
		t.Errorf("after a rename: %v", got)
	}

	// A directory that is new is watched as well.
	made := filepath.Join(tree, "lib")
	if err := os.Mkdir(made, 0o777); err != nil {
		t.Fatal(err)
	}
	if got := next(); !slices.Equal(got, []string{made}) {
		t.Errorf("a new directory: %v", got)
	}
	file := write(t, filepath.Join(made, "deep.py"))
	if got := next(); !slices.Equal(got, []string{file}) {
		t.Errorf("in a new directory: %v", got)
	}

	cancelled, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() {
		_, err := w.Next(cancelled)
		ended <- err
	}()
	select {
	case err := <-ended:
		t.Errorf("without a change: %v", err)
	case <-time.After(100 * time.Millisecond): // it waits
	}
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestNewNeedsTheDirectory(t *testing.T) {
	if w, err := New([]string{filepath.Join(t.TempDir(), "none")}, nil); err == nil {
		w.Close()
		t.Error("a directory that is missing can be watched")
	}
}
