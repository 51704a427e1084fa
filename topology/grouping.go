package topology

import "strings"

// GroupingType is how to distribute a stream's tuples to the tasks of a bolt.
type GroupingType uint8

// Storm's groupings.
const (
	// Shuffle spreads tuples evenly.
	Shuffle GroupingType = iota
	// Fields sends tuples with the same values in the grouping's fields to the same task.
	Fields
	// All sends each tuple to every task.
	All
	// Global sends all tuples to the task with the lowest id. In Thrift it is Fields without fields.
	Global
	// None leaves the choice to the host, which shuffles.
	None
	// Direct leaves the choice to the emitter, which names the task.
	Direct
	// LocalOrShuffle prefers tasks in the same worker process.
	LocalOrShuffle
	// Custom is a grouping in Java code; it needs a JVM.
	Custom
)

var groupingNames = [...]string{
	Shuffle: "SHUFFLE", Fields: "FIELDS", All: "ALL", Global: "GLOBAL", None: "NONE",
	Direct: "DIRECT", LocalOrShuffle: "LOCAL_OR_SHUFFLE", Custom: "CUSTOM",
}

// String is the name in Flux, and in the context that Storm sends to a child, such as
// "FIELDS".
func (g GroupingType) String() string { return groupingNames[g] }

// ParseGroupingType reads a grouping's name as Flux writes it, in any case and
// with "-" for "_".
func ParseGroupingType(s string) (GroupingType, bool) {
	name := strings.ToUpper(strings.ReplaceAll(s, "-", "_"))
	for i, n := range groupingNames {
		if n == name {
			return GroupingType(i), true
		}
	}
	return 0, false
}

// GroupingNames lists the groupings' names, for error messages.
func GroupingNames() []string { return append([]string(nil), groupingNames[:]...) }

// Grouping is how one input is spread over a bolt's tasks.
type Grouping struct {
	Type GroupingType
	// Fields are the names of the fields, for Type Fields alone.
	Fields []string
	// Class is the Java class, for Type Custom alone.
	Class string
	// Object is the Java object of a custom grouping; nil if the topology's format does
	// not have it.
	Object *JavaObject
}
