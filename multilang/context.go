package multilang

// Context tells a child its place in the topology (TopologyContext).
type Context struct {
	TaskComponents map[int32]string // task->component
	TaskID         int32
	ComponentID    string
	Streams        []string                       // in any order
	OutputFields   map[string][]string            // stream -> fields
	Targets        map[string]map[string]Grouping // stream -> target component -> grouping
	Sources        map[string]map[string]Grouping // source component -> stream -> grouping
	SourceFields   map[string]map[string][]string // source component -> stream -> fields
}

// Grouping as a context shows it: its type, and its fields for FIELDS.
type Grouping struct {
	Type   string
	Fields []string
}
