package stormtest

import (
	"fmt"
	"net"
	"strconv"
)

// host is the address of all listeners.
const host = "127.0.0.1"

// ports are those of one cluster.
type ports struct {
	zookeeper, nimbus, secureNimbus, logviewer, ui int
	supervisors                                    [2]int
	slots                                          [2][4]int // of each supervisor
}

// freePorts finds free ports. It keeps all of them until the last is found, so that none
// is found twice.
func freePorts() (p ports, err error) {
	wanted := []*int{&p.zookeeper, &p.nimbus, &p.secureNimbus, &p.logviewer, &p.ui}
	for i := range p.supervisors {
		wanted = append(wanted, &p.supervisors[i])
		for j := range p.slots[i] {
			wanted = append(wanted, &p.slots[i][j])
		}
	}
	for _, port := range wanted {
		l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
		if err != nil {
			return p, fmt.Errorf("no free port: %w", err)
		}
		defer l.Close()
		*port = l.Addr().(*net.TCPAddr).Port
	}
	return p, nil
}

func address(port int) string { return net.JoinHostPort(host, strconv.Itoa(port)) }

// listens returns nil if there is a listener on the port.
func listens(port int) error {
	c, err := net.Dial("tcp", address(port))
	if err != nil {
		return err
	}
	return c.Close()
}
