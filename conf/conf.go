// Package conf has Storm's and streamparse's configuration: the keys, their defaults and
// precedence, and getters with types.
package conf

import (
	"fmt"
	"maps"
	"time"
)

// Conf maps keys such as "topology.debug" to values of JSON's types: nil,
// bool, int64, float64, string, []any and map[string]any.
//
// A nil Conf is empty. A Conf that others may read is not changed any more.
type Conf map[string]any

// Merge merges confs into a new Conf; later ones override earlier ones. A nil value
// counts: it removes a default.
func Merge(layers ...Conf) Conf {
	merged := Conf{}
	for _, layer := range layers {
		maps.Copy(merged, layer)
	}
	return merged
}

// KeyError is a value that cannot be used: it names the key.
type KeyError struct {
	Key  string
	Want string // what the key takes, such as "a number of seconds"
	Got  any
}

func (e *KeyError) Error() string {
	return fmt.Sprintf("%s must be %s, not %#v", e.Key, e.Want, e.Got)
}

// Bool reads a bool; absent or nil is fallback. It accepts the strings "true" and
// "false".
func (c Conf) Bool(key string, fallback bool) (bool, error) {
	switch v := c[key].(type) {
	case nil:
		return fallback, nil
	case bool:
		return v, nil
	case string:
		switch v {
		case "true", "True":
			return true, nil
		case "false", "False":
			return false, nil
		}
	}
	return fallback, &KeyError{key, "true or false", c[key]}
}

// Int reads a whole number in the key's range; absent or nil is fallback.
func (c Conf) Int(key string, fallback int) (int, error) {
	v, ok := c[key]
	if !ok || v == nil {
		return fallback, nil
	}
	f, err := rangeOf(key, anyInt).read(key, v)
	if err != nil {
		return fallback, err
	}
	return int(f), nil
}

// Percent reads a number from 0 to 100, fractions allowed; absent or nil is fallback.
func (c Conf) Percent(key string, fallback float64) (float64, error) {
	v, ok := c[key]
	if !ok || v == nil {
		return fallback, nil
	}
	f, err := percent.read(key, v)
	if err != nil {
		return fallback, err
	}
	return f, nil
}

// Seconds reads a duration in seconds, fractions allowed; absent or nil is fallback.
func (c Conf) Seconds(key string, fallback time.Duration) (time.Duration, error) {
	return c.duration(key, seconds, fallback)
}

// Millis reads a duration in milliseconds, fractions allowed; absent or nil is fallback.
func (c Conf) Millis(key string, fallback time.Duration) (time.Duration, error) {
	return c.duration(key, millis, fallback)
}

func (c Conf) duration(key string, like numberRange, fallback time.Duration) (time.Duration, error) {
	v, ok := c[key]
	if !ok || v == nil {
		return fallback, nil
	}
	f, err := rangeOf(key, like).read(key, v)
	if err != nil {
		return fallback, err
	}
	return time.Duration(f * float64(like.unit)), nil
}

// String reads a string; absent or nil is fallback.
func (c Conf) String(key string, fallback string) (string, error) {
	switch v := c[key].(type) {
	case nil:
		return fallback, nil
	case string:
		return v, nil
	}
	return fallback, &KeyError{key, "a string", c[key]}
}

// StringMap reads a map of strings; absent or nil is nil. Numbers and bools become
// strings, as in an environment.
func (c Conf) StringMap(key string) (map[string]string, error) {
	v, ok := c[key]
	if !ok || v == nil {
		return nil, nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, &KeyError{key, "a map of strings", v}
	}
	texts := make(map[string]string, len(m))
	for k, v := range m {
		switch v.(type) {
		case string, bool, int, int64, float64:
			texts[k] = fmt.Sprint(v)
		default:
			return nil, &KeyError{key + "." + k, "a string", v}
		}
	}
	return texts, nil
}

// number accepts every type that decoders of JSON, YAML and TOML use for a number.
func number(v any) (float64, bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case int64:
		return float64(v), true
	case uint64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}
