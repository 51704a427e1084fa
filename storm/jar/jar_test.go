package jar

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"gust/internal/testenv"
)

// pack packs src/ of a project.
func pack(dir string) (*Jar, error) {
	ignore, err := ReadIgnore(dir, filepath.Join(dir, "src"))
	if err != nil {
		return nil, err
	}
	j := New()
	return j, j.AddTree(Resources, filepath.Join(dir, "src"), dir, ignore)
}

func names(j *Jar) []string {
	var list []string
	for _, e := range j.Entries() {
		list = append(list, e.Name)
	}
	return list
}

func written(t *testing.T, j *Jar) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := j.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSameFilesSameBytes(t *testing.T) {
	files := map[string]string{"src/b/x.py": "x", "src/a.py": "a", "src/b/__init__.py": ""}
	one, other := testenv.Files(t, files), testenv.Files(t, files)
	if err := os.Chtimes(filepath.Join(other, "src", "a.py"), time.Now(), time.Now().Add(-48*time.Hour)); err != nil {
		t.Fatal(err)
	}
	var jars [2][]byte
	for i, dir := range []string{one, other} {
		j, err := pack(dir)
		if err != nil {
			t.Fatal(err)
		}
		jars[i] = written(t, j)
	}
	if !bytes.Equal(jars[0], jars[1]) {
		t.Error("the same files gave different jars")
	}
}

func TestContent(t *testing.T) {
	dir := testenv.Files(t, map[string]string{
		"src/bolts/count.py": "class Count: pass\n", "src/run.sh": "#!/bin/sh\n", "config.json": "{}", "src/empty": "",
	})
	if err := os.Chmod(filepath.Join(dir, "src", "run.sh"), 0o755); err != nil {
		t.Fatal(err)
	}
	j, err := pack(dir)
	if err != nil {
		t.Fatal(err)
	}
	data := written(t, j)
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\r\nCreated-By: gust\r\n\r\n", "resources/bolts/count.py": "class Count: pass\n",
		"resources/run.sh": "#!/bin/sh\n", "resources/empty": "",
	}
	if archive.File[0].Name != "META-INF/MANIFEST.MF" {
		t.Errorf("the first file is %s", archive.File[0].Name)
	}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if text, ok := want[f.Name]; !ok || text != string(content) {
			t.Errorf("%s holds %q, want %q", f.Name, content, text)
		}
		if executable := f.Mode()&0o111 != 0; executable != (f.Name == "resources/run.sh") {
			t.Errorf("%s: mode %v", f.Name, f.Mode())
		}
		delete(want, f.Name)
	}
	for name := range want {
		t.Errorf("%s is missing", name)
	}
}

func TestIgnore(t *testing.T) {
	tests := []struct {
		rules string
		path  string
		want  bool
	}{
		{"", "bolts/count.py", false},
		{"", "bolts/__pycache__", true},
		{"", "count.pyc", true},
		{"", ".git", true},
		{"!__pycache__/", "__pycache__", false},
		{"*.csv", "data/big.csv", true},
		{"*.csv", "data/big.csv.py", false},
		{"/data", "data", true},
		{"/data", "bolts/data", false},
		{"data", "bolts/data", true},
		{"src/data", "data", true},
		{"data/*.bin", "data/a.bin", true},
		{"data/*.bin", "data/more/a.bin", false},
		{"data/**/*.bin", "data/more/still/a.bin", true},
		{"**/cache", "a/b/cache", true},
		{"*.py\n!keep.py", "keep.py", false},
		{"# a comment\n\n  ", "x.py", false},
		{"x?.py", "xy.py", true},
		{"x[ab].py", "xb.py", true},
		{"x[!ab].py", "xb.py", false},
		{`\#odd`, "#odd", true},
		{`a\*b`, "a*b", true},
		{`a\*b`, "axb", false},
		{"a.c", "abc", false},
	}
	for _, test := range tests {
		ignore := newIgnore()
		if err := ignore.parse(test.rules); err != nil {
			t.Errorf("%q: %v", test.rules, err)
			continue
		}
		folder := !strings.Contains(filepath.Base(test.path), ".") || test.path == ".git"
		if got := ignore.Excludes(test.path, folder); got != test.want {
			t.Errorf("with the rules %q %s is excluded: %v, want %v", test.rules, test.path, got, test.want)
		}
	}
	dir := testenv.Files(t, map[string]string{IgnoreFile: "ok\n[x\n"})
	if _, err := ReadIgnore(dir); err == nil || !strings.Contains(err.Error(), IgnoreFile+": line 2") {
		t.Errorf("a broken rule: got %v", err)
	}
}

