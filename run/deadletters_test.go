package run

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"gust/status"
)

func TestDeadLetters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "below", "t.jsonl")
	var log bytes.Buffer
	d := &deadLetters{path: path, log: zerolog.New(&log), id: "t-1-2"}
	d.write([]*status.Failure{{Number: 1}})
	if _, err := os.Stat(path); err == nil {
		t.Error("there is a file before the first letter")
	}
	d.write([]*status.Failure{{Number: 2, Dead: true, Values: `["a"]`}, {Number: 3}, {Number: 4, Dead: true}})
	d.close()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var first struct {
		Topology string
		Number   int
		Values   string
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil || len(lines) != 2 || first.Topology != "t-1-2" || first.Number != 2 || first.Values != `["a"]` {
		t.Errorf("the file is %s (%v)", text, err)
	}
	if !strings.Contains(log.String(), path) || strings.Count(log.String(), "\n") != 1 {
		t.Errorf("the log is %s", log.String())
	}

	// A full file is renamed, and a new one begins.
	d = &deadLetters{path: path, log: zerolog.New(&log), id: "t-1-3"}
	d.write([]*status.Failure{{Number: 5, Dead: true}})
	d.size = mostLetters
	d.write([]*status.Failure{{Number: 6, Dead: true}})
	d.close()
	old, err := os.ReadFile(path + ".1")
	now, err2 := os.ReadFile(path)
	if err != nil || err2 != nil || strings.Count(string(old), "\n") != 3 || strings.Count(string(now), "\n") != 1 {
		t.Errorf("after the rotation: %s (%v), %s (%v)", old, err, now, err2)
	}

	// Errors of writing are logged once.
	log.Reset()
	d = &deadLetters{path: filepath.Join(path, "no", "directory"), log: zerolog.New(&log)}
	d.write([]*status.Failure{{Dead: true}, {Dead: true}})
	d.close()
	if strings.Count(log.String(), "cannot write dead letters") != 1 {
		t.Errorf("the log is %s", log.String())
	}
}
