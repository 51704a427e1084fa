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

// sorted is m in the order of its keys, each value made what it is in JSON.
func sorted[V any](m map[string]V, value func(V) any) object {
	o := make(object, 0, len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		o = append(o, member{key, value(m[key])})
	}
	return o
}

func itself(v any) any { return v }

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
// error begins with the keys that lead to the value that is not.
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
			return nil, fmt.Errorf("%v cannot be sent to a component, JSON has only finite numbers", v)
		}
		return appendFloat(dst, v, 64), nil
	case json.Number:
		if !json.Valid([]byte(v)) || !isNumber(v[0]) {
			return nil, fmt.Errorf("%q is not a number", string(v))
		}
		return append(dst, v...), nil
	case string:
		return appendQuoted(dst, []byte(v)), nil
	case []string:
		return appendJSON(dst, texts(v))
	case []any:
		return appendJSONList(dst, v)
	case map[string]any:
		return appendJSONObject(dst, sorted(v, itself))
	case object:
		return appendJSONObject(dst, v)
	}
	return nil, fmt.Errorf("a value of type %T cannot be sent to a component", v)
}

func appendJSONList(dst []byte, list []any) (_ []byte, err error) {
	dst = append(dst, '[')
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = appendJSON(dst, v); err != nil {
			return nil, err
		}
	}
	return append(dst, ']'), nil
}

func appendJSONObject(dst []byte, o object) (_ []byte, err error) {
	dst = append(dst, '{')
	for i, m := range o {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendQuoted(dst, []byte(m.key)), ':')
		if dst, err = appendJSON(dst, m.value); err != nil {
			return nil, fmt.Errorf("%s: %w", m.key, err)
		}
	}
	return append(dst, '}'), nil
}
