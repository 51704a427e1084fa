package visualize

import (
	"fmt"
	"strings"
	"testing"

	"gust/topology"
)

// Each edge of a plan begins at the component that emits and ends at the one that reads,
// also on a cycle, and no component lies on another.
func TestPlan(t *testing.T) {
	from := func(names ...string) (inputs []topology.Input) {
		for _, name := range names {
			inputs = append(inputs, topology.Input{Component: name, Stream: topology.DefaultStream})
		}
		return inputs
	}
	out := []topology.Stream{{Name: topology.DefaultStream, Fields: []string{"n"}}}
	p := Lay(&topology.Topology{Name: "t", Components: []*topology.Component{
		{Name: "s", Kind: topology.Spout, Outputs: out},
		{Name: "a", Kind: topology.Bolt, Inputs: from("s", "c"), Outputs: out}, // c leads back
		{Name: "b", Kind: topology.Bolt, Inputs: from("a", "gone"), Outputs: out},
		{Name: "c", Kind: topology.Bolt, Inputs: from("b", "s"), Outputs: out},
		{Name: "own", Kind: topology.Bolt, Inputs: from("own", "s"), Outputs: out},
	}})
	if len(p.Nodes) != 5 || len(p.Edges) != 7 {
		t.Fatalf("%d nodes, %d edges", len(p.Nodes), len(p.Edges))
	}
	at := map[string]PlanNode{}
	for i, n := range p.Nodes {
		at[n.Name] = n
		if n.X < 0 || n.Y < 0 || n.X+n.Width > p.Width || n.Y+n.Height > p.Height {
			t.Errorf("%s is outside: %+v", n.Name, n)
		}
		for _, o := range p.Nodes[:i] {
			if n.X < o.X+o.Width && o.X < n.X+n.Width && n.Y < o.Y+o.Height && o.Y < n.Y+n.Height {
				t.Errorf("%s lies on %s", n.Name, o.Name)
			}
		}
	}
	touches := func(n PlanNode, x, y float64) bool {
		return x >= n.X-0.1 && x <= n.X+n.Width+0.1 && y >= n.Y-0.1 && y <= n.Y+n.Height+0.1
	}
	for _, e := range p.Edges {
		steps := strings.Fields(strings.NewReplacer("M", "", "C", "", "L", "").Replace(e.Path))
		for i, node := range map[int]PlanNode{0: at[e.From], len(steps) - 1: at[e.To]} {
			var x, y float64
			if _, err := fmt.Sscanf(steps[i], "%g,%g", &x, &y); err != nil {
				t.Fatalf("%s: %v", e.Path, err)
			}
			if !touches(node, x, y) {
				t.Errorf("the edge from %s to %s is at %g, %g, not at %+v", e.From, e.To, x, y, node)
			}
		}
	}
}
