// Package fakecomponent is a spout or a bolt for tests, well-behaved or hostile
// as its [Script] says.
//
// It speaks the protocol by hand: nothing of it is shared with the host, so
// that a fault of the host's codec cannot cancel itself out. A test's binary is
// started again as the component; its TestMain begins with
//
//	fakecomponent.Main()
//
// and the environment of the components has the script in it ([Script.Env]).
// What a component lives to see it writes into a ledger, which the test reads
// ([ReadLedger]).
package fakecomponent
