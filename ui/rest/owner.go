package rest

import "net/http"

// Owners are those whose topologies run: UIHelpers.getOwnerResourceSummaries.
type Owners struct {
	Owners []Owner `json:"owners"`
	display
}

// OwnerPage is an owner and their topologies: UIHelpers.getOwnerResourceSummary.
type OwnerPage struct {
	Owner
	Topologies []TopologySummary `json:"topologies"`
	display
}

// Owner is what an owner's topologies use: UIHelpers.unpackOwnerResourceSummary. gust
// guarantees no resources.
type Owner struct {
	Owner                    string `json:"owner"`
	TotalTopologies          int    `json:"totalTopologies"`
	TotalExecutors           int    `json:"totalExecutors"`
	TotalWorkers             int    `json:"totalWorkers"`
	TotalTasks               int    `json:"totalTasks"`
	TotalMemoryUsage         double `json:"totalMemoryUsage"`
	TotalCPUUsage            double `json:"totalCpuUsage"`
	MemoryGuarantee          string `json:"memoryGuarantee"`
	CPUGuarantee             string `json:"cpuGuarantee"`
	IsolatedNodes            int    `json:"isolatedNodes"`
	MemoryGuaranteeRemaining string `json:"memoryGuaranteeRemaining"`
	CPUGuaranteeRemaining    string `json:"cpuGuaranteeRemaining"`
	TotalReqOnHeapMem        double `json:"totalReqOnHeapMem"`
	TotalReqOffHeapMem       double `json:"totalReqOffHeapMem"`
	TotalReqMem              double `json:"totalReqMem"`
	TotalReqCPU              double `json:"totalReqCpu"`
	TotalAssignedOnHeapMem   double `json:"totalAssignedOnHeapMem"`
	TotalAssignedOffHeapMem  double `json:"totalAssignedOffHeapMem"`
}

// newOwner is an owner without topologies.
func newOwner(name string) *Owner {
	const none = "N/A" // Storm's word
	return &Owner{Owner: name, IsolatedNodes: -1,
		MemoryGuarantee: none, CPUGuarantee: none, MemoryGuaranteeRemaining: none, CPUGuaranteeRemaining: none}
}

func (o *Owner) add(t topology) {
	o.TotalTopologies++
	o.TotalWorkers++
	o.TotalExecutors += t.Executors
	o.TotalTasks += t.Tasks
}

func (a *api) ownerResources(*http.Request) (any, error) {
	var list []*Owner
	byName := map[string]*Owner{}
	for _, t := range a.running() {
		if byName[t.Owner] == nil {
			byName[t.Owner] = newOwner(t.Owner)
			list = append(list, byName[t.Owner])
		}
		byName[t.Owner].add(t)
	}
	answer := Owners{Owners: []Owner{}}
	for _, o := range list {
		answer.Owners = append(answer.Owners, *o)
	}
	return answer, nil
}

func (a *api) ownerResource(r *http.Request) (any, error) {
	owner := newOwner(r.PathValue("owner"))
	page := OwnerPage{Topologies: []TopologySummary{}}
	for _, t := range a.running() {
		if t.Owner == owner.Owner {
			owner.add(t)
			page.Topologies = append(page.Topologies, t.summary())
		}
	}
	page.Owner = *owner
	return page, nil
}
