package stormtest

import (
	"slices"
	"strings"
)

// Release is a Storm for a cluster: its number, which is also the name of the folder of
// its jars.
type Release string

// The releases that storm/stormtest/fetch-storm fetches, the last of each line.
const (
	Storm1 Release = "1.2.4"
	Storm2 Release = "2.8.3"
)

// old reports whether the ZooKeeper of the release does not know a server by its address on
// Java 14 and later (ZOOKEEPER-3779).
func (r Release) old() bool {
	return strings.HasPrefix(string(r), "1.") || slices.Contains([]string{"2.0", "2.1", "2.2"}, string(r)[:3])
}

// nimbus is the class of Nimbus, which was Clojure before 2.0.
func (r Release) nimbus() string {
	if r == Storm1 {
		return "org.apache.storm.daemon.nimbus"
	}
	return "org.apache.storm.daemon.nimbus.Nimbus"
}

// logviewer is the class of the logviewer, empty if Maven Central has none.
func (r Release) logviewer() string {
	if r == Storm1 {
		return "org.apache.storm.daemon.logviewer"
	}
	return ""
}

// NewestJava is the last Java on which the release runs, 0 for any. Storm 1.x gets its user
// through the security manager, which Java 24 removed.
func (r Release) NewestJava() int {
	if r == Storm1 {
		return 23
	}
	return 0
}
