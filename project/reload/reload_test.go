package reload

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gust/internal/testenv"
	"gust/topology"
)

// lay writes files into a directory of the test, and returns the directory.
func lay(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	testenv.Write(t, dir, files)
	return dir
}

func TestPythonComponents(t *testing.T) {
	python := testenv.Program(t, "python3")
	dir := lay(t, map[string]string{
		"spouts/__init__.py":   "",
		"spouts/words.py":      "import json\nfrom lib import text\n",
		"bolts/__init__.py":    "from . import base\n",
		"bolts/base.py":        "import collections\n",
		"bolts/count.py":       "def late():\n    import lib.deep.down as d\n",
		"bolts/broken.py":      "from lib import text\nclass X(:\n",
		"lib/text.py":          "from lib.text import self_import\n",
		"lib/deep/__init__.py": "",
		"lib/deep/down.py":     "from .. import text\nfrom . import beside\n",
		"lib/deep/beside.py":   "",
		"scripts/alone.py":     "import helper\n",
		"scripts/helper.py":    "",
		"unused.py":            "",
		"module.py":            "import unused\n",
	})
	script := func(class string) *topology.Component {
		return &topology.Component{Command: []string{python, "-m", "streamparse.run", class}, Script: class}
	}
	top := &topology.Topology{}
	for name, c := range map[string]*topology.Component{
		"words":  script("spouts.words.WordSpout"),
		"count":  script("-s json bolts.count.Count"),
		"broken": script("bolts.broken.X"),
		"alone":  {Command: []string{python, "-u", "scripts/alone.py", "x"}},
		"module": {Command: []string{python, "-m", "module"}},
		"ruby":   {Command: []string{"ruby", "x.rb"}},
	} {
		c.Name, c.Dir = name, dir
		top.Components = append(top.Components, c)
	}
	slices.SortFunc(top.Components, func(a, b *topology.Component) int { return strings.Compare(a.Name, b.Name) })

	for _, tt := range []struct {
		changed, want string
		broken        string
	}{
		{changed: "spouts/words.py", want: "words"},
		{changed: "bolts/count.py", want: "count"},
		{changed: "bolts/__init__.py", want: "broken count"},
		{changed: "bolts/base.py", want: "broken count"},
		{changed: "lib/text.py", want: "count words"}, // a broken file imports nothing
		{changed: "lib/deep/beside.py", want: "count"},
		{changed: "lib/deep/__init__.py", want: "count"},
		{changed: "scripts/helper.py", want: "alone"},
		{changed: "unused.py", want: "module"},
		{changed: "bolts/broken.py", want: "broken", broken: "bolts/broken.py:2: invalid syntax"},
		{changed: "bolts/none.py"},
		{changed: "data.json", want: "ruby"}, // nothing shows what it uses
	} {
		t.Run(tt.changed, func(t *testing.T) {
			change, err := Of(t.Context(), top, []string{filepath.Join(dir, tt.changed)})
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(change.Components, " "); got != tt.want {
				t.Errorf("components: %q, want %q", got, tt.want)
			}
			var broken string
			for _, b := range change.Broken {
				broken += strings.TrimPrefix(b.Error(), dir+"/")
			}
			if broken != tt.broken {
				t.Errorf("broken: %q, want %q", broken, tt.broken)
			}
		})
	}
}

// gust may run in a directory with files that have names of the standard library;
// components may use them.
func TestShadowedStandardLibrary(t *testing.T) {
	python := testenv.Program(t, "python3")
	dir, err := filepath.EvalSymlinks(testenv.Shadows(t, "."))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	top := &topology.Topology{Components: []*topology.Component{{Name: "words", Dir: dir, Command: []string{python, "token.py"}}}}
	change, err := Of(t.Context(), top, []string{filepath.Join(dir, "token.py")})
	if err != nil || !slices.Equal(change.Components, []string{"words"}) {
		t.Errorf("got %+v, %v", change, err)
	}
}

func TestOtherComponents(t *testing.T) {
	dir := lay(t, map[string]string{
		"a/count.js": "", "a/lib/text.js": "", "a/words.sh": "", "a/bolt": "",
		"b/other.js": "", "broken.sh": "if\n",
	})
	component := func(name, dir string, command ...string) *topology.Component {
		return &topology.Component{Name: name, Dir: dir, Command: command}
	}
	a := filepath.Join(dir, "a")
	top := &topology.Topology{Components: []*topology.Component{
		component("js", a, "node", "count.js"),
		component("sh", a, "sh", "-e", "./words.sh"),
		component("binary", a, "./bolt"),
		component("none", a, "mvn", "exec"),
		component("elsewhere", filepath.Join(dir, "b"), "node", "other.js"),
	}}
	for _, tt := range []struct{ changed, want string }{
		{"a/count.js", "js none"},
		{"a/lib/text.js", "js none"},
		{"a/words.sh", "sh none"},
		{"a/bolt", "binary none"},
		{"a/Main.java", "none"},
		{"a/trace.log", ""},
		{"b/other.js", "elsewhere"},
		{"c/other.js", ""},
	} {
		change, err := Of(t.Context(), top, []string{filepath.Join(dir, tt.changed)})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(change.Components, " "); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.changed, got, tt.want)
		}
	}
	change, err := Of(t.Context(), top, []string{filepath.Join(dir, "broken.sh")})
	if err != nil || len(change.Broken) != 1 || !strings.Contains(change.Broken[0].Text, "yntax error") {
		t.Errorf("a broken script: %+v, %v", change, err)
	}
}
