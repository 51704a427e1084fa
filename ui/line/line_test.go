package line

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/creack/pty"

	"gust/internal/fakecomponent"
	"gust/internal/terminal"
	"gust/status"
	"gust/status/statustest"
	"gust/worker"
)

func TestMain(m *testing.M) {
	fakecomponent.Main()
	os.Exit(m.Run())
}

func TestText(t *testing.T) {
	fast := status.Point{Emitted: 1234, Acked: 1200}
	trees := worker.TreeStats{Pending: 34_567, Failed: worker.FailedStats{Timeout: 2, Bolt: 1}}
	slow := status.Diagnosis{Severity: status.Warning, Text: "count is the bottleneck"}
	for _, tt := range []struct {
		name string
		view status.View
		want string
	}{
		{"all is well", status.View{Phase: "active", Now: fast, Trees: trees, Diagnosis: status.Diagnosis{Severity: status.Good, Text: "running"}},
			"12m 4s | 1234 emitted/s | 1200 acked/s | 34.6k pending | 3 failed"},
		{"slow", status.View{Phase: "active", Now: fast, Trees: trees, Diagnosis: slow},
			"12m 4s | 1234 emitted/s | 1200 acked/s | 34.6k pending | 3 failed | count is the bottleneck"},
		{"nothing moves", status.View{Phase: "active", Trees: trees, Diagnosis: slow},
			"12m 4s | count is the bottleneck | 34.6k pending | 3 failed"},
		{"it stops", status.View{Phase: "draining", Now: fast, Diagnosis: status.Diagnosis{Severity: status.Notice, Text: "stopping"}},
			"12m 4s | stopping | 0 pending | 0 failed"},
	} {
		tt.view.Uptime = 724
		if got := Text(&tt.view); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// The line of a real topology changes on a terminal, below the log, and is gone at the end.
func TestShow(t *testing.T) {
	live := statustest.Start(t, "wordcount", statustest.WordCount())
	live.Until(t, "work", func(v *status.View) bool { return v.Trees.Acked > 0 })
	keys, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer keys.Close()
	if err := pty.Setsize(tty, &pty.Winsize{Rows: 24, Cols: 60}); err != nil {
		t.Fatal(err)
	}
	voice := terminal.NewVoice("gust", tty)
	chunks := make(chan string)
	go func() {
		defer close(chunks)
		chunk := make([]byte, 4096)
		for {
			n, err := keys.Read(chunk)
			if n > 0 {
				chunks <- string(chunk[:n])
			}
			if err != nil {
				return
			}
		}
	}()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		Show(ctx, live.Status, voice)
	}()
	text := ""
	for strings.Count(text, "acked/s") < 3 {
		text += <-chunks
	}
	_, _ = io.WriteString(voice.Above(tty), "a line of the log\n")
	stop()
	go func() {
		<-done
		tty.Close()
	}()
	for chunk := range chunks {
		text += chunk
	}
	if !strings.Contains(text, "\r\x1b[Ka line of the log\r\n") || !strings.HasSuffix(text, "\r\x1b[K") {
		t.Errorf("the log and the line are mixed, or the line stays: %q", text)
	}

	var file bytes.Buffer
	if err := live.Control.Kill(0); err != nil {
		t.Fatal(err)
	}
	Show(t.Context(), live.Status, terminal.NewVoice("gust", &file)) // until the topology has ended
	if file.Len() > 0 {
		t.Errorf("where there is no terminal it shows %q", file.String())
	}
}
