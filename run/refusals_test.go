package run

import (
	"errors"
	"net"
	"testing"
)

// A reason is new once for each host, whatever port the connection comes from.
func TestRefusals(t *testing.T) {
	var r refusals
	at := func(host string, port int) net.Addr { return &net.TCPAddr{IP: net.ParseIP(host), Port: port} }
	secret, name := errors.New("it has another secret"), errors.New("its certificate is for x")
	for i, step := range []struct {
		from net.Addr
		why  error
		want bool
	}{
		{at("10.0.0.1", 1), secret, true},
		{at("10.0.0.1", 2), secret, false},
		{at("10.0.0.1", 3), name, true},
		{at("10.0.0.2", 4), secret, true},
		{at("::1", 5), secret, true},
		{at("::1", 6), secret, false},
		{&net.UnixAddr{Name: "@", Net: "unix"}, secret, true},
	} {
		if got := r.isNew(step.from, step.why); got != step.want {
			t.Errorf("step %d: %v", i, got)
		}
	}
	for i := range 2 * mostRefusals { // of many hosts, few are remembered
		r.isNew(at(net.IPv4(10, 1, byte(i>>8), byte(i)).String(), 1), secret)
	}
	if n := len(r.said); n > mostRefusals {
		t.Errorf("%d are remembered", n)
	}
}
