package slot

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gust/storm/generated"
)

// readBeat reads a heartbeat as a supervisor does.
func readBeat(t *testing.T, file string) *generated.LSWorkerHeartbeat {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var store generated.LocalStateData
	if err := store.Read(t.Context(), protocol(data)); err != nil {
		t.Fatal(err)
	}
	part := store.SerializedParts["worker-heartbeat"]
	if part == nil || part.Name != "org.apache.storm.generated.LSWorkerHeartbeat" {
		t.Fatalf("got %v", store)
	}
	var beat generated.LSWorkerHeartbeat
	if err := beat.Read(t.Context(), protocol(part.Bits)); err != nil {
		t.Fatal(err)
	}
	return &beat
}

func TestHeartbeat(t *testing.T) {
	h := &heartbeat{dir: t.TempDir(), topology: "w-1-2", port: 6700, executors: []executor{{1, 2}, ofWorker}}
	now := time.UnixMilli(1_800_000_000_500)
	if err := h.beat(now); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(h.dir, "1800000000500.version")); err != nil {
		t.Error(err)
	}
	beat := readBeat(t, filepath.Join(h.dir, "1800000000500"))
	if beat.TimeSecs != 1_800_000_000 || beat.TopologyID != "w-1-2" || beat.Port != 6700 {
		t.Errorf("got %v", beat)
	}
	var executors []executor
	for _, e := range beat.Executors {
		executors = append(executors, executor{first: toTask(e.TaskStart), last: toTask(e.TaskEnd)})
	}
	if want := []executor{{1, 2}, {-1, -1}}; !slices.Equal(executors, want) {
		t.Errorf("got executors %v, want %v", executors, want)
	}
}

// A clock that stands still or goes back makes no version that is older than the last one, and
// old versions are deleted.
func TestHeartbeatVersionsRise(t *testing.T) {
	h := &heartbeat{dir: t.TempDir(), executors: []executor{ofWorker}}
	now := time.UnixMilli(1_800_000_000_000)
	for range kept + 10 {
		if err := h.beat(now); err != nil {
			t.Fatal(err)
		}
		now = now.Add(-time.Second)
	}
	entries, err := os.ReadDir(h.dir)
	if err != nil {
		t.Fatal(err)
	}
	var complete []string
	for _, entry := range entries {
		if name, is := strings.CutSuffix(entry.Name(), ".version"); is {
			complete = append(complete, name)
		}
	}
	if len(complete) != kept || len(entries) != 2*kept {
		t.Errorf("%d files and %d complete versions are left, want %d versions", len(entries), len(complete), kept)
	}
	if got, want := slices.Max(complete), "1800000000069"; got != want {
		t.Errorf("the last version is %s, want %s", got, want)
	}
}

// The next worker of a slot may have a clock that is behind that of the worker before it.
func TestHeartbeatFollowsTheWorkerBefore(t *testing.T) {
	dir := t.TempDir()
	for _, millis := range []int64{1_800_000_000_000, 1_700_000_000_000} {
		h := &heartbeat{dir: dir, executors: []executor{ofWorker}}
		for range 2 {
			if err := h.beat(time.UnixMilli(millis)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "1800000000002.version")); err != nil {
		t.Error("the second worker's heartbeat is not the newest version")
	}
}
