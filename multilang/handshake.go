package multilang

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
)

// object is a JSON object whose members have an order.
type object []member

type member struct {
	key   string
	value any
}

// members lays the handshake out as Storm does (ShellProcess.launch,
// TopologyContext.toJSONString), what is a map there sorted by its keys: the same
// topology gives the same bytes.
func (h *Handshake) members() object {
	c := &h.Context
	tasks := object{}
	for _, task := range slices.Sorted(maps.Keys(c.TaskComponents)) {
		tasks = append(tasks, member{strconv.Itoa(int(task)), c.TaskComponents[task]})
	}
	streams := slices.Clone(c.Streams)
	slices.Sort(streams)
	return object{
		{"pidDir", h.PIDDir},
		{"conf", conf(h.Conf)},
		{"context", object{
			{"task->component", tasks},
			{"taskid", int64(c.TaskID)},
			{"componentid", c.ComponentID},
			{"streams", texts(streams)},
			{"stream->outputfields", sorted(c.OutputFields, texts)},
			{"stream->target->grouping", sorted(c.Targets, groupings)},
			{"source->stream->grouping", sorted(c.Sources, groupings)},
			{"source->stream->fields", sorted(c.SourceFields, func(streams map[string][]string) any {
				return sorted(streams, texts)
			})},
		}},
	}
}

// conf is a configuration, whose values may be wrong; see [appendJSON].
type conf map[string]any

// sorted is m in the order of its keys, each value made what it is in JSON.
func sorted[V any](m map[string]V, value func(V) any) object {
	o := make(object, 0, len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		o = append(o, member{key, value(m[key])})
	}
	return o
}

func texts(s []string) any {
	list := make([]any, len(s))
	for i, text := range s {
		list[i] = text
	}
	return list
}

func groupings(targets map[string]Grouping) any {
	return sorted(targets, func(g Grouping) any {
		o := object{{"type", g.Type}}
		if g.Fields != nil {
			o = append(o, member{"fields", texts(g.Fields)})
		}
		return o
	})
}

// appendJSON appends v, which is of the types that a configuration may hold. An
// error names the configuration's key whose value is not.
func appendJSON(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case int:
		return strconv.AppendInt(dst, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(dst, v, 10), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%v is no number that JSON has", v)
		}
		return appendFloat(dst, v, 64), nil
	case json.Number:
		var s jsonScanner
		text := []byte(v)
		if len(text) == 0 || s.number(text, 0) != len(text) || !isDigit(text[len(text)-1]) {
			return nil, fmt.Errorf("%q is no number", text)
		}
		return append(dst, text...), nil
	case string:
		return appendQuoted(dst, []byte(v)), nil
	case []string:
		return appendJSON(dst, texts(v))
	case []any:
		...
	case map[string]any:
	case conf:
	case object:
	}
	return nil, fmt.Errorf("a value of the type %T cannot be sent to a child", v)
}
