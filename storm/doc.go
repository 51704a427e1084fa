// Package storm talks to the Nimbus of an Apache Storm cluster, 1.x or 2.x.
//
// [Dial] finds the leader among the seeds and gives a [Client]; its methods are
// the calls of Storm's Nimbus service that gust needs, with the answers as the
// types of package generated, which `make gen` makes from storm.thrift.
//
// # What goes over the wire
//
// Thrift's strict binary protocol in frames: four bytes of length, then one
// message. A frame that is longer than nimbus.thrift.max_buffer_size gets no
// answer at all, so the client refuses to send one. Over TLS there are no
// frames; a Nimbus that wants SASL has frames after the negotiation.
//
// # Repeating a call
//
// When a connection breaks nobody knows whether the call was carried out. Calls
// that only ask, and those that may well be done twice, are repeated at the
// leader, which may have become another one meanwhile. The others give a
// [*LostError], unless Nimbus cannot have done anything yet.
package storm
