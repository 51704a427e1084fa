package check_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gust/component/check"
	"gust/conf"
	"gust/internal/testenv"
	"gust/multilang"
	"gust/topology"
)

// The examples' components, with their libraries, break only rules that their languages
// make hard to follow.
func TestExamples(t *testing.T) {
	streamparse := func(t *testing.T, serializer, class string) []string {
		python := testenv.Python(t, serializerModules(serializer)...)
		return []string{python, "-m", "streamparse.run", "-s", serializer, class}
	}
	program := func(name, file string) func(*testing.T, string) []string {
		return func(t *testing.T, _ string) []string { return []string{testenv.Program(t, name), file} }
	}
	class := func(name string) func(*testing.T, string) []string {
		return func(t *testing.T, serializer string) []string { return streamparse(t, serializer, name) }
	}
	tests := []struct {
		name, dir, kind string
		command         func(t *testing.T, serializer string) []string
		conf            conf.Conf
		fields          string
		tuple           string
		outputs         []topology.Stream
		msgpack         bool
		spared          string // rules that may be broken
	}{
		{name: "streamparse spout", dir: "wordcount/src", kind: "spout", command: class("spouts.words.WordSpout"),
			outputs: streams("default", "word")},
		{name: "streamparse bolt", dir: "wordcount/src", kind: "bolt", command: class("bolts.wordcount.WordCountBolt"),
			fields: "word", outputs: streams("default", "word,count"), msgpack: true, spared: "nan"},
		{name: "streamparse reliable spout", dir: "sentences/src", kind: "spout", command: class("spouts.sentences.SentenceSpout"),
			conf: conf.Conf{"sentences.count": int64(100)}, outputs: streams("default", "number,sentence")},
		{name: "streamparse batching bolt", dir: "batching/src", kind: "bolt", command: class("bolts.views.ViewsBolt"),
			fields: "page", outputs: streams("default", "page,views"), spared: "nan"},
		{name: "node spout", dir: "node/resources", kind: "spout", command: program("node", "words.js"),
			conf: conf.Conf{"words.count": int64(100)}, outputs: streams("default", "word")},
		{name: "node bolt", dir: "node/resources", kind: "bolt", command: program("node", "count.js"),
			fields: "word", outputs: streams("default", "word,count"), spared: "big-integers floats nan"},
		{name: "ruby spout", dir: "ruby/resources", kind: "spout", command: program("ruby", "numbers.rb"),
			conf: conf.Conf{"numbers.count": int64(100)}, outputs: streams("default", "start,number,steps")},
		{name: "ruby bolt", dir: "ruby/resources", kind: "bolt", command: program("ruby", "collatz.rb"),
			fields: "start,number,steps", tuple: "[7,6,1]",
			outputs: streams("default", "start,number,steps", "arrived", "start,steps"), spared: "nan"},
		{name: "python spout", dir: "flux/resources", kind: "spout", command: program("python3", "readings.py"),
			conf: conf.Conf{"readings.count": int64(100)}, outputs: streams("default", "sensor,celsius")},
		{name: "python bolt", dir: "flux/resources", kind: "bolt", command: program("python3", "watch.py"),
			conf: conf.Conf{"alarm.above": int64(35)}, fields: "sensor,celsius", tuple: "[3,21]",
			outputs: streams("default", "sensor,fahrenheit", "alarms", "sensor,celsius")},
	}
	for _, tt := range tests {
		for _, codec := range []multilang.Codec{multilang.JSON, multilang.Msgpack} {
			if codec == multilang.Msgpack && !tt.msgpack {
				continue
			}
			t.Run(tt.name+" "+codec.Name(), func(t *testing.T) {
				t.Parallel()
				o := check.Options{
					Command: tt.command(t, codec.Name()), Env: os.Environ(), Codec: codec, Timeout: 20 * time.Second,
					Dir:   filepath.Join(testenv.Top(t), "python-examples", tt.dir),
					Tuple: tt.tuple, Outputs: tt.outputs, Conf: tt.conf,
				}
				if tt.fields != "" {
					o.Fields = strings.Split(tt.fields, ",")
				}
				if err := o.Complete(); err != nil {
					t.Fatal(err)
				}
				report := run(t, o)
				if report.Kind != tt.kind {
					t.Errorf("taken for a %s", report.Kind)
				}
				for _, rule := range with(report, check.Broken) {
					if !slices.Contains(strings.Fields(tt.spared), rule) {
						t.Errorf("%s is broken:\n%s", rule, explain(report))
					}
				}
				if kept := report.Count(check.Kept); kept < 18 {
					t.Errorf("only %d rules are kept:\n%s", kept, explain(report))
				}
			})
		}
	}
}

func serializerModules(serializer string) []string {
	if serializer == "msgpack" {
		return []string{"msgpack"}
	}
	return nil
}

// streams makes output streams of names and fields.
func streams(namesAndFields ...string) (list []topology.Stream) {
	for i := 0; i < len(namesAndFields); i += 2 {
		list = append(list, topology.Stream{Name: namesAndFields[i], Fields: strings.Split(namesAndFields[i+1], ",")})
	}
	return list
}
