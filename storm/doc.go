// Package storm talks to the Nimbus of an Apache Storm cluster, 1.x or 2.x.
//
// [Dial] finds the leader among the seeds and returns a [Client]. Its methods are the
// calls of Storm's Nimbus service that gust needs. The answers have the types of package
// generated, which `make gen` generates from storm.thrift.
//
// # The protocol
//
// Thrift's strict binary protocol in frames: four bytes of length, then one message. A
// frame that is longer than nimbus.thrift.max_buffer_size gets no answer at all, so the
// client does not send one. There are no frames over TLS; a Nimbus with SASL has frames
// after the negotiation.
//
// # Repeating a call
//
// When a connection breaks, the call may or may not have been executed. The client
// repeats queries, and calls that may be executed twice, at the leader, which may be
// another one by then. Other calls return a [*LostError], unless Nimbus cannot have
// executed anything.
package storm
