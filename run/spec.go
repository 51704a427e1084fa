package run

import (
	"encoding/json"
	"fmt"

	"gust/conf"
	"gust/topology"
)

// memberSpec is what a member needs to know: the first line that its parent sends.
type memberSpec struct {
	Topology    *topology.Topology `json:"topology"`
	Confs       json.RawMessage    `json:"confs"` // of the topology and its components; see [memberConfs]
	Placement   topology.Placement `json:"placement"`
	Worker      int                `json:"worker"`
	Incarnation uint64             `json:"incarnation"`
	Secret      []byte             `json:"secret"`
	Level       string             `json:"level"` // of the log
	KeepValues  bool               `json:"keep_values"`
	Record      Record             `json:"record"`
}

// memberConfs are the values whose types JSON would change: a whole float64 would become an
// int64, which a component can tell apart.
func memberConfs(t *topology.Topology, merged conf.Conf) (json.RawMessage, error) {
	components := map[string]any{}
	for _, c := range t.Components {
		components[c.Name] = c.Config
	}
	return conf.JSON(map[string]any{"merged": map[string]any(merged), "topology": t.Config, "components": components})
}

// confs puts the values into their places, and returns the conf of the run.
func (s *memberSpec) confs() (conf.Conf, error) {
	v, err := conf.ParseJSON(s.Confs)
	if err != nil {
		return nil, fmt.Errorf("cannot read the conf: %w", err)
	}
	all := asMap(v)
	s.Topology.Config = asMap(all["topology"])
	components := asMap(all["components"])
	for _, c := range s.Topology.Components {
		c.Config = asMap(components[c.Name])
	}
	return asMap(all["merged"]), nil
}

func asMap(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}
