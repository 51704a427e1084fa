package multilang

import (
	"maps"
	"slices"
	"strconv"
)

// Handshake is the first message of the host.
type Handshake struct {
	PIDDir  string
	Conf    map[string]any
	Context Context
	// Packs offers packs to the child, as a key of the conf that is not in Conf:
	// some clients would reject a handshake with an unknown member.
	Packs bool
}

// offerKey is the key of the offer, and PacksVersion its value: the version of the form
// of packs. A child that takes the offer says so with its pid.
const (
	offerKey     = "gust.packs"
	PacksVersion = 1
)

// members lays out the handshake as Storm does (ShellProcess.launch,
// TopologyContext.toJSONString). Maps are sorted by their keys, so that the same
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
		{"conf", sorted(h.conf(), itself)},
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

// conf is the conf with or without the offer of packs, which only the host may make.
func (h *Handshake) conf() map[string]any {
	c := maps.Clone(h.Conf)
	delete(c, offerKey)
	if h.Packs {
		if c == nil {
			c = map[string]any{}
		}
		c[offerKey] = PacksVersion
	}
	return c
}
