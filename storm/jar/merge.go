package jar

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// Merge adds the classes of another jar, such as components in Java or a serializer.
// Files in this jar take precedence, but the lists of META-INF/services are joined. Merge
// leaves out the other jar's resources/, which belong to another project, and its
// signatures, which would be invalid.
func (j *Jar) Merge(file string) error {
	archive, err := zip.OpenReader(file)
	if err != nil {
		return notAJar(file, err)
	}
	defer archive.Close()
	for _, f := range archive.File {
		if strings.HasSuffix(f.Name, "/") || !merged(f.Name) {
			continue
		}
		if !path.IsAbs(f.Name) && path.Clean(f.Name) == f.Name && !strings.HasPrefix(f.Name, "../") {
			if err := j.mergeEntry(file, f); err != nil {
				return fmt.Errorf("cannot add %s of %s: %w", f.Name, file, err)
			}
		}
	}
	return nil
}

// merged reports whether a file of another jar is merged.
func merged(name string) bool {
	if strings.HasPrefix(name, Resources+"/") || name == "META-INF/MANIFEST.MF" {
		return false
	}
	if path.Dir(name) == "META-INF" {
		switch path.Ext(name) {
		case ".SF", ".RSA", ".DSA", ".EC":
			return false
		}
	}
	return true
}

func (j *Jar) mergeEntry(file string, f *zip.File) error {
	services := strings.HasPrefix(f.Name, "META-INF/services/")
	old, exists := j.entries[f.Name]
	if exists && !services {
		return nil
	}
	from, err := f.Open()
	if err != nil {
		return err
	}
	defer from.Close()
	content, err := io.ReadAll(from)
	if err != nil {
		return err
	}
	if exists {
		before, err := old.read()
		if err != nil {
			return err
		}
		content = bytes.Join([][]byte{bytes.TrimRight(before, "\n"), content}, []byte("\n"))
	}
	j.AddBytes(f.Name, file, content)
	return nil
}

// read is the content of a file.
func (e Entry) read() ([]byte, error) {
	from, err := e.open()
	if err != nil {
		return nil, err
	}
	defer from.Close()
	return io.ReadAll(from)
}

// Names are the files of a jar on disk. It is an error if the file is not a jar, or has
// no resources/ for components to run in.
func Names(file string) (map[string]bool, error) {
	archive, err := zip.OpenReader(file)
	if err != nil {
		return nil, notAJar(file, err)
	}
	defer archive.Close()
	names := map[string]bool{}
	for _, f := range archive.File {
		names[f.Name] = true
	}
	return names, nil
}

// notAJar words why a jar cannot be read.
func notAJar(file string, err error) error {
	if errors.Is(err, zip.ErrFormat) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%s is not a jar: a jar is a zip archive", file)
	}
	return fmt.Errorf("cannot read the jar: %w", err)
}
