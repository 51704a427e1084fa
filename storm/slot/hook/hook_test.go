package hook

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gust/internal/testenv"
)

// aStorm is a directory of Storm of a release, with a storm.yaml.
func aStorm(t *testing.T, jar, yaml string) *Node {
	t.Helper()
	dir := testenv.Files(t, map[string]string{"lib/" + jar: "", "conf/storm.yaml": yaml, "bin/storm": ""})
	n, err := Find(dir, "/usr/bin/gust")
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func lines(t *testing.T, n *Node) []string {
	t.Helper()
	settings, err := n.Settings()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, s := range settings {
		if !s.Done() {
			lines = append(lines, s.Line)
		}
	}
	return lines
}

func TestFindRefusesWhatItDoesNotKnow(t *testing.T) {
	for jar, want := range map[string]string{
		"storm-server-3.0.0.jar": "do not know Storm 3.0.0",
		"storm-core-1.1.3.jar":   "do not know Storm 1.1.3",
		"other-1.0.jar":          "is not Storm's directory",
	} {
		dir := testenv.Files(t, map[string]string{"lib/" + jar: ""})
		if _, err := Find(dir, "gust"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", jar, err, want)
		}
		if entries, _ := os.ReadDir(dir); len(entries) != 1 {
			t.Errorf("%s: something was written", jar)
		}
	}
}

func TestSettings(t *testing.T) {
	const ours = "storm.resource.isolation.plugin.enable: true\nstorm.resource.isolation.plugin: gust.storm.Workers\ngust.executable: /usr/bin/gust\n"
	for _, test := range []struct{ name, yaml, want string }{
		{"no plug-in", "", ours},
		{"plug-ins not enabled", "storm.resource.isolation.plugin: com.acme.Plugin\n", ours},
		{"Storm's own", "storm.resource.isolation.plugin.enable: true\nstorm.resource.isolation.plugin: org.apache.storm.container.DefaultResourceIsolationManager\n",
			"storm.resource.isolation.plugin: gust.storm.Workers\ngust.executable: /usr/bin/gust\n"},
		{"cgroups by default", "storm.resource.isolation.plugin.enable: true\n",
			"storm.resource.isolation.plugin: gust.storm.CgroupWorkers\ngust.executable: /usr/bin/gust\n"},
		{"installed", ours, ""},
		{"installed with cgroups", strings.Replace(ours, ".Workers", ".CgroupWorkers", 1), ""},
	} {
		if got := strings.Join(lines(t, aStorm(t, "storm-server-2.8.3.jar", test.yaml)), "\n"); got != strings.TrimSuffix(test.want, "\n") {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
	n := aStorm(t, "storm-server-2.8.3.jar", "storm.resource.isolation.plugin.enable: true\nstorm.resource.isolation.plugin: com.acme.Plugin\n")
	if _, err := n.Settings(); err == nil || !strings.Contains(err.Error(), "com.acme.Plugin") {
		t.Errorf("another plug-in: got %v", err)
	}
}

// Doctor names what is missing, and nothing else when all is there.
func TestDoctor(t *testing.T) {
	n := aStorm(t, "storm-server-2.8.3.jar", "")
	wrong := func() (what []string) {
		t.Helper()
		findings, err := n.Doctor()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range findings {
			if f.Remedy != "" && f.What != "supervisor" { // which does not run here
				what = append(what, f.What)
			}
		}
		return what
	}
	if got, want := wrong(), []string{"plug-in", "storm.yaml", "storm.yaml", "storm.yaml"}; !slices.Equal(got, want) {
		t.Errorf("before: %q is wrong, want %q", got, want)
	}
	if _, err := n.Install(); err != nil {
		t.Fatal(err)
	}
	testenv.Write(t, n.Dir, map[string]string{"conf/storm.yaml": strings.Join(lines(t, n), "\n") + "\n"})
	if got := wrong(); len(got) > 0 {
		t.Errorf("after: %q is wrong", got)
	}
	testenv.Write(t, n.Dir, map[string]string{pluginFile: "another jar"})
	if got, want := wrong(), []string{"plug-in"}; !slices.Equal(got, want) {
		t.Errorf("with another jar: %q is wrong, want %q", got, want)
	}
	removed, err := n.Uninstall()
	if err != nil || len(removed) != 1 {
		t.Errorf("uninstall removed %q, %v", removed, err)
	}
}

// The stand-in looks like the JDK, and its java is gust.
func TestStandIn(t *testing.T) {
	n := aStorm(t, "storm-core-1.2.4.jar", "")
	if _, err := n.Install(); err == nil || !strings.Contains(err.Error(), "JAVA_HOME") {
		t.Errorf("without JAVA_HOME: got %v", err)
	}
	jdk := testenv.Files(t, map[string]string{"bin/java": "", "bin/jps": "", "lib/modules": ""})
	for _, n.JavaHome = range []string{jdk, n.standIn()} { // the second time, the supervisor's is the stand-in
		if _, err := n.Install(); err != nil {
			t.Fatal(err)
		}
	}
	for link, want := range map[string]string{"bin/java": "/usr/bin/gust", "bin/jps": filepath.Join(jdk, "bin/jps"), "lib": filepath.Join(jdk, "lib")} {
		if got, err := os.Readlink(filepath.Join(n.standIn(), link)); err != nil || got != want {
			t.Errorf("%s is %s, %v, want %s", link, got, err, want)
		}
	}
	if got, want := lines(t, n), []string{"export JAVA_HOME=" + n.standIn()}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// plugin.jar was made from the sources as they are.
func TestPluginIsUpToDate(t *testing.T) {
	files, err := filepath.Glob("plugin/gust/storm/*.java")
	if err != nil || len(files) != 3 {
		t.Fatalf("found the sources %q, %v", files, err)
	}
	sources := sha256.New()
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sources.Write(text)
	}
	jar, err := zip.NewReader(bytes.NewReader(plugin), int64(len(plugin)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := fs.ReadFile(jar, "sources.sha256")
	if want := fmt.Sprintf("%x\n", sources.Sum(nil)); err != nil || string(got) != want {
		t.Errorf("plugin.jar was made from other sources (%v): run `make plugin`", err)
	}
}
