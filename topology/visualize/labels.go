package visualize

import (
	"fmt"
	"strings"

	"gust/conf"
	"gust/topology"
)

// subscription is an input of a bolt from a component of the topology.
type subscription struct {
	from, to int // indexes of components
	input    topology.Input
	stream   *topology.Stream // nil if the source does not declare it
}

// subscriptions are the edges of the graph, in the order of the bolts' inputs.
func subscriptions(t *topology.Topology) []subscription {
	index := map[string]int{}
	for i, c := range t.Components {
		index[c.Name] = i
	}
	var all []subscription
	for to, c := range t.Components {
		for _, in := range c.Inputs {
			if from, ok := index[in.Component]; ok {
				all = append(all, subscription{from, to, in, t.Components[from].Stream(in.Stream)})
			}
		}
	}
	return all
}

// label is the stream of a subscription with its fields, and the grouping.
func (s subscription) label() []string {
	var fields string
	if s.stream != nil {
		fields = strings.Join(s.stream.Fields, ", ")
	}
	switch {
	case s.input.Stream == topology.DefaultStream && fields != "":
	case fields == "":
		fields = s.input.Stream
	default:
		fields = s.input.Stream + ": " + fields
	}
	return []string{shorten(fields), shorten(grouping(s.input.Grouping))}
}

// grouping is a grouping in the usual notation: fields(word).
func grouping(g topology.Grouping) string {
	name := strings.ToLower(g.Type.String())
	switch {
	case len(g.Fields) > 0:
		return name + "(" + strings.Join(g.Fields, ", ") + ")"
	case g.Class != "":
		return name + "(" + g.Class + ")"
	}
	return name
}

// subtitles are the components' kinds and numbers of tasks.
func subtitles(t *topology.Topology) []string {
	most, err := conf.Conf(t.Config).Int(conf.TopologyMaxTaskParallelism, 0)
	if err != nil {
		most = 0 // a run reports it
	}
	lines := make([]string, len(t.Components))
	for i, c := range t.Components {
		kind := c.Kind.String()
		if c.Java != "" {
			kind = "Java " + kind
		}
		lines[i] = kind + ", 1 task"
		if n := c.CappedTasks(most); n != 1 {
			lines[i] = fmt.Sprintf("%s, %d tasks", kind, n)
		}
	}
	return lines
}

// shorten cuts a string that would make the picture too wide.
func shorten(text string) string {
	const most = 48
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}
