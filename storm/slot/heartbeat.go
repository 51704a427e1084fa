package slot

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"gust/storm/generated"
)

// heartbeat is the sign of life that the supervisor reads: a store of Storm's (LocalState) of
// which each version is a file named by its time, and an empty file beside it which says that
// the version is complete.
type heartbeat struct {
	dir      string
	topology string
	port     int
	// executors are those of the assignment, and the one of the worker itself.
	executors []executor
	last      int64 // the last version
}

// kept is how many versions are kept, as by Storm's workers: the supervisor may be listing them.
const kept = 60

// The names in the store.
const (
	heartbeatKey   = "worker-heartbeat"
	heartbeatClass = "org.apache.storm.generated.LSWorkerHeartbeat"
	complete       = ".version"
)

// beat writes a version.
func (h *heartbeat) beat(now time.Time) error {
	data, err := h.encode(now)
	if err != nil {
		return err
	}
	version := max(now.UnixMilli(), h.last+1)
	file := filepath.Join(h.dir, strconv.FormatInt(version, 10))
	if err := os.WriteFile(file, data, 0o644); err != nil {
		return fmt.Errorf("cannot write the heartbeat: %w", err)
	}
	if err := os.WriteFile(file+complete, nil, 0o644); err != nil {
		return fmt.Errorf("cannot write the heartbeat: %w", err)
	}
	h.last = version
	return h.prune()
}

func (h *heartbeat) encode(now time.Time) ([]byte, error) {
	beat := &generated.LSWorkerHeartbeat{
		TimeSecs: int32(now.Unix()), TopologyID: h.topology, Port: int32(h.port), Executors: []*generated.ExecutorInfo{},
	}
	for _, e := range h.executors {
		beat.Executors = append(beat.Executors, e.info())
	}
	bits, err := encode(beat)
	if err != nil {
		return nil, err
	}
	return encode(&generated.LocalStateData{SerializedParts: map[string]*generated.ThriftSerializedObject{
		heartbeatKey: {Name: heartbeatClass, Bits: bits},
	}})
}

// prune deletes the oldest versions: first what says that one is complete, so that nobody
// reads the rest.
func (h *heartbeat) prune() error {
	entries, err := os.ReadDir(h.dir)
	if err != nil {
		return err
	}
	var versions []int64
	for _, entry := range entries {
		if name, done := strings.CutSuffix(entry.Name(), complete); done {
			if version, err := strconv.ParseInt(name, 10, 64); err == nil {
				versions = append(versions, version)
			}
		}
	}
	slices.Sort(versions)
	h.last = max(h.last, versions[len(versions)-1]) // a worker before this one may have had a clock that was ahead
	for _, version := range versions[:max(0, len(versions)-kept)] {
		file := filepath.Join(h.dir, strconv.FormatInt(version, 10))
		if err := os.Remove(file + complete); err != nil {
			return err
		}
		if err := os.Remove(file); err != nil {
			return err
		}
	}
	return nil
}

// register leaves the pid where the supervisor looks for it. Without it, the supervisor takes
// the worker for dead.
func (l *Launch) register(pid int) error {
	text := strconv.Itoa(pid)
	if err := os.WriteFile(l.dir("pids", text), nil, 0o644); err != nil {
		return fmt.Errorf("cannot register the worker: %w", err)
	}
	if err := os.WriteFile(l.artifacts("worker.pid"), []byte(text), 0o644); err != nil {
		return fmt.Errorf("cannot register the worker: %w", err)
	}
	return nil
}
