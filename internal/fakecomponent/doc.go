// Package fakecomponent is a spout or a bolt for tests, well-behaved or hostile,
// depending on its [Script].
//
// It has its own implementation of the protocol and shares no code with the host, so that
// an error in the host's codec cannot cancel itself out. The component is the test's own
// binary; its TestMain begins with
//
//	fakecomponent.Main()
//
// and the environment of the components has the script in it ([Script.Env]). A component
// writes what happens to it into a ledger, which the test reads ([ReadLedger]).
package fakecomponent
