package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"syscall"
	"time"

	"gust/status"
)

// How long Stream waits before it reconnects, at first and at most, and how long it tries
// if nothing listens at the address.
const (
	reconnectFirst = 200 * time.Millisecond
	reconnectMost  = 2 * time.Second
	reconnectFor   = 20 * time.Second
)

// errSilent is the error of a stream that sends nothing, although there is a view each second.
var errSilent = errors.New("no view for 10s")

// silentAfter is how long a stream may send nothing.
const silentAfter = 10 * time.Second

// Stream calls show with the topology's view now and whenever it has changed, about once a
// second. It returns nil after it has shown the end of the topology. If the connection
// breaks, it calls lost with the error and reconnects. It gives up and returns the error
// if nothing has listened at the address for 20 seconds, but waits for a process that is
// suspended and for a network that is down.
func (t *Topology) Stream(ctx context.Context, w status.Window, show func(*status.View), lost func(error)) error {
	wait, last := reconnectFirst, time.Now()
	for {
		ended, err := t.stream(ctx, w, func(v *status.View) {
			wait, last = reconnectFirst, time.Now()
			show(v)
		})
		switch {
		case ended:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case isRefusal(err), IsGone(err) && time.Since(last) > reconnectFor:
			return err
		}
		lost(err)
		select {
		case <-time.After(wait):
			wait = min(2*wait, reconnectMost)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// isRefusal says whether the server has answered with an error. Another request would get
// the same answer.
func isRefusal(err error) bool {
	_, refused := errors.AsType[*Error](err)
	return refused
}

// IsGone reports whether an error means that nothing listens at the address.
func IsGone(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ENOENT)
}

// stream reads the events of one connection until it ends, and reports whether the
// topology has ended.
func (t *Topology) stream(ctx context.Context, w status.Window, show func(*status.View)) (ended bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	response, err := t.client.send(ctx, http.MethodGet, t.path+"/stream", windowQuery(w), nil)
	if err != nil {
		return false, err
	}
	defer response.Body.Close()
	silence := time.AfterFunc(silentAfter, func() { cancel(errSilent) })
	defer silence.Stop()
	events := bufio.NewReader(response.Body)
	for {
		data, err := readEvent(events)
		if err != nil {
			if cause := context.Cause(ctx); cause != nil {
				err = cause
			}
			return false, fmt.Errorf("lost the connection to %s: %w", t.client.address, err)
		}
		silence.Reset(silentAfter)
		if len(data) == 0 {
			continue
		}
		v := &status.View{}
		if err := json.Unmarshal(data, v); err != nil {
			return false, fmt.Errorf("cannot read the view that %s sent: %w", t.client.address, err)
		}
		show(v)
		if v.Ended != nil {
			return true, nil
		}
	}
}

// readEvent reads a server-sent event and returns its data, which may be empty.
func readEvent(r *bufio.Reader) (data []byte, err error) {
	for {
		line, err := r.ReadBytes('\n')
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			return data, nil
		}
		if text, ok := bytes.CutPrefix(line, []byte("data:")); ok {
			data = append(data, bytes.TrimPrefix(text, []byte(" "))...)
		}
	}
}
