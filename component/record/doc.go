// Package record writes the conversations with processes to files, byte by byte, and
// reads them.
//
// A recording is the life of one process, in one or more parts, each a file:
//
//	gust recording 1
//	{"component":"count","task":4,...}
//	stdin 0.000412 1893
//	{"pidDir":...}
//	end
//
//	stdout 0.081200 14
//	{"pid": 4711}
//	end
//
//	exit 2.513004 30
//	{"exit":"exit status 0",...}
//
// The second line is the [Header]. Each [Chunk] after it is a line with its pipe, the
// seconds since the process was started and the number of bytes; then these bytes,
// exactly as they went through the pipe; then a line feed. So a pager shows a recording
// of JSON, and ten lines of any language read any recording. docs/record.md describes the
// format.
//
// # Concurrency properties
//
// The methods of a [Tape] copy their arguments into memory, which is limited, and return.
// One goroutine of the [Recorder] writes all files. If it is too slow, bytes are dropped,
// and a chunk has their number.
package record
