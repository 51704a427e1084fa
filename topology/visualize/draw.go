package visualize

import (
	"cmp"
	"image/color"
	"slices"

	"gust/topology"
)

// The colours.
var (
	white     = color.RGBA{255, 255, 255, 255}
	inkColor  = color.RGBA{32, 40, 48, 255}
	paleColor = color.RGBA{96, 108, 118, 255}
	lineColor = color.RGBA{130, 142, 152, 255}
	spoutFill = color.RGBA{24, 96, 128, 255}
	boltFill  = color.RGBA{236, 242, 246, 255}
)

const (
	margin    = 24.0
	nameSize  = 14.0
	smallSize = 10.5
	lead      = 13.0 // from one line of a label to the next
	arrow     = 7.0
	loopRise  = 30.0 // how far a loop rises above its component
	portGap   = 12.0 // between the ends of edges on one side of a component
)

// drawing is a topology while it is being drawn.
type drawing struct {
	topology  *topology.Topology
	subtitles []string // of the components
	nodes     []*node  // of the components
	edges     []*edge
	labels    [][]string // of the edges
	picture   *picture
}

// compose draws a topology as a picture.
func compose(t *topology.Topology, k *ink) *picture {
	d := &drawing{topology: t, picture: &picture{title: t.Name, width: 2 * margin, height: 2 * margin}}
	d.measure(k)
	all := arrange(d.nodes, d.edges)
	for _, n := range all {
		n.x, n.y = n.x+margin, n.y+margin
		d.picture.width = max(d.picture.width, n.x+n.width/2+margin)
		d.picture.height = max(d.picture.height, n.y+n.height/2+margin)
	}
	d.drawEdges()
	for i, c := range t.Components {
		d.drawComponent(i, c)
	}
	return d.picture
}

// sizes say how much room a picture needs for what it draws.
type sizes interface {
	component(name, subtitle string) (width, height float64)
	label(lines []string) (width, height float64)
}

func (k *ink) component(name, subtitle string) (width, height float64) {
	return 28 + max(k.width(shorten(name), nameSize, true), k.width(subtitle, smallSize, false)), 44
}

func (k *ink) label(lines []string) (width, height float64) {
	for _, line := range lines {
		width = max(width, k.width(line, smallSize, false))
	}
	return width + 12, float64(len(lines))*lead + 4
}

// measure makes a node of every component and a label of every subscription.
func (d *drawing) measure(room sizes) {
	d.subtitles = subtitles(d.topology)
	loops := map[int]float64{} // component -> the height of its loops' labels
	sides := map[[2]int]int{}  // component and side -> how many edges end there
	for _, s := range subscriptions(d.topology) {
		lines := s.label()
		label := &node{}
		label.width, label.height = room.label(lines)
		d.edges = append(d.edges, &edge{from: s.from, to: s.to, label: label})
		d.labels = append(d.labels, lines)
		if s.from == s.to {
			loops[s.from] += label.height + loopRise
		}
		sides[[2]int{s.from, 0}]++
		sides[[2]int{s.to, 1}]++
	}
	for i, c := range d.topology.Components {
		n := &node{}
		n.width, n.height = room.component(c.Name, d.subtitles[i])
		n.height = max(n.height, portGap*float64(1+max(sides[[2]int{i, 0}], sides[[2]int{i, 1}])))
		n.height += 2 * loops[i] // above for the loops, and below so that its middle stays the middle
		d.nodes = append(d.nodes, n)
	}
	for _, e := range d.edges {
		if e.loop() {
			d.nodes[e.from].width = max(d.nodes[e.from].width, e.label.width)
		}
	}
}

// body is the height of a component's box, without the room for its loops.
func (d *drawing) body(i int) float64 {
	height := d.nodes[i].height
	for _, e := range d.edges {
		if e.loop() && e.from == i {
			height -= 2 * (e.label.height + loopRise)
		}
	}
	return height
}

func (d *drawing) drawComponent(i int, c *topology.Component) {
	n, height := d.nodes[i], d.body(i)
	s := shape{
		path: box(n.x-n.width/2, n.y-height/2, n.width, height, height/2), closed: true,
		fill: boltFill, stroke: spoutFill, width: 1.2,
	}
	name, sub := inkColor, paleColor
	if c.Kind == topology.Spout {
		s.path = box(n.x-n.width/2, n.y-height/2, n.width, height, 5)
		s.fill, name, sub = spoutFill, white, color.RGBA{214, 232, 240, 255}
	}
	d.picture.shapes = append(d.picture.shapes, s)
	d.picture.texts = append(d.picture.texts,
		text{point{n.x, n.y - 1}, nameSize, true, name, shorten(c.Name)},
		text{point{n.x, n.y + 13}, smallSize, false, sub, d.subtitles[i]})
}

