// Soak runs a topology under `gust run` while it kills, stops, slows and
// corrupts the topology's processes at random, and then holds what everybody
// wrote down against each other: no tuple may be lost.
//
//	soak -gust bin/gust -for 60m >soak.json
//
// The program plays every part: without arguments it is the driver, and as
// `soak component DIR` it is one spout or bolt of the topology (topology.go has
// its picture). The components speak the multilang protocol by hand, and
// nothing here imports a room of gust's, so that a bug there cannot cancel
// itself out here.
//
// Three books are kept, each in a file of its own for each task, line by line,
// so that they outlive any death:
//
//   - a spout's ledger: what it emitted, and each ack and fail (ledger.go);
//   - what each sink got (sinks.go);
//   - which tuples a bolt failed, or forgot, on purpose (misdeeds.go).
//
// When the run has ended, verify.go holds them against each other, and
// verdict.go holds gust's own figures against them. docs/reliability.md says in
// words what is promised.
package main
