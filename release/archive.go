package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
)

// makeArchive makes the archive for a platform. Its only folder has bin and share, so that it can
// be unpacked over a prefix.
func (r *release) makeArchive(p platform, files []file) error {
	name := fmt.Sprintf("gust-%s-%s", r.version, p)
	var in []file
	for _, f := range files {
		in = append(in, file{name + "/" + f.path, f.mode, f.data})
	}
	archive, err := tarFiles(in, r.time)
	if err != nil {
		return err
	}
	compressed, err := compress(archive)
	if err != nil {
		return err
	}
	return r.write(name+".tar.gz", compressed)
}

// tarFiles makes a tar of files, in order and with the folders that they are in.
func tarFiles(files []file, at time.Time) ([]byte, error) {
	files = sorted(files)
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	made := map[string]bool{".": true, "/": true}
	var makeDir func(dir string) error
	makeDir = func(dir string) error {
		if made[dir] {
			return nil
		}
		made[dir] = true
		if err := makeDir(path.Dir(dir)); err != nil {
			return err
		}
		return w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: dir + "/", Mode: 0o755, ModTime: at})
	}
	for _, f := range files {
		if err := makeDir(path.Dir(f.path)); err != nil {
			return nil, err
		}
		header := &tar.Header{Typeflag: tar.TypeReg, Name: f.path, Mode: int64(f.mode), Size: int64(len(f.data)), ModTime: at}
		if err := w.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.data); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return b.Bytes(), err
}

// sorted returns the files in the order of their paths.
func sorted(files []file) []file {
	return slices.SortedFunc(slices.Values(files), func(a, b file) int { return strings.Compare(a.path, b.path) })
}

// compress compresses data with gzip, without a name or a time.
func compress(data []byte) ([]byte, error) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(data)
	err = errors.Join(err, w.Close())
	return b.Bytes(), err
}
