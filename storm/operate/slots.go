package operate

import (
	"maps"
	"slices"

	"gust/storm/generated"
)

// Slots counts the slots of a cluster's supervisors, and the used ones.
func Slots(cluster *generated.ClusterSummary) (all, used int) {
	for _, s := range cluster.Supervisors {
		all, used = all+int(s.NumWorkers), used+int(s.NumUsedWorkers)
	}
	return all, used
}

// Usage counts slots and executors by machine and topology.
type Usage struct {
	Hosts, Topologies []string // sorted

	ports     map[place]map[int32]bool
	executors map[place]int
}

// place is a topology on a machine.
type place struct{ host, topology string }

// UsageOf counts the slots and executors that are in use.
func UsageOf(executors []Executor) *Usage {
	u := &Usage{ports: map[place]map[int32]bool{}, executors: map[place]int{}}
	hosts, topologies := map[string]bool{}, map[string]bool{}
	for _, e := range executors {
		at := place{e.Host, e.Topology.Name}
		if u.ports[at] == nil {
			u.ports[at] = map[int32]bool{}
		}
		u.ports[at][e.Port] = true
		u.executors[at]++
		hosts[at.host], topologies[at.topology] = true, true
	}
	u.Hosts, u.Topologies = slices.Sorted(maps.Keys(hosts)), slices.Sorted(maps.Keys(topologies))
	return u
}

// At is the number of slots that a topology uses on a machine, and the number of
// executors that run in them.
func (u *Usage) At(host, topology string) (slots, executors int) {
	at := place{host, topology}
	return len(u.ports[at]), u.executors[at]
}
