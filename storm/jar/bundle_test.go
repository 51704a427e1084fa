package jar

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gust/internal/testenv"
)

// bundle is one of those requirements, with a streamparse that needs little.
// With uv its Python has no pip, as one that uv has made.
func bundle(t *testing.T, tool string, requirements ...string) Bundle {
	t.Helper()
	testenv.PackageCache(t)
	file := filepath.Join(t.TempDir(), "requirements.txt")
	lines := append(requirements, "streamparse==99.0", "--find-links "+testenv.Wheel(t, "streamparse", "py3-none-any"))
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	b := Bundle{Python: testenv.Python(t), Requirements: []string{file}, Cache: t.TempDir()}
	if tool == "uv" {
		b.Python = withoutPip(t)
		t.Setenv("PATH", filepath.Dir(testenv.UV(t))+string(filepath.ListSeparator)+os.Getenv("PATH"))
	}
	return b
}

// withoutPip makes a virtualenv that has no pip, and returns its interpreter.
func withoutPip(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "venv")
	if out, err := exec.Command(testenv.Python(t), "-m", "venv", "--without-pip", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return filepath.Join(dir, "bin", "python")
}

// The packages are those that the workers need, not this machine: for another release of
// Python, and another processor than most tests have.
func TestBundleForOtherMachines(t *testing.T) {
	const notTheirs = "python_version >= '3.11' or platform_machine == 'x86_64'"
	tests := []struct{ name, platform, version, theirs, ours, extension string }{
		{"by the old name", "manylinux2014_aarch64", "3.9",
			"python_version == '3.9' and platform_machine == 'aarch64'", notTheirs, "_cmsgpack.cpython-39-aarch64-linux-gnu.so"},
		{"newer glibc than the wheels'", "manylinux_2_28_aarch64", "3.10",
			"python_full_version < '3.11' and sys_platform == 'linux'", notTheirs, "_cmsgpack.cpython-310-aarch64-linux-gnu.so"},
		{"macOS", "macosx_11_0_arm64", "3.9",
			"platform_system == 'Darwin' and platform_machine == 'arm64'", "sys_platform == 'linux'", "_cmsgpack.cpython-39-darwin.so"},
		{"only another Python", "", "3.9",
			"python_version < '3.10'", "implementation_version >= '3.10'", "_cmsgpack.cpython-39-"},
	}
	for _, tool := range []string{"pip", "uv"} {
		for _, test := range tests {
			t.Run(tool+"/"+test.name, func(t *testing.T) {
				b := bundle(t, tool, "msgpack==1.1.0", "theirs==99.0; "+test.theirs, "ours==99.0; "+test.ours,
					"--find-links "+testenv.Wheel(t, "theirs", "py3-none-any"), "--find-links "+testenv.Wheel(t, "ours", "py3-none-any"))
				b.Platform, b.PythonVersion = test.platform, test.version
				j := New()
				if err := j.AddBundle(t.Context(), b); err != nil {
					t.Fatal(err)
				}
				packed := strings.Join(names(j), "\n") + "\n"
				for _, name := range []string{
					"__init__.py\n", "python\n", "compiled\n", "packages/streamparse/__init__.py\n",
					"packages/theirs/__init__.py\n", "packages/msgpack/" + test.extension,
				} {
					if !strings.Contains(packed, "resources/gust_bundle/"+name) {
						t.Errorf("%q is missing in\n%s", name, packed)
					}
				}
				if strings.Contains(packed, "packages/ours/") {
					t.Errorf("what is for this machine is there:\n%s", packed)
				}
			})
		}
	}
}

