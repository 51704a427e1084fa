package run

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"gust/conf"
	"gust/status"
	"gust/topology"
	"gust/topology/load"
	"gust/worker"
)

// A spout and a bolt. Their files have different extensions, so that each can change
// alone.
const (
	watchedTopology = `name = "watched"
[spouts.words]
command = ["sh", "words.sh"]
outputs = ["word"]
[bolts.count]
command = ["sh", "count.bash"]
inputs = ["words"]
`
	watchedSpout = `while read -r line; do
	case $line in
	*pidDir*) answer="{\"pid\": $$}" ;;
	end) printf '%s\nend\n' "$answer" ;;
	*next*) answer='{"command": "emit", "id": 1, "tuple": ["dog"], "need_task_ids": false}
end
{"command": "sync"}' ;;
	*) answer='{"command": "sync"}' ;;
	esac
done
`
	watchedBolt = `while read -r line; do
	case $line in
	*pidDir*) answer="{\"pid\": $$}" ;;
	*__heartbeat*) answer='{"command": "sync"}' ;;
	end) printf '%s\nend\n' "$answer" ;;
	*)
		id=${line#*id\":\"}
		answer="{\"command\": \"ack\", \"id\": \"${id%%\"*}\"}" ;;
	esac
done
`
)

// watched is a run with --watch.
type watched struct {
	t    *testing.T
	dir  string
	log  *writerLog
	seen int // of the log
	run  *generations
}

// save writes a file as editors do: it replaces the file by a new one.
func (w *watched) save(name, content string) {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.WriteFile(path+".tmp", []byte(content), 0o666); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Rename(path+".tmp", path); err != nil {
		w.t.Fatal(err)
	}
}

// until waits until done; what names it in a failure.
func (w *watched) until(what string, done func() bool) {
	w.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !done() {
		if time.Now().After(deadline) {
			w.t.Fatalf("%s does not come:\n%s", what, w.log)
		}
		time.Sleep(2 * time.Millisecond) // between two checks
	}
}

// says waits for a log line, after those that it has already found.
func (w *watched) says(words string) {
	w.t.Helper()
	w.until("the line "+words, func() bool {
		i := strings.Index(w.log.String()[w.seen:], words)
		if i >= 0 {
			w.seen += i + len(words)
		}
		return i >= 0
	})
}

func (w *watched) component(name string) worker.ComponentStats {
	for _, c := range w.run.Stats().Components {
		if c.Name == name {
			return c
		}
	}
	return worker.ComponentStats{}
}

func TestWatchSources(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &watched{t: t, dir: dir, log: &writerLog{}}
	w.save("watched.toml", watchedTopology)
	w.save("words.sh", watchedSpout)
	w.save("count.bash", watchedBolt)

	path := filepath.Join(dir, "watched.toml")
	log := zerolog.New(w.log)
	read := func(ctx context.Context) (*topology.Topology, conf.Conf, error) {
		loaded, err := load.Load(ctx, load.Request{Path: path})
		if err != nil {
			return nil, nil, err
		}
		merged, err := Conf(loaded.Topology, nil, true)
		return loaded.Topology, merged, errors.Join(err, loaded.Topology.Validate())
	}
	top, merged, err := read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	open := func(top *topology.Topology, merged conf.Conf) (*generation, error) {
		one, err := worker.New(worker.Options{Topology: top, Conf: merged, Log: log, Ready: func() { log.Info().Msg("running") }})
		return &generation{top, merged, one, func() { log.Info().Msg("closed") }}, err
	}
	var closed func()
	w.run, closed, err = (&Options{Topology: top, Conf: merged, Reload: read}).generations(open, newSettings(status.New(top, merged, time.Now()), zerolog.InfoLevel), log)
	if err != nil {
		t.Fatal(err)
	}
	w.run.letters = &deadLetters{}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.run.Run(ctx) }()
	t.Cleanup(closed)

	acked := func(n uint64) func() bool { return func() bool { return w.component("words").Acked >= n } }
	w.says(`"message":"running"`)
	w.until("acks", acked(5))

	// A component restarts when its source has changed, and works again.
	w.save("count.bash", watchedBolt+"# changed\n")
	w.says("count.bash changed: restarting count")
	w.until("the restart", func() bool { return w.component("count").Restarts == 1 })
	w.until("acks", acked(w.component("words").Acked+5))

	// Sources that cannot run are reported, and the old processes keep running.
	w.save("words.sh", "if\n")
	w.says("the changed topology cannot run, so the old one keeps running: ")
	w.says("words.sh")
	w.save("watched.toml", watchedTopology+"nonsense = [\n")
	w.says("so the old one keeps running: ")
	w.until("acks", acked(w.component("words").Acked+5))
	if n := w.component("words").Restarts; n != 0 {
		t.Errorf("the spout was started again %d times", n)
	}

	// A component that dies is started at once when it has been mended.
	w.save("count.bash", "echo out of luck >&2; exit 1\n")
	w.says("restarts in 400ms")
	w.save("count.bash", watchedBolt)
	w.says("count.bash changed: restarting count")
	w.until("acks", acked(w.component("words").Acked+5))

	// The topology is stopped, and started as it is now.
	w.save("words.sh", watchedSpout)
	w.save("watched.toml", watchedTopology+"tasks = 2\n")
	earlier := w.component("words").Acked
	w.says("the topology changed")
	w.says(`"message":"closed"`)
	w.says(`"message":"running"`)
	w.until("the second task", func() bool { return w.component("count").Tasks == 2 })
	w.until("acks", acked(earlier+5)) // the figures are the whole run's

	stop()
	if err := <-ended; err != nil {
		t.Errorf("the run ended with: %v", err)
	}
	w.says(`"message":"closed"`)
	if n := w.component("count").Restarts; n < 3 {
		t.Errorf("the bolt has %d restarts at the end, want those of the whole run", n)
	}
}
