package stormtest

import "cmp"

// Release is a Storm for a cluster: its number, which is also the name of the folder of
// its jars.
type Release string

// The releases that storm/stormtest/fetch-storm fetches, the last of each line.
const (
	Storm1 Release = "1.2.4"
	Storm2 Release = "2.8.3"
)

// oldZooKeeper reports whether the release has ZooKeeper 3.4. It does not know a server by its
// address on Java 14 and later (ZOOKEEPER-3779).
func (r Release) oldZooKeeper() bool { return r.before("2.4") }

// managed reports whether the release gets its user through the security manager, which Java 24
// removed.
func (r Release) managed() bool { return r.before("2.8") }

// before compares the numbers of releases, none of which has two digits.
func (r Release) before(line Release) bool { return cmp.Or(r, Storm2) < line }

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

// NewestJava is the last Java on which the release runs, 0 for any.
func (r Release) NewestJava() int {
	if r.managed() {
		return 23
	}
	return 0
}
