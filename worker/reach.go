package worker

import (
	"gust/topology"
)

// findReaches finds the bolts downstream of each spout, over any number of hops.
func (p *plan) findReaches() {
	for _, spout := range p.components {
		if spout.spec.Kind != topology.Spout {
			continue
		}
		seen := map[*component]bool{spout: true}
		var visit func(c *component)
		visit = func(c *component) {
			if seen[c] {
				return
			}
			seen[c] = true
			spout.reaches = append(spout.reaches, reach{to: c, per: 1})
			c.downstream(visit)
		}
		spout.downstream(visit)
	}
}

// reach is a bolt downstream of a spout, and how many tuples arrive there for one that
// the spout emits.
type reach struct {
	to  *component
	per float64
}
