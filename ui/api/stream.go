package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"gust/status/served"
)

const (
	// streamEvery is the interval at which a stream checks the topology.
	streamEvery = time.Second
	// streamPatience is how long a client may take to read a view; gust disconnects
	// slower ones.
	streamPatience = 5 * time.Second
)

// stream sends the topology's view whenever it has changed, as server-sent events of the
// type "view". It ends when the client is gone, or when it has sent the view of a
// topology that has ended.
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
		_ = out.SetWriteDeadline(time.Now().Add(streamPatience)) // only tests use connections without deadlines
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
