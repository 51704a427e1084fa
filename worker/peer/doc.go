// Package peer is the protocol between the workers of one topology: what two workers say
// to each other over one connection, as types that know nothing of sockets and clocks.
package peer
