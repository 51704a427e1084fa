// Package lint finds what can be known to be wrong with a topology before it is
// started: that its graph is not sound, that its programs or classes are not
// there, that a component emits what it does not declare, that a key of its
// configuration is none of Storm's.
//
// What it says is certain where it is an [Error]: such a topology does not
// start, or a tuple of it fails. A [Warning] is what works, and is hardly meant: to emit what the stream does
// not declare does no harm where nobody subscribes.
package lint
