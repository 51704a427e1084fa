// Package record keeps the conversations with processes in files, byte by byte,
// and reads them again.
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
// The second line is the [Header]. Each [Chunk] that follows is a line with its
// pipe, the seconds since the process was started and the number of bytes; then
// these bytes, exactly as they went through the pipe; then a line feed. So a
// recording of JSON can be read with a pager, and any of them with ten lines of
// any language. docs/record.md describes it for those who do.
//
// # Concurrency properties
//
// The methods of a [Tape] copy what they are given into memory, which is
// bounded, and return. One goroutine of the [Recorder] writes all files. Where
// it cannot keep up, bytes are dropped, and a chunk says how many.
package record
