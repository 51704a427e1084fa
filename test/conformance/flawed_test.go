package conformance_test

import (
	"path/filepath"
	"strings"
	"testing"

	"gust/internal/testenv"
)

// TestInnocents has a spout emit values that break the programs which read them.
// Its own tuples fail, and the log names it, the stream and the field; the bolt of
// a real adapter that they were for lives on, and gets the sound ones.
func TestInnocents(t *testing.T) {
	for _, c := range []struct {
		serializer string
		readers    []string // titles of adapters
		verdicts   []string
		errors     []string // in the log
	}{
		{
			"json", []string{"storm.js", "storm.rb", "pystorm-msgpack"},
			[]string{"ack 0", "fail 1", "fail 2", "fail 3", "fail 4", "ack 5"},
			[]string{"NaN or an infinity", "nested more than 512 deep", "set gust.odd.values to true in the config of"},
		},
		{
			"msgpack", []string{"pystorm-msgpack", "streamparse-msgpack", "storm.js"},
			[]string{"ack 0", "fail 1", "fail 2", "fail 3", "fail 4", "fail 5", "fail 6", "fail 7", "ack 8"},
			[]string{"not valid UTF-8", "nested more than 512 deep", "a msgpack ext of a reserved type", "a map with a key that is not a string"},
		},
	} {
		t.Run(c.serializer, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			dir, err := filepath.Abs("testdata/wild")
			if err != nil {
				t.Fatal(err)
			}
			b.add(component{
				kind: "spouts", name: "flawed", dir: dir, serializer: c.serializer, outputs: `["verb", "value"]`,
				command: []string{testenv.Python(t, "msgpack"), "flawed_spout.py"},
				env: map[string]string{
					"PYTHONDONTWRITEBYTECODE": "1", "RESULTS": filepath.Join(b.dir, "results"), "SERIALIZER": c.serializer,
				},
			})
			for _, title := range c.readers {
				bolt := find(t, title).component(t, "bolt", plainName(title))
				bolt.inputs, bolt.outputs = `["flawed"]`, `["verb", "value"]`
				b.add(bolt)
			}
			b.start()
			b.run.Until("all verdicts", func() bool { return len(b.recorded("results")) >= len(c.verdicts) })
			stats := b.run.Stop()
			compare(t, "verdicts", b.recorded("results"), c.verdicts)
			flawed := len(c.verdicts) - 2
			if got := stats.Component(t, "flawed"); int(got.Errors) != flawed || got.Restarts != 0 {
				t.Errorf("the emitter: %d errors, %d restarts; want %d and none", got.Errors, got.Restarts, flawed)
			}
			for _, title := range c.readers {
				if got := stats.Component(t, plainName(title)); got.Executed != 2 || got.Errors != 0 || got.Restarts != 0 {
					t.Errorf("%s: %d tuples, %d errors (%s), %d restarts; want 2 and none", title, got.Executed, got.Errors, got.LastError, got.Restarts)
				}
			}
			log := b.run.Stderr()
			for _, want := range append(c.errors, `field \"value\" of stream \"default\" contains`, `"component":"flawed"`) {
				if !strings.Contains(log, want) {
					t.Errorf("the log does not say %q:\n%s", want, log)
				}
			}
		})
	}
}

// plainName is a title that is a component's name.
func plainName(title string) string { return strings.ReplaceAll(title, ".", "-") }
