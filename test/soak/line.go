package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
)

// line is a component's connection to the driver. It is separate from the pipes to gust,
// so that the driver knows the processes without gust.
type line struct {
	mu   sync.Mutex
	conn net.Conn
}

// socketFile is in the run's folder.
const socketFile = "driver"

// dialDriver reports to the driver that the component lives, and starts to obey it.
func dialDriver(c *component) (*line, error) {
	conn, err := net.Dial("unix", filepath.Join(c.dir, socketFile))
	if err != nil {
		return nil, err
	}
	l := &line{conn: conn}
	l.say("hello %s %d %d %d", c.name, c.task, os.Getpid(), os.Getppid())
	go func() {
		orders := bufio.NewScanner(conn)
		for orders.Scan() {
			c.obey(orders.Text())
		}
	}()
	return l, nil
}

// say sends a line. It ignores errors: the driver may end before its components.
func (l *line) say(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(l.conn, format+"\n", args...)
}
