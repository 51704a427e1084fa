package topology

// JavaObject is an object that a Storm worker makes in its JVM. gust only
// passes it on to a cluster.
type JavaObject struct {
	// Class is the class, and Args its constructor's arguments: int32, int64,
	// string, bool, []byte or float64 (JavaObjectArg).
	Class string
	Args  []any
	// Serialized is the object in Java's serialization; it overrides Class and Args.
	Serialized []byte
}
