package lint

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"gust/conf"
	"gust/topology"
)

// A program is searched for as its process would.
func TestCommands(t *testing.T) {
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"run": 0o755, "plain": 0o644} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "tool"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	tests := []struct {
		name      string
		component topology.Component
		want      string // without `bolt "b" `
	}{
		{"on path", topology.Component{Command: []string{"tool", "x"}}, ""},
		{"not on path", topology.Component{Command: []string{"tol"}}, `runs "tol", which is not on PATH (` + bin + `): install it, or name it by its path`},
		{"own path", topology.Component{Command: []string{"run"}, Env: map[string]string{"PATH": dir}}, ""},
		{"own path lacks it", topology.Component{Command: []string{"tool"}, Env: map[string]string{"PATH": dir}},
			`runs "tool", which is not on PATH (` + dir + `): install it, or name it by its path`},
		{"path of the topology's environment", topology.Component{Command: []string{"run"}, Config: map[string]any{conf.TopologyEnvironment: map[string]any{"PATH": dir}}}, ""},
		{"which overrides gust's", topology.Component{Command: []string{"tool"}, Config: map[string]any{conf.TopologyEnvironment: map[string]any{"PATH": dir}}},
			`runs "tool", which is not on PATH (` + dir + `): install it, or name it by its path`},
		{"which the component's own overrides", topology.Component{
			Command: []string{"tool"}, Config: map[string]any{conf.TopologyEnvironment: map[string]any{"PATH": dir}}, Env: map[string]string{"PATH": bin},
		}, ""},
		{"a relative path", topology.Component{Command: []string{"run"}, Env: map[string]string{"PATH": "."}, Dir: dir}, ""},
		{"one word", topology.Component{Command: []string{"tool x.py"}},
			`runs "tool x.py", which is not on PATH: write the program and its arguments as separate words`},
		{"relative", topology.Component{Command: []string{"./run"}, Dir: dir}, ""},
		{"absolute", topology.Component{Command: []string{filepath.Join(dir, "run")}}, ""},
		{"no such file", topology.Component{Command: []string{"./rum"}, Dir: dir}, `runs "./rum", but ` + filepath.Join(dir, "rum") + " does not exist"},
		{"not executable", topology.Component{Command: []string{"./plain"}, Dir: dir},
			fmt.Sprintf(`runs "./plain", but %[1]s is not executable: chmod +x %[1]s`, filepath.Join(dir, "plain"))},
		{"directory", topology.Component{Command: []string{dir + "/"}}, fmt.Sprintf(`runs "%[1]s/", but %[1]s/ is a directory`, dir)},
		{"no dir", topology.Component{Command: []string{"tool"}, Dir: dir + "/no"}, "runs in " + dir + "/no, but that directory does not exist"},
		{"dir is a file", topology.Component{Command: []string{"tool"}, Dir: dir + "/run"}, "runs in " + dir + "/run, but that is not a directory"},
		{"no command", topology.Component{}, "has no command"},
		{"java", topology.Component{Java: "com.acme.Bolt"}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.component.Name, test.component.Kind = "b", topology.Bolt
			top := &topology.Topology{Components: []*topology.Component{&test.component}}
			got, want := "", test.want
			if err := Commands(top, conf.Conf{conf.TopologyEnvironment: map[string]any{"OTHER": "x"}}); err != nil {
				got = err.Error()
			}
			if want != "" {
				want = `bolt "b" ` + want
			}
			if got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}
