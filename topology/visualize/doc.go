// Package visualize draws a topology: its components with their tasks, and its
// streams with their fields and groupings.
//
// The package has its own layout, in layers from the spouts on the left to the last bolts
// on the right, so Graphviz need not be installed. The same topology gives the same
// picture.
package visualize
