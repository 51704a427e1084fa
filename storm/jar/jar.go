package jar

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"
)

// Resources is the folder of a jar that components run in.
const Resources = "resources"

// Jar collects the files of an archive, and writes it.
type Jar struct {
	entries map[string]Entry
}

// Entry is a file in a jar.
type Entry struct {
	// Name is its path in the jar, with slashes.
	Name string
	// Source is the origin of the file, for messages.
	Source string
	// Size is its size in bytes before it is compressed.
	Size int64
	// Executable files keep that bit in the archive, although Storm ignores it.
	Executable bool

	open func() (io.ReadCloser, error)
}

// New returns an empty jar, which has a manifest as the tools of Java expect it.
func New() *Jar {
	j := &Jar{entries: map[string]Entry{}}
	j.AddBytes("META-INF/MANIFEST.MF", "gust", []byte("Manifest-Version: 1.0\r\nCreated-By: gust\r\n\r\n"))
	return j
}

// AddBytes adds a file with that content, in place of another one of the same name.
func (j *Jar) AddBytes(name, source string, content []byte) {
	j.add(Entry{Name: name, Source: source, Size: int64(len(content)), open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content)), nil
	}})
}

// addFile adds a file of the disk, which is read when the jar is written.
func (j *Jar) addFile(name, path string, info fs.FileInfo) {
	j.add(Entry{
		Name: name, Source: path, Size: info.Size(), Executable: info.Mode()&0o111 != 0,
		open: func() (io.ReadCloser, error) { return os.Open(path) },
	})
}

func (j *Jar) add(e Entry) { j.entries[e.Name] = e }

// Entries are the files of the jar, sorted by name.
func (j *Jar) Entries() []Entry {
	return slices.SortedFunc(maps.Values(j.entries), func(a, b Entry) int { return compare(a.Name, b.Name) })
}

// compare puts the manifest first, where Java's tools look for it, and sorts the rest by
// name.
func compare(a, b string) int {
	const first = "META-INF/"
	isFirst := func(name string) bool { return len(name) > len(first) && name[:len(first)] == first }
	switch {
	case isFirst(a) && !isFirst(b):
		return -1
	case isFirst(b) && !isFirst(a):
		return 1
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Has reports whether the jar has a file of that name.
func (j *Jar) Has(name string) bool {
	_, ok := j.entries[name]
	return ok
}

// epoch is the time of all files: the earliest in a zip. With their real times, every
// build would be different.
var epoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// Write writes the archive.
func (j *Jar) Write(w io.Writer) error {
	archive := zip.NewWriter(w)
	archive.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.DefaultCompression)
	})
	for _, e := range j.Entries() {
		if err := e.write(archive); err != nil {
			return err
		}
	}
	return archive.Close()
}

// write appends one file to an archive.
func (e Entry) write(archive *zip.Writer) error {
	header := &zip.FileHeader{Name: e.Name, Method: zip.Deflate, Modified: epoch}
	header.SetMode(0o644)
	if e.Executable {
		header.SetMode(0o755)
	}
	to, err := archive.CreateHeader(header)
	if err != nil {
		return err
	}
	from, err := e.open()
	if err != nil {
		return fmt.Errorf("cannot pack %s: %w", e.Source, err)
	}
	defer from.Close()
	if _, err := io.Copy(to, from); err != nil {
		return fmt.Errorf("cannot pack %s: %w", e.Source, err)
	}
	return nil
}

// WriteFile writes the archive to a file and returns its size. The file appears only when
// it is complete.
func (j *Jar) WriteFile(path string) (size int64, err error) {
	part, err := os.CreateTemp(dirOf(path), ".gust-*.jar")
	if err != nil {
		return 0, fmt.Errorf("cannot write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			part.Close()
			os.Remove(part.Name())
		}
	}()
	if err := j.Write(part); err != nil {
		return 0, err
	}
	if size, err = part.Seek(0, io.SeekCurrent); err != nil {
		return 0, err
	}
	// A temporary file is readable only by its owner; a jar is for everybody.
	if err := part.Chmod(0o644); err != nil {
		return 0, err
	}
	if err := part.Close(); err != nil {
		return 0, fmt.Errorf("cannot write %s: %w", path, err)
	}
	return size, os.Rename(part.Name(), path)
}
