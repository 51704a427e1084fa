// Package reload works out what a change of files means for a topology: which
// components are made of them, and whether they can run as they are now.
//
// Of a component in Python, what it is made of are the modules that it imports,
// directly or through others, as far as they lie in its directory. A Python
// program reads that from the sources, with the component's own interpreter and
// without running them (graph.py). Imports that are worked out while the
// component runs are not seen. Of any other component it is what its command
// names, and what lies beside that and looks like it.
package reload
