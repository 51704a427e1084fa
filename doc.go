// Package gust has no code: it says where to start reading.
//
// Gust runs streamparse projects, and any other program that speaks Apache
// Storm's multilang protocol, without a JVM. The nouns are in package topology
// (topology.go); what crosses a child's pipes is in multilang (message.go); a
// child process and the conversation with it in shell; a topology alive, with
// its router, acker and stats, in worker (worker.go). Package topology/load
// turns what is on disk into a topology, and cmd/gust is the command line.
// Package storm is a client of Nimbus, and submit sends a topology there. What
// developers need around that has a room each: check, lint, record, reload,
// runner, solo, visualize, quickstart, virtualenv, jar.
//
// Each room imports only from rooms to its left; imports_test.go has the order,
// and holds it. DESIGN.md tells what lives where, and the life of a tuple.
package gust
