package runner_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"gust/internal/testenv"
)

// packs is the talk with the offer of packs, and the host's messages in packs.
func (c talk) packs() talk {
	conf := object{"gust.packs": 1}
	for key, value := range c.conf {
		conf[key] = value
	}
	c.conf, c.packed = conf, true
	var input []any
	for _, message := range c.input {
		said, ok := message.(object)
		var before object
		if len(input) > 0 {
			before, _ = input[len(input)-1].(object)
		}
		if !ok || !join(before, said) {
			input = append(input, packOf(message))
		}
	}
	c.input = input
	return c
}

// packOf is a pack with one message in it, or the message where there are no packs of such.
func packOf(message any) any {
	said, ok := message.(object)
	switch {
	case !ok || said["stream"] == "__heartbeat" || said["stream"] == "__tick":
		return message
	case said["tuple"] != nil:
		return object{"comp": said["comp"], "stream": said["stream"], "task": said["task"], "tuples": []any{said["id"], said["tuple"]}}
	case said["command"] == "next":
		return object{"command": "next", "times": 1}
	case said["command"] == "ack" || said["command"] == "fail":
		return object{"command": said["command"], "ids": []any{said["id"]}}
	}
	return message
}

// join puts a message into the pack before it, if it may.
func join(pack, said object) bool {
	more, ok := packOf(said).(object)
	if !ok || pack == nil || pack["command"] != more["command"] {
		return false
	}
	same := func(key string) bool { return reflect.DeepEqual(pack[key], more[key]) }
	switch {
	case more["tuples"] != nil && pack["tuples"] != nil && same("comp") && same("stream") && same("task"):
		pack["tuples"] = append(pack["tuples"].([]any), more["tuples"].([]any)...)
	case more["times"] != nil:
		pack["times"] = pack["times"].(int) + 1
	case more["ids"] != nil:
		pack["ids"] = append(pack["ids"].([]any), more["ids"].([]any)...)
	default:
		return false
	}
	return true
}

// unpack splits the packs in a component's output. A component that accepts the offer
// says so with its pid.
func (c talk) unpack(messages []any) (unpacked []any, took bool) {
	for _, message := range messages {
		said, ok := message.(object)
		if ok && said["pid"] != nil && said["packs"] != nil {
			took = fmt.Sprint(said["packs"]) == "1"
			delete(said, "packs")
		}
		pack, ok := said["pack"].([]any)
		if !ok || len(said) != 1 {
			unpacked = append(unpacked, message)
			continue
		}
		for _, element := range pack {
			unpacked = append(unpacked, c.inFull(element))
		}
	}
	return unpacked, took
}

// inFull is the long form of a message.
func (c talk) inFull(element any) any {
	switch element := element.(type) {
	case string:
		return object{"command": "ack", "id": element}
	case []any:
		second := "anchors"
		if strings.Contains(c.class, "Spout") {
			second = "id"
		}
		emit := object{"command": "emit", "need_task_ids": false}
		for i, name := range []string{"tuple", second, "stream", "task"} {
			if i < len(element) && element[i] != nil {
				emit[name] = element[i]
			}
		}
		if id, ok := emit["anchors"].(string); ok {
			emit["anchors"] = []any{id}
		}
		return emit
	case object:
		return element
	}
	if fmt.Sprint(element) == "0" {
		return object{"command": "sync"}
	}
	return fmt.Sprintf("no short form: %v", element)
}

// Components that accept the offer, that have no loop for packs, and that get no offer.
func TestWhoTakesPacks(t *testing.T) {
	python, files := testenv.Python(t), laid(t)
	for class, takes := range map[string]bool{
		"ScriptedBolt": true, "Batches": true, "Tickless": true, "TellingSpout": true, "OwnSendMessage": true, "OwnAck": true,
		"OwnReadTuple": false, "OwnInnerRun": false, "WritesItself": false,
	} {
		t.Run(class, func(t *testing.T) {
			c := talk{class: class, serializer: "json", conf: object{"rounds": []any{}}}
			if heard := c.hold(t, c.fast(t, files, python)); heard.tookPacks {
				t.Error("it takes packs that nobody has offered")
			}
			c = c.packs()
			if heard := c.hold(t, c.fast(t, files, python)); heard.tookPacks != takes {
				t.Errorf("it takes packs: %v, want %v", heard.tookPacks, takes)
			}
			c.conf["gust.packs"] = 2
			if heard := c.hold(t, c.fast(t, files, python)); heard.tookPacks {
				t.Error("it takes packs of a version that it does not know")
			}
		})
	}
}

// A pack is limited in length, unless one message is longer.
func TestPacksHaveAnEnd(t *testing.T) {
	python, files := testenv.Python(t, "msgpack"), laid(t)
	long := strings.Repeat("x", 10_000)
	for _, serializer := range []string{"json", "msgpack"} {
		c := talk{class: "ScriptedBolt", serializer: serializer}
		for i := range 100 {
			c.input = append(c.input, tuple(i, step{"emit", []any{long}}))
		}
		c = c.packs()
		heard := c.hold(t, c.fast(t, files, python))
		longest, packs := 0, 0
		for _, message := range split(t, serializer, heard.stdout) {
			text, err := json.Marshal(message)
			if err != nil {
				t.Fatal(err)
			}
			longest = max(longest, len(text))
			packs++
		}
		if longest > 100_000 || packs < 10 || strings.Count(heard.String(), `"command":"ack"`) != 100 {
			t.Errorf("%s: %d messages, the longest has %d bytes", serializer, packs, longest)
		}
	}
}
