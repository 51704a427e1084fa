package multilang

// begin makes m an empty message. Fields that a child leaves out keep the values that
// they have here.
func (m *Message) begin() { *m = Message{Level: Info, NeedTaskIDs: true} }

// finish sets what depends on the command, which word names, nil if there is none. It
// removes the defaults that belong to another command.
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

// level is the level of a log, Info if it is not a valid number.
func level(n int64, ok bool) Level {
	if !ok || n < int64(Trace) || n > int64(Err) {
		return Info
	}
	return Level(n)
}

// task is the task of a direct emit. If it is not a number it becomes -1, which no task
// has, so that the emit is an error and not an emit to all groupings.
func task(n int64, ok bool) int64 {
	if !ok {
		return -1
	}
	return n
}

// recycle empties scratch memory for the next message, or releases it if a large message
// has enlarged it.
func recycle(b []byte) []byte {
	if cap(b) > 64<<10 {
		return nil
	}
	return b[:0]
}
