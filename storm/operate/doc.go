// Package operate works on the topologies of a Storm cluster: it finds, kills and
// rebalances them, and reads their components, executors, slots and errors.
package operate
