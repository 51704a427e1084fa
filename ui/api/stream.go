package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"gust/status/served"
)

const (
	// streamEvery is how often a stream shows the topology.
	streamEvery = time.Second
	// streamPatience is how long a reader may take for one view: a slower one is let go.
	streamPatience = 5 * time.Second
)

// stream sends the topology's view whenever it has changed, as server-sent events of the
// type "view", until the reader goes, or the topology has ended and has been shown so.
func stream(w http.ResponseWriter, r *http.Request, source served.Source) {
	q := queryOf(r)
	window := q.window()
	t, err := find(source, r)
	if err == nil {
		err = q.err
	}
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	for {
		changed := t.Changed()
		view := t.View(window)
		data, err := json.Marshal(view)
		if err != nil {
			return
		}
		_ = out.SetWriteDeadline(time.Now().Add(streamPatience)) // a connection without deadlines is a test's
		if _, err := fmt.Fprintf(w, "event: view\ndata: %s\n\n", data); err != nil {
			return
		}
		if out.Flush() != nil || view.Ended != nil {
			return
		}
		next := time.NewTimer(streamEvery)
		select {
		case <-next.C:
		case <-r.Context().Done():
			next.Stop()
			return
		}
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		}
	}
}
