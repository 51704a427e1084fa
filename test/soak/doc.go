// Soak runs a topology under `gust run` while it kills, stops, slows and corrupts the
// topology's processes at random. Then it compares all records: no tuple may be lost.
//
//	soak -gust bin/gust -for 60m >soak.json
//	soak -gust bin/gust -for 60m -workers 3 >soak.json
//	soak -gust bin/gust -for 60m -workers 3 -tcp >soak.json
//
// With several workers, of `gust run -w` or `gust worker` (byhand.go), it also kills and stops these, and is between them (links.go), to
// reset and cut their connections. Before that it times what a lost worker does to the trees
// that it had (drill.go).
//
// The program plays every part: without arguments it is the driver, and as
// `soak component DIR` it is one spout or bolt of the topology (topology.go has
// its picture). The components speak the multilang protocol by hand, and
// nothing here imports a room of gust's, so that a bug there cannot cancel
// itself out here.
//
// There are these books, each in a file of its own for each task, line by line, so that they
// survive any death:
//
//   - a spout's ledger: what it emitted, and each ack and fail (ledger.go);
//   - what each sink got (sinks.go);
//   - which tuples a bolt failed, or forgot, on purpose (misdeeds.go);
//   - which processes died with their worker, by the driver (roster.go).
//
// After the run, verify.go compares them, and verdict.go compares gust's own figures with
// them. docs/reliability.md has the promises in words.
package main
