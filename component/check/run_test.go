package check_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gust/component/check"
	"gust/multilang"
	"gust/topology"
)

// The kind is found even if the program makes errors.
func TestKind(t *testing.T) {
	for _, s := range []subject{
		{"spout", "json", "no-sync-for-next", true},
		{"spout", "json", "no-sync-for-activate", true},
		{"spout", "json", "prints", true},
		{"bolt", "json", "no-heartbeat", true},
		{"bolt", "json", "no-ack", true},
		{"bolt", "msgpack", "no-tick", true},
	} {
		t.Run(s.quirk, func(t *testing.T) {
			t.Parallel()
			o := s.options(t)
			o.Timeout = 3 * time.Second
			if report := run(t, o); report.Kind != s.kind {
				t.Errorf("taken for a %s", report.Kind)
			}
		})
	}
}

func TestNoReport(t *testing.T) {
	complete := func(o check.Options) check.Options {
		o.Codec, o.Timeout = multilang.JSON, time.Second
		if err := o.Complete(); err != nil {
			t.Fatal(err)
		}
		return o
	}
	t.Run("no such program", func(t *testing.T) {
		_, err := check.Run(t.Context(), complete(check.Options{Command: []string{"no-such-program"}}))
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("of no kind", func(t *testing.T) {
		_, err := check.Run(t.Context(), complete(check.Options{
			Command: []string{"/bin/sh", "-c", `echo "{\"pid\": $$}"; echo end; cat >/dev/null`},
		}))
		if !errors.Is(err, check.ErrUnknownKind) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		started := filepath.Join(t.TempDir(), "started")
		o := complete(check.Options{Command: []string{"/bin/sh", "-c", `echo >"$0"; exec sleep 1000`, started}})
		o.Timeout = time.Hour
		ended := make(chan error, 1)
		go func() {
			_, err := check.Run(ctx, o)
			ended <- err
		}()
		for _, err := os.Stat(started); err != nil; _, err = os.Stat(started) {
			select {
			case err := <-ended:
				t.Fatalf("it ended before the program ran: %v", err)
			case <-time.After(time.Millisecond): // the next look
			}
		}
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

// Endless output neither keeps the check busy nor fills the memory.
func TestFlood(t *testing.T) {
	for name, script := range map[string]string{
		"one line":  `tr '\0' x </dev/zero`,
		"lines":     `yes '{"a":1}'`,
		"stderr":    `tr '\0' x </dev/zero >&2`,
		"messages":  `yes '{"command":"log","msg":"x"}` + "\n" + `end'`,
		"brackets":  `tr '\0' '[' </dev/zero`,
		"two lists": `yes '[1]` + "\n" + `end'`,
	} {
		t.Run(name, func(t *testing.T) {
			bolt := topology.Bolt
			o := check.Options{
				Command: []string{"/bin/sh", "-c", script}, Env: []string{"PATH=/bin:/usr/bin"},
				Codec: multilang.JSON, Timeout: time.Second, Kind: &bolt,
			}
			if err := o.Complete(); err != nil {
				t.Fatal(err)
			}
			if report := run(t, o); report.Count(check.Broken) == 0 {
				t.Error("no rule is broken")
			}
		})
	}
}

func TestComplete(t *testing.T) {
	tests := []struct {
		fields, tuple string
		want          string // the fields and the tuple, or the end of an error
	}{
		{"", "", `value ["the storm bent the reed"]`},
		{"a,b", "", `a,b ["the storm bent the reed","the storm bent the reed"]`},
		{"", `[ 1 ]`, `value [1]`},
		{"", `[1, {"a": 2}]`, `value1,value2 [1,{"a": 2}]`},
		{"a", `["x"]`, `a ["x"]`},
		{"a", `[1,2]`, "wrong number of values in the tuple: 2 (want 1, one for each field)"},
		{"", `{"a":1}`, "not a JSON list"},
		{"", `[1`, "not JSON: want a comma or ] here at byte 2"},
		{"", `[1] 2`, "not a JSON list"},
		{"", `[]`, " []"},
	}
	for _, tt := range tests {
		o := check.Options{Codec: multilang.JSON, Timeout: time.Second, Tuple: tt.tuple}
		if tt.fields != "" {
			o.Fields = strings.Split(tt.fields, ",")
		}
		got := ""
		if err := o.Complete(); err != nil {
			got = err.Error()
		} else {
			got = strings.Join(o.Fields, ",") + " " + o.Tuple
		}
		if !strings.HasSuffix(got, tt.want) {
			t.Errorf("fields %q, tuple %q: got %q, want %q", tt.fields, tt.tuple, got, tt.want)
		}
	}
	o := check.Options{Codec: multilang.Msgpack, Timeout: time.Second, Tuple: "[123456789012345678901234567890]"}
	if err := o.Complete(); err == nil {
		t.Error("an integer that msgpack does not have is accepted")
	}
}
