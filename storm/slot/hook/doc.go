// Package hook puts gust between a Storm supervisor and its workers' commands, and takes it
// away again.
//
// Storm 2.3 and later have a plug-in that starts workers (ResourceIsolationInterface): plugin/ has
// gust's, a few lines of Java that put gust in front of the command of a topology that sets
// gust.workers. plugin.jar is its compiled form; `make plugin` makes it again. Older releases
// have no such plug-in: there a directory that looks like the JDK stands in for it, in which
// java is gust.
package hook
