// Package stormtest gives tests a cluster: a real one, of Storm's own jars on this
// machine ([New]), and a fake Nimbus on the real protocol for behaviour that a real one
// cannot be made to show ([NewFake]).
package stormtest
