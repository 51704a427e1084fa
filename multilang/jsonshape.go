package multilang

// jsonShape has the sizes of the containers in a JSON text, in the order they
// open in. Msgpack wants them in front of the values, where JSON does not have them.
//
// Its methods follow a [jsonScanner]; on nil they do nothing.
type jsonShape struct {
	containers []jsonContainer
	current    int32 // the innermost open container, -1 outside
}

type jsonContainer struct {
	size  int32 // a list's values, an object's pairs
	outer int32 // the container around it
}

func (s *jsonShape) open() {
	if s != nil {
		s.containers = append(s.containers, jsonContainer{outer: s.current})
		s.current = int32(len(s.containers) - 1)
	}
}

func (s *jsonShape) add() {
	if s != nil {
		s.containers[s.current].size++
	}
}

func (s *jsonShape) close() {
	if s != nil {
		s.current = s.containers[s.current].outer
	}
}
