package conf

import (
	"fmt"
	"math"
	"strings"

	"github.com/goccy/go-yaml"
)

// YAMLError is text that is not YAML.
type YAMLError struct {
	Reason string // one line
}

func (e *YAMLError) Error() string { return "it is not YAML: " + e.Reason }

// ParseYAML reads YAML into the types of a [Conf], as [ParseJSON] does: nil, bool,
// string, int64, float64, []any and map[string]any. Its error is a [*YAMLError], or
// says which value a conf cannot hold.
func ParseYAML(data []byte) (any, error) {
	var value any
	if err := yaml.Unmarshal(data, &value); err != nil {
		return nil, &YAMLError{yamlReason(err)}
	}
	return fromYAML(value)
}

// fromYAML turns what the YAML package makes into the types of a [conf.Conf].
func fromYAML(value any) (any, error) {
	switch v := value.(type) {
	case nil, bool, string, int64:
		return v, nil
	case uint64:
		if v > math.MaxInt64 {
			return float64(v), nil
		}
		return int64(v), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("a component's conf cannot hold the number %v", v)
		}
		return v, nil
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			var err error
			if list[i], err = fromYAML(item); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		object := make(map[string]any, len(v))
		for key, item := range v {
			var err error
			if object[key], err = fromYAML(item); err != nil {
				return nil, err
			}
		}
		return object, nil
	}
	return nil, fmt.Errorf("a component's conf cannot hold the value %v", value)
}

// yamlReason is the YAML package's error without its position and its drawing
// of the source, which is one short line here.
func yamlReason(err error) string {
	first, _, _ := strings.Cut(err.Error(), "\n")
	if _, reason, ok := strings.Cut(first, "] "); ok {
		return reason
	}
	return first
}
