// Package multilang is Storm's multilang protocol as messages and bytes: what a
// host says to a child, what a child says to its host, and the two codecs, JSON
// and msgpack. It has no processes, no goroutines and no clock.
package multilang
