package worker

// findCycles numbers the cycles, those downstream first (Tarjan's strongly connected
// components), and marks the edges on them.
func (p *plan) findCycles() {
	index, low := map[*component]int{}, map[*component]int{}
	onStack := map[*component]bool{}
	var stack []*component
	cycles := 0
	var visit func(c *component)
	visit = func(c *component) {
		index[c] = len(index) + 1
		low[c] = index[c]
		stack = append(stack, c)
		onStack[c] = true
		c.downstream(func(next *component) {
			if index[next] == 0 {
				visit(next)
				low[c] = min(low[c], low[next])
			} else if onStack[next] {
				low[c] = min(low[c], index[next])
			}
		})
		if low[c] != index[c] {
			return
		}
		for cycles++; ; {
			last := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			onStack[last] = false
			last.cycle = cycles
			if last == c {
				return
			}
		}
	}
	for _, c := range p.components {
		if index[c] == 0 {
			visit(c)
		}
	}
	for _, c := range p.components {
		for _, out := range c.outputs {
			for _, e := range out.edges {
				e.cyclic = c.cycle == e.to.cycle
			}
		}
	}
}
