// Package remote lets a process see and control a worker in another process: the parent of a
// `gust run` with several workers, or another worker of the same topology that shows all of
// them.
//
// # The protocol
//
// Both sides send lines of JSON over one connection, each an object. The viewer sends
// requests, such as
//
//	{"id":7,"do":"snapshot"}
//	{"id":8,"do":"restart","component":"count"}
//
// and the worker answers them in any order. Between the answers it sends what has happened:
//
//	{"about":{"topology":"wordcount","worker":1,"pid":4711}}   first of all
//	{"log":{"level":"info","component":"count","message":"up"}}
//	{"ready":true}
//	{"answer":7,"snapshot":{...}}
//	{"ended":{"error":"","snapshot":{...}}}                    last of all
//
// It is JSON because most of it is JSON already: the log is, and the snapshot is on its way to
// a page. A snapshot of a hundred tasks is about 100 kB, once a second, for each viewer. Go
// encodes it within a millisecond or two. A field that one side does not know is
// skipped, so that a newer worker can say more. And what goes wrong can be watched with socat.
// A binary encoding would save little; tuples do not come this way.
//
// Whoever starts a worker gives it one end of a socket pair. Over a network both sides prove
// first that they know the secret of the topology ([Prove]). Only TLS encrypts what they say:
// see [SplitOptions].
//
// # Concurrency properties
//
//   - The journal of a worker is handed over once. [Hub] hands it to each of several viewers.
//   - A viewer that does not read stops nobody: its log lines are dropped, and only the
//     goroutine waits that answers it.
package remote
