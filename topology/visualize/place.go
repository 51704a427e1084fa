package visualize

// place sets the coordinates of the nodes of ordered layers. The upper left corner of the
// layout is at 0, 0.
func place(layers [][]*node) {
	x := 0.0
	for _, layer := range layers {
		width := 0.0
		for _, n := range layer {
			width = max(width, n.width)
		}
		for _, n := range layer {
			n.x = x + width/2
			if n.width == 0 {
				n.width = width // a crossing edge is straight
			}
		}
		x += width + layerGap
	}
	for _, layer := range layers {
		spread(layer, func(*node) []*node { return nil })
	}
	for range sweeps {
		for _, layer := range layers {
			spread(layer, func(n *node) []*node { return n.left })
		}
		for i := range layers {
			spread(layers[len(layers)-1-i], func(n *node) []*node { return n.right })
		}
	}
	top := 0.0
	for i, layer := range layers {
		for j, n := range layer {
			if y := n.y - n.height/2; i == 0 && j == 0 || y < top {
				top = y
			}
		}
	}
	for _, layer := range layers {
		for _, n := range layer {
			n.y -= top
		}
	}
}

// spread moves the nodes of a layer to the average height of their neighbours,
// as near as the order and the gaps between them allow.
//
// Without the gaps this would be an isotonic regression: find increasing numbers that are
// nearest, in squares, to the wanted ones. The gaps are subtracted before and added
// afterwards. Neighbours in the wrong order are pooled, and meet at their weighted mean.
func spread(layer []*node, neighbours func(*node) []*node) {
	type pool struct {
		sum, weight float64
		size        int
	}
	var pools []pool
	offsets := make([]float64, len(layer))
	for i, n := range layer {
		if i > 0 {
			offsets[i] = offsets[i-1] + layer[i-1].height/2 + nodeGap + n.height/2
		}
		wanted, weight := n.y, 1.0
		if near := neighbours(n); len(near) > 0 {
			wanted, weight = 0, 0
			for _, neighbour := range near {
				w := 1 + neighbour.weight*n.weight
				wanted += w * neighbour.y
				weight += w
			}
			wanted /= weight
		}
		pools = append(pools, pool{(wanted - offsets[i]) * weight, weight, 1})
		for len(pools) > 1 {
			last, before := pools[len(pools)-1], pools[len(pools)-2]
			if before.sum/before.weight < last.sum/last.weight {
				break
			}
			pools = pools[:len(pools)-1]
			pools[len(pools)-1] = pool{before.sum + last.sum, before.weight + last.weight, before.size + last.size}
		}
	}
	i := 0
	for _, p := range pools {
		for range p.size {
			layer[i].y = p.sum/p.weight + offsets[i]
			i++
		}
	}
}
