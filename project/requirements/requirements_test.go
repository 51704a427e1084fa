package requirements

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gust/conf"
)

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestOf(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "virtualenvs/words.txt", "")
	write(t, "virtualenvs/count.txt", "")
	write(t, "[odd]/words.txt", "")
	for _, tt := range []struct {
		folder, name string
		want         []string
		err          string
	}{
		{"virtualenvs", "words", []string{"virtualenvs/words.txt"}, ""},
		{"virtualenvs", "", []string{"virtualenvs/count.txt", "virtualenvs/words.txt"}, ""},
		{"virtualenvs", "wrods", nil, `no virtualenvs/wrods.txt to install from: did you mean "virtualenvs/words.txt"?`},
		{"none", "", nil, ""},
		{"[odd]", "words", []string{"[odd]/words.txt"}, ""},
	} {
		got, err := Of(tt.folder, tt.name)
		if !slices.Equal(got, tt.want) || (err != nil || tt.err != "") && (err == nil || err.Error() != tt.err) {
			t.Errorf("%s of %s: got %q, %v, want %q, %s", tt.name, tt.folder, got, err, tt.want, tt.err)
		}
	}
}

func TestFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	project := &conf.Project{File: "other/config.json", VirtualenvSpecs: "virtualenvs"}
	if got := Folder(project, "here"); got != "here/virtualenvs" {
		t.Errorf("got %s", got)
	}
	write(t, "other/virtualenvs/x.txt", "")
	if got := Folder(project, "here"); got != "other/virtualenvs" {
		t.Errorf("with a folder beside config.json: got %s", got)
	}
	project.VirtualenvSpecs = "/v"
	if got := Folder(project, "here"); got != "/v" {
		t.Errorf("got %s", got)
	}
}

func TestRead(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("BASE", "base")
	write(t, "a.txt", "# packages\nredis==5.0 \\\n  --hash=sha256:a # one\n-r ${BASE}/b.txt # more\n-c https://host/limits.txt\n-rhttps://host/more.txt\n")
	write(t, "base/b.txt", "--constraint=limits.txt\r\nsix")
	lines, err := Read([]string{"a.txt"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range lines {
		path, local := line.Path()
		if line.Option != "" && local {
			line.Text += " at " + path
		}
		got = append(got, line.Text)
	}
	want := []string{"redis==5.0    --hash=sha256:a", "--constraint=limits.txt at base/limits.txt", "six", "-c https://host/limits.txt", "-rhttps://host/more.txt"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	write(t, "loop.txt", "-r loop.txt\n")
	if _, err := Read([]string{"loop.txt"}); err == nil || !strings.Contains(err.Error(), "in a cycle") {
		t.Errorf("got %v", err)
	}
	if _, err := Read([]string{"missing.txt"}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
