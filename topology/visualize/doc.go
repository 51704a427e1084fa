// Package visualize draws a topology: its components with their tasks, and its
// streams with their fields and groupings.
//
// The picture is laid out by this package, in layers from the spouts on the left
// to the last bolts on the right, so that no Graphviz has to be installed. It
// is the same each time for the same topology.
package visualize
