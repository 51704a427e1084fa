// Package lint finds mistakes in a topology before it runs: an invalid graph, programs or
// classes that do not exist, emits that are not declared, unknown keys in the
// configuration.
//
// An [Error] is certain: such a topology does not start, or a tuple of it fails. A
// [Warning] works, but is probably not intended: an undeclared emit does no harm if there
// is no subscriber.
package lint
