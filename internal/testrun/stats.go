package testrun

import "testing"

// Stats is the output of `gust run --json`, as in docs/run-json.md. It is declared again
// here, since a program that reads it knows only the names.
type Stats struct {
	Components []ComponentStats `json:"components"`
	Trees      TreeStats        `json:"trees"`
	Workers    []WorkerStats    `json:"workers"`
}

// WorkerStats are those of one worker, of a topology that has several.
type WorkerStats struct {
	Worker   int    `json:"worker"`
	Restarts int    `json:"restarts"`
	Death    string `json:"death"`
}

// TreeStats are the figures of the tuple trees.
type TreeStats struct {
	Emitted int         `json:"emitted"`
	Acked   int         `json:"acked"`
	Pending int         `json:"pending"`
	Failed  FailedStats `json:"failed"`
}

// FailedStats counts failed trees by reason.
type FailedStats struct {
	Bolt     int `json:"bolt"`
	Timeout  int `json:"timeout"`
	Died     int `json:"died"`
	Shutdown int `json:"shutdown"`
}

// Sum is the number of failed trees.
func (f FailedStats) Sum() int { return f.Bolt + f.Timeout + f.Died + f.Shutdown }

// ComponentStats are the figures of one component.
type ComponentStats struct {
	Name      string         `json:"name"`
	Kind      string         `json:"kind"`
	Tasks     int            `json:"tasks"`
	Emitted   int            `json:"emitted"`
	Executed  int            `json:"executed"`
	Acked     int            `json:"acked"`
	Failed    int            `json:"failed"`
	Restarts  int            `json:"restarts"`
	Errors    int            `json:"errors"`
	LastError string         `json:"last_error"`
	Metrics   []MetricStats  `json:"metrics"`
	Processes []ProcessStats `json:"processes"`
}

// MetricStats is one metric that a component reported.
type MetricStats struct {
	Name    string `json:"name"`
	Reports int    `json:"reports"`
	Last    string `json:"last"`
}

// ProcessStats is one task's process.
type ProcessStats struct {
	Task     int `json:"task"`
	Worker   int `json:"worker"`
	Restarts int `json:"restarts"`
}

// Component returns the figures of one component.
func (s Stats) Component(t testing.TB, name string) ComponentStats {
	t.Helper()
	for _, c := range s.Components {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no component %q in the stats", name)
	return ComponentStats{}
}
