package multilang

// nest remembers the containers that are open around a JSON value: a bit for
// each, one if it is an object. The innermost 64 are in a word; what is
// further out is on a stack, so that common values need no memory.
type nest struct {
	depth int
	most  int // the greatest depth
	inner uint64
	outer []uint64
}

func (n *nest) reset() {
	n.depth, n.most, n.inner, n.outer = 0, 0, 0, n.outer[:0]
	if cap(n.outer) > MaxDepth {
		n.outer = nil // a child that nests deep is not worth the memory
	}
}

// push opens a container.
func (n *nest) push(object bool) {
	if n.depth > 0 && n.depth%64 == 0 {
		n.outer = append(n.outer, n.inner)
	}
	n.inner <<= 1
	if object {
		n.inner |= 1
	}
	n.depth++
	n.most = max(n.most, n.depth)
}

// pop closes the innermost container.
func (n *nest) pop() {
	n.depth--
	n.inner >>= 1
	if last := len(n.outer) - 1; last >= 0 && n.depth%64 == 0 {
		n.inner, n.outer = n.outer[last], n.outer[:last]
	}
}

// object is true in an object, and false in a list.
func (n *nest) object() bool { return n.inner&1 != 0 }

// closer is the bracket that ends the innermost container.
func (n *nest) closer() byte {
	if n.object() {
		return '}'
	}
	return ']'
}
