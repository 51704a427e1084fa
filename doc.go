// Package gust has no code: it says where to start reading.
//
// Gust runs streamparse projects, and any other program that speaks Apache
// Storm's multilang protocol, without a JVM. The nouns are in package topology
// (topology.go); what crosses a child's pipes is in multilang (message.go); a
// child process and the conversation with it in shell; a topology alive, with
// its router, acker and stats, in worker (worker.go). Package topology/load
// turns what is on disk into a topology, and cmd/gust is the command line.
// Package storm is a client of Nimbus, and storm/submit sends a topology there.
// What developers need has two rooms: project for what concerns a project on disk
// (lint, quickstart, reload, virtualenv), component for one component without its
// topology (check, solo, record).
//
// Each room imports only from rows above its own; imports_test.go has the order,
// and holds it. DESIGN.md tells what lives where, and the life of a tuple.
package gust
