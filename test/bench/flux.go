package main

import (
	"encoding/json"
	"fmt"
	"maps"
)

// flux is a topology in Flux's form, which both hosts read. It is written as
// JSON, which is YAML too.
type flux struct {
	Name    string         `json:"name"`
	Config  map[string]any `json:"config"`
	Spouts  []fluxVertex   `json:"spouts"`
	Bolts   []fluxVertex   `json:"bolts"`
	Streams []fluxStream   `json:"streams"`
}

type fluxVertex struct {
	ID              string `json:"id"`
	ClassName       string `json:"className"`
	ConstructorArgs []any  `json:"constructorArgs"`
	Parallelism     int    `json:"parallelism"`
}

type fluxStream struct {
	Name     string       `json:"name"`
	From     string       `json:"from"`
	To       string       `json:"to"`
	Grouping fluxGrouping `json:"grouping"`
}

type fluxGrouping struct {
	Type string   `json:"type"`
	Args []string `json:"args,omitempty"`
}

// newFlux is a topology without components, in which a spout task has at most
// pending trees.
func newFlux(pending int) *flux {
	return &flux{Name: "bench", Config: map[string]any{
		"topology.workers": 1, "topology.acker.executors": 1, "topology.max.spout.pending": pending,
		"topology.message.timeout.secs": 60,
	}}
}

// over is the topology in n workers, each of which has an acker on Storm.
func (f *flux) over(n int) *flux {
	several := *f
	several.Config = maps.Clone(f.Config)
	several.Config["topology.workers"], several.Config["topology.acker.executors"] = n, n
	return &several
}

// msgpack lets all components speak msgpack.
func (f *flux) msgpack() *flux {
	f.Config["topology.multilang.serializer"] = "com.parsely.streamparse.MsgPackSerializer"
	return f
}

func (f *flux) spout(id string, command, outputs []string) *flux {
	f.Spouts = append(f.Spouts, fluxVertex{id, "org.apache.storm.flux.wrappers.spouts.FluxShellSpout", []any{command, outputs}, 1})
	return f
}

// bolt adds a bolt that reads from's default stream.
func (f *flux) bolt(id string, tasks int, command, outputs []string, from string, grouping ...string) *flux {
	f.Bolts = append(f.Bolts, fluxVertex{id, "org.apache.storm.flux.wrappers.bolts.FluxShellBolt", []any{command, outputs}, tasks})
	f.Streams = append(f.Streams, fluxStream{from + " to " + id, from, id, fluxGrouping{grouping[0], grouping[1:]}})
	return f
}

func (f *flux) text() []byte {
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		panic(fmt.Sprintf("cannot encode a topology of strings and numbers: %v", err))
	}
	return text
}
