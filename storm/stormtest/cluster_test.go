package stormtest

import (
	"net"
	"testing"
)

// Another program may take a port between its choice and the daemon's start.
func TestClusterRestartsIfAPortIsTaken(t *testing.T) {
	taken, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	chosen := 0
	c := start(t, Options{NimbusOnly: true}, func() (ports, error) {
		p, err := freePorts()
		if chosen++; chosen == 1 {
			p.nimbus = taken.Addr().(*net.TCPAddr).Port
		}
		return p, err
	})
	if chosen != 2 {
		t.Errorf("ports were chosen %d times, want 2", chosen)
	}
	if c.Nimbus() == taken.Addr().String() {
		t.Error("the cluster's Nimbus is at the port that was taken")
	}
}
