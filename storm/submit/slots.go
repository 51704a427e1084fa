package submit

import "gust/storm/generated"

// Slots counts the slots of a cluster's supervisors, and those of them that
// workers have.
func Slots(cluster *generated.ClusterSummary) (all, used int) {
	for _, s := range cluster.Supervisors {
		all, used = all+int(s.NumWorkers), used+int(s.NumUsedWorkers)
	}
	return all, used
}
