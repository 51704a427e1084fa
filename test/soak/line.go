package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
)

// line is a component's connection to the driver. It is apart from the pipes
// to gust, so that the driver knows who lives without asking gust.
type line struct {
	mu   sync.Mutex
	conn net.Conn
}

// socketFile is in the run's folder.
const socketFile = "driver"

// dialDriver tells the driver that the component lives, and begins to obey it.
func dialDriver(c *component) (*line, error) {
	conn, err := net.Dial("unix", filepath.Join(c.dir, socketFile))
	if err != nil {
		return nil, err
	}
	l := &line{conn: conn}
	l.say("hello %s %d %d", c.name, c.task, os.Getpid())
	go func() {
		orders := bufio.NewScanner(conn)
		for orders.Scan() {
			c.obey(orders.Text())
		}
	}()
	return l, nil
}

// say sends a line. That nobody listens is no matter: the driver may be gone
// before its components are.
func (l *line) say(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(l.conn, format+"\n", args...)
}
