package status

import (
	"maps"
	"os/user"
	"reflect"
	"slices"

	"gust/conf"
)

// ConfValue is a value of a component's conf, and where it comes from.
type ConfValue struct {
	Key   string `json:"key"`
	Value any    `json:"value"`
	From  string `json:"from"` // "default", "topology", "component" or "command line"
}

// ComponentConf is the conf of a component, by key, or nil if there is no such component.
func (s *Status) ComponentConf(name string) []ConfValue {
	s.mu.RLock()
	defer s.mu.RUnlock()
	spec := s.topology.Component(name)
	if spec == nil {
		return nil
	}
	merged := conf.Merge(s.conf, spec.Config)
	defaults := conf.Defaults()
	list := []ConfValue{}
	for _, key := range slices.Sorted(maps.Keys(merged)) {
		v := ConfValue{Key: key, Value: merged[key], From: "command line"}
		is := func(layer map[string]any) bool {
			value, has := layer[key]
			return has && reflect.DeepEqual(value, v.Value)
		}
		switch {
		case is(spec.Config):
			v.From = "component"
		case is(s.topology.Config):
			v.From = "topology"
		case is(defaults):
			v.From = "default"
		}
		list = append(list, v)
	}
	return list
}

// owner is the user who submitted a topology: the one in its conf or, if it has none, who runs
// gust.
func owner(c conf.Conf) string {
	if name, err := c.String("topology.submitter.user", ""); err == nil && name != "" {
		return name
	}
	if me, err := user.Current(); err == nil {
		return me.Username
	}
	return ""
}
