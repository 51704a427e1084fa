package stormtest

import (
	"fmt"
	"net"
	"strconv"
)

// host is where everything listens.
const host = "127.0.0.1"

// ports are those of one cluster.
type ports struct {
	zookeeper, nimbus, secureNimbus, supervisor, logviewer int
	slots                                                  [4]int
}

// freePorts finds ports that nobody has now. They are all held until the last is
// found, so that none is found twice.
func freePorts() (p ports, err error) {
	wanted := []*int{&p.zookeeper, &p.nimbus, &p.secureNimbus, &p.supervisor, &p.logviewer}
	for i := range p.slots {
		wanted = append(wanted, &p.slots[i])
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

// listens is nil where something listens on the port.
func listens(port int) error {
	c, err := net.Dial("tcp", address(port))
	if err != nil {
		return err
	}
	return c.Close()
}
