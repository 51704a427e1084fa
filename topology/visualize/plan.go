package visualize

import (
	"unicode/utf8"

	"gust/topology"
)

// Plan is a topology laid out for another program to draw, such as a page that shows what
// it does. Lengths are in points, the upper left corner is 0, 0.
type Plan struct {
	Width  float64    `json:"width"`
	Height float64    `json:"height"`
	Nodes  []PlanNode `json:"nodes"` // the components, as declared
	Edges  []PlanEdge `json:"edges"` // the subscriptions, in the order of the bolts' inputs
}

// PlanNode is a component's box.
type PlanNode struct {
	Name   string  `json:"name"`
	X      float64 `json:"x"` // of its upper left corner
	Y      float64 `json:"y"`
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

// PlanEdge is a subscription's line, from the component that emits to the one that reads.
type PlanEdge struct {
	From     string  `json:"from"`
	Stream   string  `json:"stream"`
	To       string  `json:"to"`
	Grouping string  `json:"grouping"`
	Path     string  `json:"path"` // as SVG has it
	X        float64 `json:"x"`    // of the middle of its label
	Y        float64 `json:"y"`
}

// roomy are the sizes of a plan: of a component there is more to show than its name.
type roomy struct{}

func (roomy) component(name, _ string) (width, height float64) {
	const letter = 7.8 // of the name, about: who draws it may cut what is longer
	return max(160, 44+letter*float64(utf8.RuneCountInString(shorten(name)))), 68
}

func (roomy) label([]string) (width, height float64) { return 50, 22 }

// Lay lays a topology out. An input from a component that is not there is left out.
func Lay(t *topology.Topology) *Plan {
	d := &drawing{topology: t}
	d.measure(roomy{})
	plan := &Plan{Nodes: []PlanNode{}, Edges: []PlanEdge{}}
	for _, n := range arrange(d.nodes, d.edges) {
		plan.Width, plan.Height = max(plan.Width, n.x+n.width/2), max(plan.Height, n.y+n.height/2)
	}
	for i, c := range t.Components {
		n, height := d.nodes[i], d.body(i)
		plan.Nodes = append(plan.Nodes, PlanNode{Name: c.Name, X: n.x - n.width/2, Y: n.y - height/2, Width: n.width, Height: height})
	}
	lines := d.lines()
	for i, s := range subscriptions(t) {
		e, line := d.edges[i], lines[i]
		if e.back {
			line = line.reversed()
		}
		plan.Edges = append(plan.Edges, PlanEdge{
			From: t.Components[s.from].Name, Stream: s.input.Stream, To: t.Components[s.to].Name, Grouping: grouping(s.input.Grouping),
			Path: svgPath(shape{path: line}), X: e.label.x, Y: e.label.y,
		})
	}
	return plan
}

// reversed is the same line, drawn from its end.
func (p path) reversed() path {
	if len(p) == 0 {
		return nil
	}
	back := path{}.move(p[len(p)-1].p)
	for i := len(p) - 1; i > 0; i-- {
		if to := p[i-1].p; p[i].kind == 'C' {
			back = back.curve(p[i].b, p[i].a, to)
		} else {
			back = back.line(to)
		}
	}
	return back
}