// lines are the edges' lines.
func (d *drawing) lines() []path {
	ports := d.ports()
	risen := map[int]float64{} // component -> how far its loops have risen
	lines := make([]path, len(d.edges))
	for i, e := range d.edges {
		if e.loop() {
			lines[i] = d.loop(e, risen)
		} else {
			lines[i] = route(e, ports[i])
		}
	}
	return lines
}

// drawEdges draws the subscriptions, with their labels over them.
func (d *drawing) drawEdges() {
	lines := d.lines()
	for i, e := range d.edges {
		line := lines[i]
		d.picture.shapes = append(d.picture.shapes, shape{path: line, stroke: lineColor, width: 1.4})
		d.picture.shapes = append(d.picture.shapes, arrowhead(e, line))
		d.drawLabel(e.label, d.labels[i])
	}
}

// ports distributes the ends of edges over the sides of their components, in their order.
// The result has the heights of each edge's left and right end.
func (d *drawing) ports() [][2]float64 {
	ports := make([][2]float64, len(d.edges))
	for _, n := range d.nodes {
		for side := range 2 {
			var here []int                // the edges that end on this side
			next := func(i int) float64 { // where the edge continues
				p := d.edges[i].path
				if side == 0 {
					return p[1].y
				}
				return p[len(p)-2].y
			}
			for i, e := range d.edges {
				if p := e.path; p != nil && (side == 0 && p[0] == n || side == 1 && p[len(p)-1] == n) {
					here = append(here, i)
				}
			}
			slices.SortStableFunc(here, func(a, b int) int { return cmp.Compare(next(a), next(b)) })
			for place, i := range here {
				ports[i][side] = n.y + portGap*(float64(place)-float64(len(here)-1)/2)
			}
		}
	}
	return ports
}

// route is the line of an edge from left to right, through the nodes of its path. It
// bends only between the layers.
func route(e *edge, ports [2]float64) path {
	first, last := e.path[0], e.path[len(e.path)-1]
	at := point{first.x + first.width/2, ports[0]}
	line := path{}.move(at)
	bend := func(to point) {
		middle := (at.x + to.x) / 2
		line = line.curve(point{middle, at.y}, point{middle, to.y}, to)
		at = to
	}
	for _, n := range e.path[1 : len(e.path)-1] {
		bend(point{n.x - n.width/2, n.y})
		at = point{n.x + n.width/2, n.y}
		line = line.line(at)
	}
	bend(point{last.x - last.width/2, ports[1]})
	return line
}

// loop is the line of an edge from a component to itself: above the component, from right
// to left.
func (d *drawing) loop(e *edge, risen map[int]float64) path {
	n := d.nodes[e.from]
	top := n.y - d.body(e.from)/2
	reach := n.width / 4
	rise := risen[e.from] + loopRise + e.label.height
	risen[e.from] = rise
	high := top - rise + e.label.height/2
	e.label.x, e.label.y = n.x, high
	// The control points are as high as makes the curve's top go through the label.
	control := top - (top-high)*4/3
	return path{}.move(point{n.x + reach, top}).curve(point{n.x + 2*reach, control}, point{n.x - 2*reach, control}, point{n.x - reach, top})
}

// arrowhead is the triangle at the end of an edge that the tuples arrive at.
func arrowhead(e *edge, line path) shape {
	end := line[len(line)-1]
	tip, from := end.p, end.b
	if e.back {
		tip, from = line[0].p, line[1].a
	}
	var p path
	switch {
	case e.loop(): // it points down
		p = p.move(tip).line(point{tip.x - arrow/2, tip.y - arrow}).line(point{tip.x + arrow/2, tip.y - arrow})
	case from.x > tip.x:
		p = p.move(tip).line(point{tip.x + arrow, tip.y - arrow/2}).line(point{tip.x + arrow, tip.y + arrow/2})
	default:
		p = p.move(tip).line(point{tip.x - arrow, tip.y - arrow/2}).line(point{tip.x - arrow, tip.y + arrow/2})
	}
	return shape{path: p, closed: true, fill: lineColor}
}

// drawLabel writes a label on white, so that the edge does not cross it.
func (d *drawing) drawLabel(n *node, lines []string) {
	d.picture.shapes = append(d.picture.shapes, shape{
		path: box(n.x-n.width/2, n.y-n.height/2, n.width, n.height, 4), closed: true, fill: white,
	})
	for i, line := range lines {
		middle := n.y + lead*(float64(i)-float64(len(lines)-1)/2)
		c := inkColor
		if i > 0 {
			c = paleColor
		}
		d.picture.texts = append(d.picture.texts, text{point{n.x, middle + smallSize*0.35}, smallSize, false, c, line})
	}
}
