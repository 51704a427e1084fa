package testenv

import (
	"archive/zip"
	"os"
	"path/filepath"
	"testing"
)

// Wheel makes a wheel, of version 99.0, for Pythons and platforms of that tag. In
// it is a module of the package's name and nothing else. It returns the wheel's
// folder, for pip's --find-links.
func Wheel(t testing.TB, name, tag string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	file, err := os.Create(filepath.Join(folder, name+"-99.0-"+tag+".whl"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info := name + "-99.0.dist-info/"
	archive := zip.NewWriter(file)
	for _, f := range []struct{ name, text string }{
		{name + "/__init__.py", "tag = '" + tag + "'\n"},
		{info + "METADATA", "Metadata-Version: 2.1\nName: " + name + "\nVersion: 99.0\n"},
		{info + "WHEEL", "Wheel-Version: 1.0\nGenerator: gust\nRoot-Is-Purelib: true\nTag: " + tag + "\n"},
		{info + "RECORD", name + "/__init__.py,,\n" + info + "METADATA,,\n" + info + "WHEEL,,\n" + info + "RECORD,,\n"},
	} {
		w, err := archive.Create(f.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(f.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return folder
}
