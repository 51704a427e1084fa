package multilang

// jsonShape has the sizes of the containers in a JSON text, in the order they
// open in. Msgpack has them in front of the values, and JSON does not have them.
//
// open, add and close follow a [jsonScanner], if wanted.
type jsonShape struct {
	wanted bool
	few    [8]jsonContainer // as many as common tuples have, without an allocation
	more   []jsonContainer
	count  int32
	inner  int32 // the innermost open container
}

type jsonContainer struct {
	size  int32 // a list's values, an object's pairs
	outer int32 // the container around it
}

// container is the nth one that opened.
func (s *jsonShape) container(n int32) *jsonContainer {
	if int(n) < len(s.few) {
		return &s.few[n]
	}
	return &s.more[int(n)-len(s.few)]
}

func (s *jsonShape) open() {
	if !s.wanted {
		return
	}
	if int(s.count) >= len(s.few) {
		s.more = append(s.more, jsonContainer{})
	}
	s.container(s.count).outer = s.inner
	s.inner = s.count
	s.count++
}

func (s *jsonShape) add() {
	if s.wanted {
		s.container(s.inner).size++
	}
}

func (s *jsonShape) close() {
	if s.wanted {
		s.inner = s.container(s.inner).outer
	}
}
