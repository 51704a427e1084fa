package runner_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gust/conf"
	"gust/runner"
	"gust/topology"
)

func TestApply(t *testing.T) {
	files := laid(t)
	find := func(c *topology.Component) (string, error) { return exec.LookPath(c.Command[0]) }
	run := []string{"/opt/bin/python", "-m", "streamparse.run", "a.B"}
	given := &topology.Topology{Name: "t", Components: []*topology.Component{
		{Name: "plain", Command: run},
		{Name: "stock", Command: run, Config: map[string]any{"gust.runner": "stock"}},
		{Name: "fast", Command: run, Config: map[string]any{"gust.runner": "fast"}},
		{Name: "node", Command: []string{"node", "x.js"}},
		{Name: "lost", Command: []string{filepath.Join(t.TempDir(), "streamparse_run"), "a.B"}},
	}}
	for _, c := range []struct {
		name   string
		conf   conf.Conf
		forced runner.Mode
		modes  string // of plain, stock and fast
		left   int
	}{
		{"default", nil, "", "auto - fast", 1},
		{"the topology's conf", conf.Conf{"gust.runner": "fast"}, "", "fast - fast", 1},
		{"stock in the conf", conf.Conf{"gust.runner": "stock"}, "", "- - fast", 0},
		{"the flag", conf.Conf{"gust.runner": "fast"}, runner.Stock, "- - -", 0},
		{"the flag over a component", nil, runner.Auto, "auto auto auto", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			applied, left, err := files.Apply(given, c.conf, c.forced, find)
			if err != nil {
				t.Fatal(err)
			}
			var modes []string
			for _, component := range applied.Components[:3] {
				mode := "-"
				if !slices.Equal(component.Command, run) {
					mode = component.Command[2]
				}
				modes = append(modes, mode)
			}
			if got := strings.Join(modes, " "); got != c.modes {
				t.Errorf("modes %s, want %s", got, c.modes)
			}
			if len(left) != c.left || c.left == 1 && left[0].Component != "lost" {
				t.Errorf("left %v", left)
			}
			if !slices.Equal(applied.Components[3].Command, given.Components[3].Command) {
				t.Errorf("node's command became %q", applied.Components[3].Command)
			}
			for _, component := range given.Components[:3] {
				if !slices.Equal(component.Command, run) {
					t.Errorf("the topology given was changed: %q", component.Command)
				}
			}
		})
	}
	// The PATH of the component's process counts.
	t.Run("a program on another PATH", func(t *testing.T) {
		program := filepath.Join(t.TempDir(), "streamparse_run")
		if err := os.WriteFile(program, []byte("#!/elsewhere/python3\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		applied, left, err := files.Apply(&topology.Topology{Components: []*topology.Component{
			{Name: "count", Command: []string{"streamparse_run", "a.B"}},
		}}, nil, "", func(*topology.Component) (string, error) { return program, nil })
		if err != nil || len(left) > 0 || applied.Components[0].Command[0] != "/elsewhere/python3" {
			t.Errorf("%v, left %v, the command is %q", err, left, applied.Components[0].Command)
		}
	})
	t.Run("an unknown mode", func(t *testing.T) {
		for _, value := range []any{"quick", 5} {
			_, _, err := files.Apply(&topology.Topology{Components: []*topology.Component{
				{Name: "count", Kind: topology.Bolt, Command: run, Config: map[string]any{"gust.runner": value}},
			}}, nil, "", find)
			if err == nil || !strings.Contains(err.Error(), `bolt "count"`) || !strings.Contains(err.Error(), "gust.runner") {
				t.Errorf("%v: %v", value, err)
			}
		}
	})
}
