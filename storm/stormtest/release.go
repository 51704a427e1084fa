package stormtest

// Release is a Storm that a cluster can be made of: its number, which is also
// the name of the folder of its jars.
type Release string

// The releases that scripts/storm fetches, the last of each line.
const (
	Storm1 Release = "1.2.4"
	Storm2 Release = "2.8.3"
)

// nimbus is the class of Nimbus, which was Clojure before 2.0.
func (r Release) nimbus() string {
	if r == Storm1 {
		return "org.apache.storm.daemon.nimbus"
	}
	return "org.apache.storm.daemon.nimbus.Nimbus"
}

// logviewer is the class of the logviewer, empty where Maven Central has none.
func (r Release) logviewer() string {
	if r == Storm1 {
		return "org.apache.storm.daemon.logviewer"
	}
	return ""
}

// newestJava is the last Java that it runs on, 0 where every later one will do.
// Storm 1.x asks for its user in a way that Java 24 took away, with the security
// manager.
func (r Release) newestJava() int {
	if r == Storm1 {
		return 23
	}
	return 0
}