// A worker with another Python than the packages were built for reports that, instead of
// a failing import.
func TestBundleOnTheWrongPython(t *testing.T) {
	b := bundle(t, "uv", "msgpack==1.1.0")
	b.PythonVersion = "3.8"
	j := New()
	if err := j.AddBundle(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	contents := map[string]string{}
	for _, e := range j.Entries() {
		content, err := e.read()
		if err != nil {
			t.Fatal(err)
		}
		contents[e.Name] = string(content)
	}
	dir := testenv.Files(t, contents)
	cmd := exec.Command(b.Python, `-cimport gust_bundle; gust_bundle.run("-s json bolts.Count")`)
	cmd.Dir = filepath.Join(dir, Resources)
	out, err := cmd.CombinedOutput()
	want := regexp.MustCompile(`^the jar's packages are built for Python 3\.8, and this worker's \S+ is (3\.\d+): bundle them with --python-version (3\.\d+)\n$`)
	if m := want.FindSubmatch(out); err == nil || m == nil || string(m[1]) != string(m[2]) {
		t.Errorf("%v, it says %q", err, out)
	}
}

// A component's json.py does not replace Python's: streamparse_run searches the working
// directory last.
func TestLauncherLeavesTheStandardLibraryAlone(t *testing.T) {
	python := testenv.Program(t, "python3")
	dir := testenv.Shadows(t, ".")
	testenv.Write(t, filepath.Join(dir, "gust_bundle"), map[string]string{
		"__init__.py": string(launcher), "python": "3.11\n", "packages/streamparse/__init__.py": "",
		"packages/streamparse/run.py": "import json, logging, typing\ndef main():\n    print(json.dumps('done'))\n",
	})
	cmd := exec.Command(python, `-cimport gust_bundle; gust_bundle.run("-s json bolts.Count")`)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != "\"done\"\n" {
		t.Errorf("got %s, %v", out, err)
	}
}

// Packages that the workers could not import are an error, with the package's name.
func TestBundleWithoutWheel(t *testing.T) {
	for _, tool := range []string{"pip", "uv"} {
		t.Run(tool, func(t *testing.T) {
			refused := func(b Bundle, want ...string) error {
				t.Helper()
				err := New().AddBundle(t.Context(), b)
				for _, word := range append(want, tool+" cannot install the packages of "+b.Requirements[0]) {
					if err == nil || !strings.Contains(err.Error(), word) {
						t.Errorf("%q is missing: %v", word, err)
					}
				}
				if left, _ := os.ReadDir(b.Cache); len(left) > 0 {
					t.Errorf("%v was left behind", left)
				}
				return err
			}
			b := bundle(t, tool, "rare==99.0", "--find-links "+testenv.Wheel(t, "rare", "cp39-cp39-manylinux_2_28_x86_64"))
			b.Platform, b.PythonVersion = "manylinux2014_x86_64", "3.9"
			refused(b, "hint: no wheel of rare==99.0 for Python 3.9 on manylinux2014_x86_64", "`pip wheel rare==99.0`", "--find-links DIR")
			b.Platform, b.PythonVersion = "", "3.7"
			refused(b, "hint: no wheel of rare==99.0 for Python 3.7, and only wheels")

			// docopt is published as source alone.
			b = bundle(t, tool, "docopt==0.6.2")
			b.Platform, b.PythonVersion = "manylinux2014_x86_64", "3.9"
			refused(b, "hint: no wheel of docopt")

			// If pip may build it, a missing wheel is not the reason.
			b = bundle(t, tool, "streamparse==98.0")
			if err := refused(b, "streamparse==98.0"); err != nil && strings.Contains(err.Error(), "wheel of") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestBundleWithNeitherPipNorUV(t *testing.T) {
	b := bundle(t, "pip")
	b.Python = withoutPip(t)
	t.Setenv("PATH", t.TempDir())
	for _, b.Platform = range []string{"", "manylinux2014_x86_64"} {
		err := New().AddBundle(t.Context(), b)
		if want := "hint: " + b.Python + " -m ensurepip, or install uv"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("platform %q: got %v, want ...%s", b.Platform, err, want)
		}
	}
}

// An installation is reused as long as the requirements are the same.
func TestBundleIsKept(t *testing.T) {
	b := bundle(t, "uv")
	more := filepath.Join(filepath.Dir(b.Requirements[0]), "more.txt")
	for _, f := range [][2]string{{b.Requirements[0], "-r more.txt\n"}, {more, "# nothing yet\n"}} {
		text, _ := os.ReadFile(f[0])
		if err := os.WriteFile(f[0], append(text, f[1]...), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	has := func(name string) bool {
		t.Helper()
		j := New()
		if err := j.AddBundle(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		return j.Has("resources/gust_bundle/packages/" + name)
	}
	if !has("streamparse/__init__.py") || has("compiled") {
		t.Error("streamparse is missing, or is said to be compiled")
	}
	kept, err := filepath.Glob(filepath.Join(b.Cache, "*", "streamparse"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("kept %q, %v", kept, err)
	}
	mark := filepath.Join(kept[0], "mark.py")
	if err := os.WriteFile(mark, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if !has("streamparse/mark.py") {
		t.Error("it was installed again")
	}
	b.Fresh = true
	if has("streamparse/mark.py") {
		t.Error("it was not installed anew")
	}
	b.Fresh = false
	text := "added==99.0\n--find-links " + testenv.Wheel(t, "added", "py3-none-any") + "\n"
	if err := os.WriteFile(more, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if !has("added/__init__.py") {
		t.Error("what a file of the file's asks for was not installed")
	}
}

// backend builds a wheel of a package whose only module is local.py, and needs
// nothing but Python.
const backend = `import zipfile

def build_wheel(folder, settings=None, metadata=None):
    name = "local-99.0-py3-none-any.whl"
    info = "local-99.0.dist-info/"
    with zipfile.ZipFile(folder + "/" + name, "w") as wheel:
        wheel.write("local.py")
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: local\nVersion: 99.0\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(info + "RECORD", "")
    return name

build_editable = build_wheel
`

// A package on this machine is rebuilt when its sources have changed, and the bundle has
// a copy, not a link.
func TestBundleOfSources(t *testing.T) {
	for _, tool := range []string{"pip", "uv"} {
		for name, line := range map[string]string{"path": "./lib", "editable": "-e ./lib", "address": "local @ file://${LIB}"} {
			t.Run(tool+"/"+name, func(t *testing.T) {
				b := bundle(t, tool, line)
				dir := t.TempDir()
				t.Chdir(dir)
				t.Setenv("LIB", dir+"/lib")
				if err := os.MkdirAll("lib/local.egg-info", 0o755); err != nil {
					t.Fatal(err)
				}
				write := func(file, text string) {
					t.Helper()
					if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				write("lib/pyproject.toml", "[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n[project]\nname = \"local\"\nversion = \"99.0\"\n")
				write("lib/backend.py", backend)
				packed := func(source string) string {
					t.Helper()
					write("lib/local.py", source)
					j := New()
					if err := j.AddBundle(t.Context(), b); err != nil {
						t.Fatal(err)
					}
					text, err := j.entries["resources/gust_bundle/packages/local.py"].read()
					if err != nil {
						t.Fatal(err)
					}
					return string(text)
				}
				for _, source := range []string{"one = 1\n", "two = 2\n"} {
					if got := packed(source); got != source {
						t.Errorf("packed %q, want %q", got, source)
					}
				}
				// Build output is not a source.
				write("lib/local.egg-info/PKG-INFO", "new")
				kept, err := filepath.Glob(filepath.Join(b.Cache, "*", "local.py"))
				if err != nil || len(kept) != 2 {
					t.Fatalf("kept %q, %v", kept, err)
				}
				for _, file := range kept {
					write(file, "kept\n")
				}
				if got := packed("two = 2\n"); got != "kept\n" {
					t.Errorf("it was built again: %q", got)
				}
			})
		}
	}
}

func TestReadRequirements(t *testing.T) {
	t.Chdir(t.TempDir())
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("TOKEN", "secret")
	testenv.Write(t, ".", map[string]string{
		"all.txt": "# packages\nredis==5.0 \\\n  --hash=sha256:abc\n-rsub/more.txt\n-c sub/limits.txt\n--index-url https://${TOKEN}@index/${UNKNOWN}\n" +
			"git+ssh://git@host/x.git@v1#egg=x\n-e git+https://host/y.git#egg=y\n./lib[fast] ; python_version > '3'\nlib\n./gone\nlib/one.whl --hash=sha256:abc\n",
		"sub/more.txt":   "--requirement=other.txt  # another\n--find-links wheels\n--pre\n",
		"sub/other.txt":  "six\r\n",
		"sub/limits.txt": "six<2\n",
		"lib/setup.py":   "",
		"lib/one.whl":    "",
		"sub/wheels/x":   "",
	})
	got, err := readRequirements([]string{"all.txt"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"redis==5.0    --hash=sha256:abc", "six", "--find-links " + here + "/sub/wheels", "--pre", "-c " + here + "/sub/limits.txt",
		"--index-url https://${TOKEN}@index/${UNKNOWN}", "git+ssh://git@host/x.git@v1#egg=x", "git+https://host/y.git#egg=y",
		here + "/lib[fast] ; python_version > '3'", "lib", "./gone", "lib/one.whl --hash=sha256:abc",
	}
	if !reflect.DeepEqual(got.lines, want) {
		t.Errorf("got  %q\nwant %q", got.lines, want)
	}
	if more := [][]string{got.local, got.limits, got.links}; !reflect.DeepEqual(more, [][]string{{"./lib"}, {"sub/limits.txt"}, {"sub/wheels"}}) {
		t.Errorf("local are %q", more)
	}
	if err := os.WriteFile("sub/other.txt", []byte("-r more.txt\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := readRequirements([]string{"all.txt"}); err == nil || !strings.Contains(err.Error(), "include each other in a cycle") {
		t.Errorf("got %v", err)
	}
}

// The cache keeps what was used recently.
func TestPrune(t *testing.T) {
	cache, now := t.TempDir(), time.Now()
	for name, age := range map[string]time.Duration{
		"new": 0, "used": 29 * 24 * time.Hour, "forgotten": 31 * 24 * time.Hour, "part-1": 2 * time.Hour, "part-2": time.Minute,
		"large": 2 * time.Hour, "larger": 3 * time.Hour,
	} {
		dir := filepath.Join(cache, name)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, "x")
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(name, "large") {
			if err := os.Truncate(file, keptBytes*2/3); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chtimes(dir, now.Add(-age), now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	prune(cache, now)
	entries, err := os.ReadDir(cache)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, entry := range entries {
		left = append(left, entry.Name())
	}
	if want := []string{"large", "new", "part-2"}; !reflect.DeepEqual(left, want) {
		t.Errorf("%q are left, want %q", left, want)
	}
}

func TestPlatform(t *testing.T) {
	tests := []struct {
		name, uv string
		pip      []string
		markers  string
	}{
		{"manylinux2014_x86_64", "x86_64-manylinux_2_17", nil, "Linux x86_64"},
		{"manylinux_2_28_aarch64", "aarch64-manylinux_2_28", nil, "Linux aarch64"},
		{"manylinux1_i686", "i686-manylinux_2_5", []string{"manylinux_2_5_i686", "manylinux1_i686"}, "Linux i686"},
		{"musllinux_1_2_x86_64", "x86_64-unknown-linux-musl", []string{"musllinux_1_2_x86_64"}, "Linux x86_64"},
		{"linux_x86_64", "x86_64-unknown-linux-gnu", []string{"linux_x86_64"}, "Linux x86_64"},
		{"macosx_14_0_arm64", "aarch64-apple-darwin", []string{"macosx_14_0_arm64"}, "Darwin arm64"},
		{"x86_64-manylinux_2_40", "x86_64-manylinux_2_40", []string{"x86_64-manylinux_2_40"}, " "},
		{"win_amd64", "win_amd64", []string{"win_amd64"}, " "},
		{"manylinux_99999999999999999999_1_x", "manylinux_99999999999999999999_1_x", []string{"manylinux_99999999999999999999_1_x"}, " "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := parsePlatform(test.name)
			if got := p.forUV(); got != test.uv {
				t.Errorf("for uv: %s, want %s", got, test.uv)
			}
			got := p.forPip()
			if test.pip != nil && !reflect.DeepEqual(got, test.pip) {
				t.Errorf("for pip: %q, want %q", got, test.pip)
			}
			if !slices.Contains(got, test.name) {
				t.Errorf("for pip: %q", got)
			}
			m := p.markers()
			if got := fmt.Sprint(m["platform_system"], " ", m["platform_machine"]); got != test.markers {
				t.Errorf("markers: %q, want %q", got, test.markers)
			}
		})
	}
	all := parsePlatform("manylinux_2_28_x86_64").forPip()
	for _, name := range []string{"manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux_2_12_x86_64", "manylinux1_x86_64"} {
		if !slices.Contains(all, name) {
			t.Errorf("what is built for %s runs there, too: %q", name, all)
		}
	}
	if slices.Contains(all, "manylinux_2_29_x86_64") || all[0] != "manylinux_2_28_x86_64" {
		t.Errorf("got %q", all)
	}
}
