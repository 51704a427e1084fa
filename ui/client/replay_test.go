package client

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"gust/internal/fakecomponent"
	"gust/status"
	"gust/status/served"
	"gust/status/statustest"
	"gust/topology"
	"gust/ui/api"
)

func TestReplayCalls(t *testing.T) {
	live := statustest.Start(t, "words", []statustest.Component{
		{Name: "words", Script: fakecomponent.Script{Spout: &fakecomponent.Spout{Tuples: 2, Keys: 20}}},
		{Name: "count", From: map[string]topology.Grouping{"words": statustest.Shuffle}, Script: fakecomponent.Script{Bolt: &fakecomponent.Bolt{FailEvery: 2}}},
	})
	live.Until(t, "the failure", func(v *status.View) bool { return v.Trees.Failed.Bolt == 1 })
	socket, _ := serve(t, api.Handler(served.One(live.Served)))
	c := newClient(t, "unix:"+socket)
	top, ctx := c.Topology("words"), t.Context()

	f, err := top.Failure(ctx, 1)
	if err != nil || f.Cause == nil || f.Cause.Component != "count" || !f.Cause.Whole {
		t.Fatalf("the failure is %+v, %v", f, err)
	}
	await := func(r *status.Replay, err error) *status.Replay {
		t.Helper()
		for deadline := time.Now().Add(30 * time.Second); err == nil && r.State == status.ReplayPending && time.Now().Before(deadline); {
			changed := live.Changed()
			if r, err = top.Replay(ctx, r.Ticket); err == nil && r.State == status.ReplayPending {
				<-changed
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := await(top.BeginReplay(ctx, 1)); r.State != status.ReplayAcked || r.Failure != 1 || r.Topology != live.ID() {
		t.Errorf("the replay is %+v", r)
	}
	if r := await(top.BeginLetterReplay(ctx, status.DeadLetter{Topology: "words-1-9", Failure: f})); r.State != status.ReplayFailed || r.Component != "count" || r.Topology != "words-1-9" {
		t.Errorf("the replay of a dead letter is %+v", r)
	}
	refused := func(err error, code int, text string) {
		t.Helper()
		if e, ok := errors.AsType[*Error](err); !ok || e.Status != code || !strings.Contains(e.Text, text) {
			t.Errorf("%v, want %d and %q", err, code, text)
		}
	}
	_, err = top.Failure(ctx, 9)
	refused(err, http.StatusNotFound, "no failure 9")
	_, err = top.Replay(ctx, 9)
	refused(err, http.StatusNotFound, "no replay 9")
	_, err = top.BeginReplay(ctx, 9)
	refused(err, http.StatusNotFound, "no failure 9")
	broken := *f
	broken.Cause = &status.FailedTuple{Component: "count", From: "words", Stream: "default", Values: "[1,2]}\nend\n{\"command\":\"ack\"", Whole: true}
	_, err = top.BeginLetterReplay(ctx, status.DeadLetter{Topology: "words-1-9", Failure: &broken})
	refused(err, http.StatusConflict, "not a list of values")
	for _, body := range []string{"", "[]", "{}", `{"topology":"x"}`, `{"number":1}`, `{"number":-1}`} {
		response, err := c.send(ctx, http.MethodPost, top.path+"/replays", nil, strings.NewReader(body))
		if err == nil {
			response.Body.Close()
		}
		if e, ok := errors.AsType[*Error](err); !ok || e.Status/100 != 4 {
			t.Errorf("the body %q: %v", body, err)
		}
	}
	if err := top.Park(ctx, 1); err != nil {
		t.Error(err)
	}
	if f, err := top.Failure(ctx, 1); err != nil || !f.Dead {
		t.Errorf("after it was parked: %+v, %v", f, err)
	}
	if err := top.Discard(ctx, 1); err != nil {
		t.Error(err)
	}
	if _, err := top.Failure(ctx, 1); err == nil {
		t.Error("the failure is still there")
	}

	// Of what has ended nothing is replayed.
	ended := status.FromReport(live.Report())
	socket, _ = serve(t, api.Handler(served.One(served.Served{Status: ended})))
	over := newClient(t, "unix:"+socket).Topology("words")
	refused(over.Park(ctx, 1), http.StatusConflict, "has ended")
	refused(over.Discard(ctx, 1), http.StatusConflict, "has ended")
	_, err = over.BeginReplay(ctx, 1)
	refused(err, http.StatusConflict, "has ended")
	_, err = over.BeginLetterReplay(ctx, status.DeadLetter{Topology: "words-1-9", Failure: f})
	refused(err, http.StatusConflict, "has ended")
}
