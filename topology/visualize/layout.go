package visualize

import (
	"cmp"
	"slices"
)

// node is a box of the layout: a component, an edge's label, or an empty place where a
// long edge crosses a layer.
type node struct {
	width, height float64
	x, y          float64 // its centre, after the layout
	layer         int
	weight        float64 // how much it matters that its edges are straight
	left, right   []*node // its neighbours in the adjacent layers
}

// edge connects two nodes through others, one in each layer between them.
type edge struct {
	from, to int // indexes into the nodes of the layout
	label    *node
	// back is set for an edge that is laid out against its direction, because the graph
	// has a cycle; then path leads from its end to its beginning.
	back bool
	path []*node // its two ends included; nil for a loop
}

// loop reports whether an edge ends where it begins.
func (e *edge) loop() bool { return e.from == e.to }

// Distances, in points.
const (
	layerGap = 34.0 // between layers
	nodeGap  = 22.0 // between the nodes of a layer
	passing  = 10.0 // the height of an empty place
)

// arrange lays nodes out in layers from left to right. It sets their places and the
// edges' paths, and returns all nodes, including labels and empty places.
//
// This is the method of Sugiyama, Tagawa and Toda: remove the cycles, assign each node to
// a layer, cut long edges into short ones, order the layers so that few edges cross, and
// move the nodes up and down until edges are straight.
func arrange(nodes []*node, edges []*edge) []*node {
	turnBackEdges(len(nodes), edges)
	setLayers(nodes, edges)
	layers := cut(nodes, edges)
	order(layers)
	place(layers)
	return slices.Concat(layers...)
}

// turnBackEdges finds a set of edges without which there is no cycle: those that lead
// back in a walk from the first nodes.
func turnBackEdges(n int, edges []*edge) {
	const (
		unseen = iota
		open   // the walk is somewhere beyond it
		done
	)
	state := make([]int, n)
	var walk func(int)
	walk = func(i int) {
		state[i] = open
		for _, e := range edges {
			if e.from != i || e.loop() {
				continue
			}
			switch state[e.to] {
			case open:
				e.back = true
			case unseen:
				walk(e.to)
			}
		}
		state[i] = done
	}
	for i := range n {
		if state[i] == unseen {
			walk(i)
		}
	}
}

// ends are an edge's ends in the order of the layers.
func (e *edge) ends() (left, right int) {
	if e.back {
		return e.to, e.from
	}
	return e.from, e.to
}

// setLayers puts each node as far to the left as its edges allow, then the nodes without
// inputs as far to the right. Nodes are in the even layers, since labels need the layers
// between them.
func setLayers(nodes []*node, edges []*edge) {
	for range nodes { // the longest path has no more edges than there are nodes
		for _, e := range edges {
			if left, right := e.ends(); left != right {
				nodes[right].layer = max(nodes[right].layer, nodes[left].layer+2)
			}
		}
	}
	for i, n := range nodes {
		n.layer = max(n.layer, rightmost(i, nodes, edges))
	}
}

// rightmost is the last layer that a node may have without being beyond one of
// its targets, if nothing leads to it, and else 0.
func rightmost(i int, nodes []*node, edges []*edge) int {
	var targets []int
	for _, e := range edges {
		left, right := e.ends()
		switch {
		case left == right:
		case right == i:
			return 0
		case left == i:
			targets = append(targets, nodes[right].layer)
		}
	}
	if len(targets) == 0 {
		return 0
	}
	return slices.Min(targets) - 2
}

// cut puts each edge's path through the layers, and returns the layers.
func cut(nodes []*node, edges []*edge) [][]*node {
	last := 0
	for _, n := range nodes {
		last = max(last, n.layer)
	}
	layers := make([][]*node, last+1)
	for _, n := range nodes {
		layers[n.layer] = append(layers[n.layer], n)
	}
	for _, e := range edges {
		if e.loop() {
			continue
		}
		left, right := e.ends()
		e.path = []*node{nodes[left]}
		for layer := nodes[left].layer + 1; layer < nodes[right].layer; layer++ {
			through := &node{height: passing, weight: 4}
			if layer == nodes[right].layer-1 {
				through = e.label
				through.weight = 2
			}
			through.layer = layer
			layers[layer] = append(layers[layer], through)
			e.path = append(e.path, through)
		}
		e.path = append(e.path, nodes[right])
		for i, n := range e.path[1:] {
			n.left = append(n.left, e.path[i])
			e.path[i].right = append(e.path[i].right, n)
		}
	}
	return layers
}

// sweeps is the number of passes through the layers, in both directions.
const sweeps = 12

// order sorts the layers so that few edges cross: each node moves to the average place of
// its neighbours. The best of all these orders is kept.
func order(layers [][]*node) {
	best, fewest := snapshot(layers), crossings(layers)
	for sweep := 0; sweep < sweeps && fewest > 0; sweep++ {
		for i := range layers {
			if sweep%2 == 0 {
				sortBy(layers, i, i-1, func(n *node) []*node { return n.left })
			} else {
				sortBy(layers, len(layers)-1-i, len(layers)-i, func(n *node) []*node { return n.right })
			}
		}
		if c := crossings(layers); c < fewest {
			best, fewest = snapshot(layers), c
		}
	}
	copy(layers, best)
}

func snapshot(layers [][]*node) [][]*node {
	copied := make([][]*node, len(layers))
	for i, layer := range layers {
		copied[i] = slices.Clone(layer)
	}
	return copied
}

// positions are the places of a layer's nodes in its order.
func positions(layer []*node) map[*node]int {
	at := make(map[*node]int, len(layer))
	for i, n := range layer {
		at[n] = i
	}
	return at
}

// sortBy sorts a layer by the average place of its nodes' neighbours in another layer. A
// node without neighbours there does not move.
func sortBy(layers [][]*node, layer, other int, neighbours func(*node) []*node) {
	if other < 0 || other >= len(layers) {
		return
	}
	at := positions(layers[other])
	wanted := map[*node]float64{}
	for i, n := range layers[layer] {
		wanted[n] = float64(i)
		if near := neighbours(n); len(near) > 0 {
			sum := 0
			for _, neighbour := range near {
				sum += at[neighbour]
			}
			wanted[n] = float64(sum) / float64(len(near))
		}
	}
	slices.SortStableFunc(layers[layer], func(a, b *node) int { return cmp.Compare(wanted[a], wanted[b]) })
}

// crossings counts the pairs of edges that cross.
func crossings(layers [][]*node) int {
	total := 0
	for i := range len(layers) - 1 {
		at := positions(layers[i+1])
		var ends [][2]int
		for from, n := range layers[i] {
			for _, neighbour := range n.right {
				ends = append(ends, [2]int{from, at[neighbour]})
			}
		}
		for a := range ends {
			for b := range a {
				if (ends[a][0]-ends[b][0])*(ends[a][1]-ends[b][1]) < 0 {
					total++
				}
			}
		}
	}
	return total
}
