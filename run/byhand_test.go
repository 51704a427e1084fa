package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gust/conf"
	"gust/internal/testenv"
	"gust/status"
	"gust/topology/load"
	"gust/worker"
)

// hand is a worker of a topology that was started by hand.
type hand struct {
	*Session
	log   *writerLog
	stop  context.CancelFunc
	ended chan error
}

// byHand starts one of two workers: "count" is on worker 0, and "words" on worker 1.
func startByHand(t *testing.T, dir string, i int, listener net.Listener, addresses []string, secret, health string) *hand {
	t.Helper()
	loaded, err := load.Load(t.Context(), load.Request{Path: filepath.Join(dir, "watched.toml")})
	if err != nil {
		t.Fatal(err)
	}
	merged, err := Conf(loaded.Topology, conf.Conf{conf.TopologyWorkers: int64(2)}, true)
	if err != nil {
		t.Fatal(err)
	}
	placement, err := Place(loaded.Topology, merged, addresses)
	if err != nil {
		t.Fatal(err)
	}
	h := &hand{log: &writerLog{}, ended: make(chan error, 1)}
	h.Session, err = New(Options{
		Topology: loaded.Topology, Conf: merged, Log: h.log, Name: "gust",
		ByHand: &ByHand{Placement: placement, Worker: i, Secret: []byte(secret), Listener: listener, Health: health},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	h.stop = stop
	go func() {
		_, err := h.Run(ctx)
		h.ended <- err
	}()
	t.Cleanup(func() {
		stop()
		h.Abort()
	})
	return h
}

// listeners are two free addresses.
func listeners(t *testing.T) (list []net.Listener, addresses []string) {
	t.Helper()
	for range 2 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		list, addresses = append(list, l), append(addresses, l.Addr().String())
	}
	return list, addresses
}

func (h *hand) end(t *testing.T) error {
	t.Helper()
	select {
	case err := <-h.ended:
		return err
	case <-time.After(time.Minute):
		t.Fatalf("it does not end:\n%s", h.log)
		return nil
	}
}

// answer is the status and the text at an address.
func answer(address string) (int, string) {
	r, err := http.Get("http://" + address)
	if err != nil {
		return 0, err.Error()
	}
	defer r.Body.Close()
	text, _ := io.ReadAll(r.Body)
	return r.StatusCode, strings.TrimSpace(string(text))
}

func TestWorkersByHand(t *testing.T) {
	w := &watched{t: t, dir: t.TempDir(), log: &writerLog{}}
	w.save("watched.toml", watchedTopology)
	w.save("words.sh", watchedSpout)
	w.save("count.bash", watchedBolt)
	list, addresses := listeners(t)
	at := testenv.FreeAddress(t)

	zero := startByHand(t, w.dir, 0, list[0], addresses, "secret", at)
	shown(t, zero.Session, "the other worker's absence", func(v *status.View) bool {
		return len(v.Workers) == 2 && v.Workers[1].Death != "" && v.Diagnosis.Kind == status.WorkerGone
	})
	w.until("its readiness", func() bool { code, _ := answer(at + "/readyz"); return code == http.StatusOK })
	if code, text := answer(at + "/healthz"); code != http.StatusOK || text != "ok" {
		t.Errorf("/healthz answers %d %q", code, text)
	}

	one := startByHand(t, w.dir, 1, list[1], addresses, "secret", "")
	both := shown(t, zero.Session, "both workers", func(v *status.View) bool {
		return v.Trees.Acked > 5 && v.Workers[1].State == worker.WorkerUp && len(v.Workers[0].Links) == 1 && v.Workers[0].Links[0].Up
	})
	if spout := both.Component("words"); spout.Tasks != 1 || spout.Counts.Emitted == 0 {
		t.Errorf("the other's spout is %+v", spout)
	}
	// Worker 1 shows only what is its own.
	if own := one.status.View(status.AllTime); own.Workers != nil || own.Component("count").Tasks != 0 {
		t.Errorf("worker 1 shows %+v", own)
	}

	// It ends by itself in order, and another one takes its place.
	one.stop()
	if err := one.end(t); err != nil {
		t.Errorf("it ended with %v", err)
	}
	shown(t, zero.Session, "the end of worker 1", func(v *status.View) bool { return v.Workers[1].State == worker.WorkerDown })
	again, err := net.Listen("tcp", addresses[1])
	if err != nil {
		t.Fatal(err)
	}
	two := startByHand(t, w.dir, 1, again, addresses, "secret", "")
	after := shown(t, zero.Session, "its successor", func(v *status.View) bool {
		return v.Workers[1].State == worker.WorkerUp && v.Workers[1].Restarts == 1 && v.Trees.Acked > both.Trees.Acked+5
	})
	if failed := after.Trees.Failed.Sum(); failed != 0 {
		t.Errorf("%d trees failed", failed)
	}
	control := zero.Served().Control
	if err := control.Rebalance(map[string]int{"count": 2}, 0); err == nil || !strings.Contains(err.Error(), "started by hand") {
		t.Errorf("a rebalance: %v", err)
	}
	if err := control.Kill(0); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(zero.end(t), two.end(t)); err != nil {
		t.Errorf("they ended with %v", err)
	}
}

func TestWorkerWithAnotherSecret(t *testing.T) {
	w := &watched{t: t, dir: t.TempDir(), log: &writerLog{}}
	w.save("watched.toml", watchedTopology)
	w.save("words.sh", watchedSpout)
	w.save("count.bash", watchedBolt)
	list, addresses := listeners(t)
	zero := startByHand(t, w.dir, 0, list[0], addresses, "secret", "")
	startByHand(t, w.dir, 1, list[1], addresses, "another", "")
	v := shown(t, zero.Session, "a refusal", func(v *status.View) bool {
		return len(v.Workers) == 2 && strings.Contains(v.Workers[1].Death, "it has another secret")
	})
	if v.Trees.Emitted != 0 {
		t.Error("the spout has emitted tuples")
	}
}

func TestReadinessIsOnesOwn(t *testing.T) {
	s := &worker.Snapshot{Phase: worker.Starting, Components: []worker.ComponentSnapshot{{Name: "count", Kind: 1, Tasks: []worker.TaskSnapshot{{Task: 2}}}}}
	for _, step := range []struct {
		change func()
		want   string
	}{
		{func() {}, "count[2] has not come up"},
		{func() { s.Components[0].Tasks[0].CameUp = true }, ""}, // although the spouts wait for the others
		{func() { s.Phase = worker.Draining }, "the worker is draining"},
	} {
		step.change()
		if got := fmt.Sprint(ready(s)); got != step.want && !(step.want == "" && got == "<nil>") {
			t.Errorf("got %s, want %s", got, step.want)
		}
	}
}
