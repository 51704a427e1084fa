package multilang

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/vmihailenco/msgpack/v5"
)

// Whatever JSON values a conf has, a child reads from the handshake what was
// put in, in either codec; or there is an error, and no half a message.
func FuzzHandshake(f *testing.F) {
	for _, conf := range []string{
		`{}`, `{"topology.debug": true, "a": null, "n": [1, -2.5, 1e300], "m": {"x": {"y": []}}}`,
		`{"\u0000\ud83d\ude00": "\"\\\n", "big": 12345678901234567890}`,
	} {
		f.Add([]byte(conf), "count_bolt", "default")
	}
	f.Fuzz(func(t *testing.T, text []byte, component, stream string) {
		var conf map[string]any
		if json.Unmarshal(text, &conf) != nil {
			return
		}
		h := &Handshake{PIDDir: "pids", Conf: conf, Context: Context{
			TaskComponents: map[int32]string{1: component},
			TaskID:         1,
			ComponentID:    component,
			Streams:        []string{stream},
			OutputFields:   map[string][]string{stream: {"a", "b"}},
			Targets:        map[string]map[string]Grouping{stream: {component: {Type: "FIELDS", Fields: []string{"a"}}}},
		}}

		inJSON, err := JSON.AppendHandshake(nil, h)
		if err != nil {
			t.Fatalf("JSON values cannot be told in JSON: %v", err)
		}
		line, framed := bytes.CutSuffix(inJSON, []byte("\nend\n"))
		if !framed || bytes.ContainsAny(line, "\n\r") {
			t.Fatalf("the handshake is not one line and end: %q", inJSON)
		}
		var asJSON map[string]any
		if err := json.Unmarshal(line, &asJSON); err != nil {
			t.Fatalf("the handshake is no JSON: %v\n%s", err, line)
		}
		if len(conf) > 0 && !reflect.DeepEqual(asJSON["conf"], any(conf)) {
			t.Fatalf("the conf is\n%v, want\n%v", asJSON["conf"], conf)
		}

		inMsgpack, err := Msgpack.AppendHandshake(nil, h)
		if err != nil {
			if len(inMsgpack) > 0 {
				t.Fatalf("an error (%v) and %d bytes", err, len(inMsgpack))
			}
			return
		}
		var asMsgpack map[string]any
		decoder := msgpack.NewDecoder(bytes.NewReader(inMsgpack))
		decoder.UseLooseInterfaceDecoding(true)
		if err := decoder.Decode(&asMsgpack); err != nil {
			t.Fatalf("the handshake is no msgpack: %v\n%q", err, inMsgpack)
		}
		context, _ := asMsgpack["context"].(map[string]any)
		told, _ := asMsgpack["conf"].(map[string]any)
		if context["taskid"] != int64(1) || len(told) != len(conf) {
			t.Fatalf("msgpack says %v", asMsgpack)
		}
	})
}
