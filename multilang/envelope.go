package multilang

// begin makes m an empty message, with the values that fields have where a child
// leaves them out.
func (m *Message) begin() { *m = Message{Level: Info, NeedTaskIDs: true} }

// finish settles what depends on the command: which one word names, and that the
// defaults of one command are not seen in another. word is nil where there is none.
func (m *Message) finish(word []byte) {
	switch {
	case word != nil:
		if m.Command = commandNamed(word); m.Command == UnknownCommand {
			m.Name = word
		}
	case m.PID != 0:
		m.Command = PID
	}
	if m.Command != Emit {
		m.NeedTaskIDs = false
	}
	if m.Command != Log {
		m.Level = 0
	}
}

func commandNamed(word []byte) Command {
	switch string(word) {
	case "emit":
		return Emit
	case "ack":
		return Ack
	case "fail":
		return Fail
	case "log":
		return Log
	case "error":
		return Error
	case "metrics":
		return Metrics
	case "sync":
		return Sync
	}
	return UnknownCommand
}

// level reads a log's level, where it is a number.
func level(n int64, ok bool) Level {
	if !ok || n < int64(Trace) || n > int64(Err) {
		return Info
	}
	return Level(n)
}

// task reads the task of a direct emit. What is no number is -1, a task that
// nobody has: such an emit must not go to everybody.
func task(n int64, ok bool) int64 {
	if !ok {
		return -1
	}
	return n
}

// recycle empties scratch memory for the next message, or lets go of it where
// one large message has blown it up.
func recycle(b []byte) []byte {
	if cap(b) > 64<<10 {
		return nil
	}
	return b[:0]
}
