package jar

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The limits of a cache of bundles.
const (
	keptBytes = 2 << 30
	keptFor   = 30 * 24 * time.Hour
	// inUse is how long another gust may take to pack packages.
	inUse = time.Hour
)

// keptPackages are the packages of a bundle in a cache.
type keptPackages struct {
	path string
	used time.Time
}

// prune deletes from a cache what was not used recently, and then what was used least
// recently, until it is small enough. If a deletion fails, the next prune tries again.
func prune(cache string, now time.Time) {
	entries, err := os.ReadDir(cache)
	if err != nil {
		return
	}
	var kept []keptPackages
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil || !entry.IsDir() {
			continue
		}
		k := keptPackages{filepath.Join(cache, entry.Name()), info.ModTime()}
		age := now.Sub(k.used)
		if age > keptFor || age > inUse && strings.HasPrefix(entry.Name(), partPrefix) {
			_ = os.RemoveAll(k.path)
			continue
		}
		kept = append(kept, k)
	}
	slices.SortFunc(kept, func(a, b keptPackages) int { return b.used.Compare(a.used) })
	var total int64
	for _, k := range kept {
		if total += sizeOf(k.path); total > keptBytes && now.Sub(k.used) > inUse {
			_ = os.RemoveAll(k.path)
		}
	}
}

// sizeOf is how many bytes the files of a folder have.
func sizeOf(dir string) (size int64) {
	_ = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			if info, err := entry.Info(); err == nil {
				size += info.Size()
			}
		}
		return nil
	})
	return size
}
