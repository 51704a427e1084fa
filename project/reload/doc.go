// Package reload finds the effect of changed files on a topology: which components use
// them, and whether they can run.
//
// A component in Python uses the modules that it imports, directly or indirectly, if they
// are in its directory. A Python program finds them in the sources, with the component's
// own interpreter and without running them (graph.py). It does not find imports that are
// computed at run time. Any other component uses the files in its command, and the files
// of the same kind beside them.
package reload
