// Package stormtest gives tests a cluster to talk to: a real one, made of
// Storm's own jars on this machine ([New]), and a Nimbus of our own on the
// real protocol for what a real one cannot be made to do ([NewFake]).
package stormtest
