package main

import "encoding/json"

// sink writes down each tuple that it gets, before it acks it. The lines of its
// book, of the kind sinks, are
//
//	ID ATTEMPT PART
type sink struct {
	*boltContext
	book *book
	err  error // of opening the book
}

const sinks = "sinks"

func newSink(c *boltContext) bolt {
	book, err := openBook(bookPath(c.dir, sinks, c.name, c.task))
	return &sink{c, book, err}
}

func (s *sink) process(t *tuple) error {
	if s.err != nil {
		return s.err
	}
	members, part, err := s.members(t)
	if err != nil {
		return err
	}
	for _, m := range members {
		if err := s.book.note("%s %d %d", m.ID, m.N, part); err != nil {
			return err
		}
	}
	return s.ack(t.id)
}

// members are the attempts in a tuple, and their part.
func (s *sink) members(t *tuple) (members []attempt, part int, err error) {
	var a attempt
	switch s.name {
	case "count", "audit":
		var key string
		err = t.read(&a.ID, &key, &a.N, &part)
		return []attempt{a}, part, err
	case "archive":
		var pairs [][2]json.RawMessage
		err = t.read(&pairs)
		for _, pair := range pairs {
			if err == nil {
				err = (&tuple{comp: t.comp, values: pair[:]}).read(&a.ID, &a.N)
			}
			members = append(members, a)
		}
		return members, 0, err
	default:
		err = t.read(&a.ID, &a.N)
		return []attempt{a}, 0, err
	}
}