func TestIgnoreFiles(t *testing.T) {
	dir := testenv.Files(t, map[string]string{
		IgnoreFile: "src/secret.txt\n*.csv\n", "src/" + IgnoreFile: "!small.csv\n",
		"src/secret.txt": "", "src/big.csv": "", "src/small.csv": "", "src/x.py": "", "src/__pycache__/x.cpython-311.pyc": "",
		".gitignore": "generated.py\n", "src/generated.py": "",
	})
	j, err := pack(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"META-INF/MANIFEST.MF", "resources/generated.py", "resources/small.csv", "resources/x.py"}
	if got := names(j); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLinks(t *testing.T) {
	outside := testenv.Files(t, map[string]string{"passwords": "secret", "lib/x.py": ""})
	tests := []struct {
		name, link, target string
		want               string // of the error, else empty
		has                string
	}{
		{"file in the tree", "src/alias.py", "x.py", "", "resources/alias.py"},
		{"folder of the project", "src/lib", "../lib", "", "resources/lib/y.py"},
		{"file outside", "src/passwords", filepath.Join(outside, "passwords"), "outside of the project\nhint: ", ""},
		{"folder outside", "src/lib", filepath.Join(outside, "lib"), "outside of the project\nhint: ", ""},
		{"folder that contains it", "src/again", ".", "to a directory that contains it", ""},
		{"nothing", "src/gone.py", "nowhere.py", "it is a broken link", ""},
		{"outside, but ignored", "src/ignored", filepath.Join(outside, "lib"), "", "resources/x.py"},
		{"nothing, but ignored", "src/ignored", "nowhere", "", "resources/x.py"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := testenv.Files(t, map[string]string{"src/x.py": "", "lib/y.py": "", IgnoreFile: "ignored\n"})
			if err := os.Symlink(test.target, filepath.Join(dir, test.link)); err != nil {
				t.Fatal(err)
			}
			j, err := pack(dir)
			if test.want != "" {
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("got %v, want ...%s", err, test.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !j.Has(test.has) {
				t.Errorf("no %s in %q", test.has, names(j))
			}
		})
	}
}

func TestRefused(t *testing.T) {
	t.Run("no folder", func(t *testing.T) {
		if _, err := pack(t.TempDir()); err == nil || !strings.Contains(err.Error(), "src") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("no files", func(t *testing.T) {
		dir := testenv.Files(t, map[string]string{"src/x.pyc": ""})
		if _, err := pack(dir); err == nil || !strings.Contains(err.Error(), "contains no files to pack") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("pipe", func(t *testing.T) {
		dir := testenv.Files(t, map[string]string{"src/x.py": ""})
		if err := syscall.Mkfifo(filepath.Join(dir, "src", "pipe"), 0o644); err != nil {
			t.Skip(err)
		}
		if _, err := pack(dir); err == nil || !strings.Contains(err.Error(), "it is a device, a pipe or a socket") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("file that disappears", func(t *testing.T) {
		dir := testenv.Files(t, map[string]string{"src/x.py": ""})
		j, err := pack(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(dir, "src", "x.py")); err != nil {
			t.Fatal(err)
		}
		target := filepath.Join(dir, "out.jar")
		if _, err := j.WriteFile(target); err == nil || !strings.Contains(err.Error(), "x.py") {
			t.Errorf("got %v", err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*.jar")); len(left) > 0 {
			t.Errorf("%q was left behind", left)
		}
	})
}

func TestMerge(t *testing.T) {
	other := New()
	for name, text := range map[string]string{
		"com/acme/Bolt.class": "class", "resources/x.py": "other", "META-INF/ACME.SF": "", "META-INF/services/a.B": "two\n", "lib.properties": "other",
	} {
		other.AddBytes(name, "test", []byte(text))
	}
	file := filepath.Join(t.TempDir(), "acme.jar")
	if _, err := other.WriteFile(file); err != nil {
		t.Fatal(err)
	}
	j := New()
	j.AddBytes("resources/x.py", "test", []byte("ours"))
	j.AddBytes("lib.properties", "test", []byte("ours"))
	j.AddBytes("META-INF/services/a.B", "test", []byte("one\n"))
	if err := j.Merge(file); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"com/acme/Bolt.class": "class", "resources/x.py": "ours", "lib.properties": "ours", "META-INF/services/a.B": "one\ntwo\n",
	}
	for _, e := range j.Entries() {
		content, err := e.read()
		if err != nil {
			t.Fatal(err)
		}
		if text, ok := want[e.Name]; ok && text != string(content) {
			t.Errorf("%s holds %q, want %q", e.Name, content, text)
		}
		delete(want, e.Name)
		if e.Name == "META-INF/ACME.SF" {
			t.Error("a signature was taken over that is not true any more")
		}
	}
	for name := range want {
		t.Errorf("%s is missing", name)
	}
	noJar := filepath.Join(testenv.Files(t, map[string]string{"x.jar": "hello"}), "x.jar")
	if err := j.Merge(noJar); err == nil || !strings.Contains(err.Error(), "x.jar is not a jar") {
		t.Errorf("got %v", err)
	}
	if _, err := Names(noJar); err == nil {
		t.Error("Names accepted a file that is not a jar")
	}
}
