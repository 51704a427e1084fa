package requirements

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"gust/conf"
	"gust/internal/testenv"
)

func TestOf(t *testing.T) {
	t.Chdir(t.TempDir())
	testenv.Write(t, "", map[string]string{"virtualenvs/words.txt": "", "virtualenvs/count.txt": "", "[odd]/words.txt": ""})
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
	testenv.Write(t, "", map[string]string{"other/virtualenvs/x.txt": ""})
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
	testenv.Write(t, "", map[string]string{"a.txt": "# packages\nredis==5.0 \\\n  --hash=sha256:a # one\n-r ${BASE}/b.txt # more\n-c https://host/limits.txt\n-rhttps://host/more.txt\n"})
	testenv.Write(t, "", map[string]string{"base/b.txt": "--constraint=limits.txt\r\nsix"})
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
	testenv.Write(t, "", map[string]string{"loop.txt": "-r loop.txt\n"})
	if _, err := Read([]string{"loop.txt"}); err == nil || !strings.Contains(err.Error(), "in a cycle") {
		t.Errorf("got %v", err)
	}
	if _, err := Read([]string{"missing.txt"}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
