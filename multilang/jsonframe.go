package multilang

import "bytes"

// jsonFrames cuts a child's output into frames: the text before a line that is
// exactly `end`. Such a line cannot be part of a message, since a line feed in a
// JSON string is escaped; so frames are found before anybody looks into them, and
// one broken message cannot take its neighbours with it.
type jsonFrames struct {
	window
	line     int // where the current line begins
	searched int // how far that line has been searched for its end
	frame    int // the length of the open frame's text, or of what is left of it
	tail     int // the length of its end line; 0 if no frame is open
}

// open finds the next frame; false if its end has not come yet. What has been
// searched once is not searched again when more bytes come.
func (f *jsonFrames) open() (bool, error) {
	for {
		n, known := endLine(f.unread[f.line:])
		if n > 0 {
			if f.line-1 > f.limit {
				return false, ErrTooLarge
			}
			f.frame, f.tail = f.line, n
			f.line, f.searched = 0, 0
			return true, nil
		}
		i := -1
		if known {
			i = bytes.IndexByte(f.unread[f.searched:], '\n')
		}
		if i < 0 {
			if len(f.unread) > f.limit+len("\nend\r\n") {
				return false, ErrTooLarge
			}
			if known {
				f.searched = len(f.unread)
			}
			return false, nil
		}
		f.line = f.searched + i + 1
		f.searched = f.line
	}
}

// body is what is left of the open frame's text.
func (f *jsonFrames) body() []byte { return f.unread[:f.frame] }

// cut drops the first n bytes of the open frame, and closes it if nothing is left.
func (f *jsonFrames) cut(n int) {
	f.frame -= n
	if f.frame == 0 {
		n += f.tail
		f.tail = 0
	}
	f.take(n)
}

// endLine is the length of the end line that b, the beginning of a line, starts
// with: 0 if it is another line, or if too little of it is known.
func endLine(b []byte) (n int, known bool) {
	const unix, dos = "end\n", "end\r\n"
	switch {
	case len(b) >= len(unix) && string(b[:len(unix)]) == unix:
		return len(unix), true
	case len(b) >= len(dos):
		if string(b[:len(dos)]) == dos {
			return len(dos), true
		}
		return 0, true
	}
	return 0, string(b) != dos[:len(b)]
}
