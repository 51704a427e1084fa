// Package operate is what one does with the topologies of a Storm cluster: find one,
// kill and rebalance it, and see its components, executors, slots and errors.
package operate
