package rest

// What Storm's resource-aware scheduler knows of memory, in megabytes, and CPU. gust
// schedules nothing: all figures are 0, and schedulerDisplayResource is false everywhere.

// requested is what a topology asks for.
type requested struct {
	RequestedMemOnHeap        double `json:"requestedMemOnHeap"`
	RequestedMemOffHeap       double `json:"requestedMemOffHeap"`
	RequestedTotalMem         double `json:"requestedTotalMem"`
	RequestedCPU              double `json:"requestedCpu"`
	RequestedGenericResources string `json:"requestedGenericResources"`
}

// assigned is what a topology has.
type assigned struct {
	AssignedMemOnHeap        double `json:"assignedMemOnHeap"`
	AssignedMemOffHeap       double `json:"assignedMemOffHeap"`
	AssignedTotalMem         double `json:"assignedTotalMem"`
	AssignedCPU              double `json:"assignedCpu"`
	AssignedGenericResources string `json:"assignedGenericResources"`
}

// regularAndShared is the same, only on a topology's page.
type regularAndShared struct {
	RequestedRegularOnHeapMem  double `json:"requestedRegularOnHeapMem"`
	RequestedSharedOnHeapMem   double `json:"requestedSharedOnHeapMem"`
	RequestedRegularOffHeapMem double `json:"requestedRegularOffHeapMem"`
	RequestedSharedOffHeapMem  double `json:"requestedSharedOffHeapMem"`
	AssignedRegularOnHeapMem   double `json:"assignedRegularOnHeapMem"`
	AssignedSharedOnHeapMem    double `json:"assignedSharedOnHeapMem"`
	AssignedRegularOffHeapMem  double `json:"assignedRegularOffHeapMem"`
	AssignedSharedOffHeapMem   double `json:"assignedSharedOffHeapMem"`
}

// componentRequested is what a component asks for.
type componentRequested struct {
	RequestedMemOnHeap  double `json:"requestedMemOnHeap"`
	RequestedMemOffHeap double `json:"requestedMemOffHeap"`
	RequestedCPU        double `json:"requestedCpu"`
}

// capacity is what a supervisor, or the cluster, has.
type capacity struct {
	TotalMem double `json:"totalMem"`
	AvailMem double `json:"availMem"`
	TotalCPU double `json:"totalCpu"`
	AvailCPU double `json:"availCpu"`
}

// display says whether the UI shows resources.
type display struct {
	SchedulerDisplayResource bool `json:"schedulerDisplayResource"`
}
