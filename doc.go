// Package gust has no code: it says where to start reading.
//
// Gust runs streamparse projects, and any other program that speaks Apache
// Storm's multilang protocol, without a JVM. The nouns are in package topology
// (topology.go); what crosses a child's pipes is in multilang (message.go); a
// child process and the conversation with it in shell; a topology alive, with
// its router, acker and stats, in worker (worker.go). Package topology/load
// turns what is on disk into a topology, and cmd/gust is the command line.
// Each room imports only from rooms to its left,
//
//	{conf topology multilang supervisor storm} < {topology/load shell} < worker < {nimbus supervisor/node ui} < cmd
//
// and imports_test.go holds this. DESIGN.md tells the life of a tuple.
package gust
