package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// links are between the workers of `gust run -w N`, so that faults can harm what they say to
// each other. Each worker listens on a Unix socket. As soon as that is there, it is moved
// aside, and a socket of the soak takes its place and passes all bytes on.
//
// A worker that dials in the moment before that is connected directly, until one of the two
// ends or is stopped for long.
//
// Of `gust worker`, each is told to listen on one address, and to reach the others on another
// one, which is the soak's.
type links struct {
	pattern string      // of the paths of the workers' sockets
	tcp     []addresses // instead: by worker

	mu     sync.Mutex
	gates  map[string]*gate // by the path that they have taken over
	conns  map[*link]bool
	valves map[route]*valve
	passed int // connections that there ever were
	closed bool
}

// addresses are those of a worker: its own, and the one that the others know.
type addresses struct{ listen, peer string }

// gate takes the place of a worker's socket.
type gate struct {
	listener net.Listener
	file     os.FileInfo
}

// route is the way from one worker, by its process, to the socket of another, and back.
type route struct {
	dialer int // 0, which is any, over TCP
	socket string
	back   bool
}

// valve stops bytes while it is locked.
type valve struct{ sync.Mutex }

// link is a connection between two workers.
type link struct {
	route          route
	dialed, opened net.Conn
}

func newLinks(dir string) *links {
	l := &links{
		pattern: filepath.Join(dir, gustTemp, "gust-workers-*", "?.sock"),
		gates:   map[string]*gate{}, conns: map[*link]bool{}, valves: map[route]*valve{},
	}
	go func() {
		for l.look() {
			time.Sleep(2 * time.Millisecond)
		}
	}()
	return l
}

// newTCPLinks chooses the addresses of several `gust worker`, and passes on what they say.
func newTCPLinks(workers int) (*links, error) {
	l := &links{conns: map[*link]bool{}, valves: map[route]*valve{}}
	for range workers {
		// A worker that is down must find its port free: hardly anybody uses this address.
		free, err := net.Listen("tcp", "127.0.1.1:0")
		if err != nil {
			return nil, err
		}
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		free.Close()
		to := addresses{listen: free.Addr().String(), peer: listener.Addr().String()}
		l.tcp = append(l.tcp, to)
		go l.accept(listener, to.peer, to.listen)
	}
	return l, nil
}

// look takes the place of the sockets that are new: at the start, and when a worker has
// been restarted.
func (l *links) look() bool {
	paths, _ := filepath.Glob(l.pattern)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, path := range paths {
		file, err := os.Lstat(path)
		if g := l.gates[path]; !l.closed && err == nil && (g == nil || !os.SameFile(file, g.file)) {
			l.replace(path)
		}
	}
	return !l.closed
}

// replace moves a socket aside. If anything fails, the next look finds it there again, or
// the workers report that they cannot connect.
func (l *links) replace(path string) {
	if g := l.gates[path]; g != nil {
		g.listener.Close()
		delete(l.gates, path)
	}
	aside := path + ".aside"
	if os.Rename(path, aside) != nil {
		return
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return
	}
	listener.(*net.UnixListener).SetUnlinkOnClose(false) // by then it may be the worker's
	file, err := os.Lstat(path)
	if err != nil {
		return
	}
	l.gates[path] = &gate{listener, file}
	go l.accept(listener, path, aside)
}

// accept takes the connections to one address, and passes them on to another one.
func (l *links) accept(listener net.Listener, at, to string) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go l.pass(conn, at, to)
	}
}

// pass connects a worker that has dialed to the one that it meant.
func (l *links) pass(dialed net.Conn, at, to string) {
	opened, err := net.Dial(dialed.LocalAddr().Network(), to)
	if err != nil {
		dialed.Close()
		return
	}
	k := &link{route{dialer: dialerOf(dialed), socket: at}, dialed, opened}
	l.mu.Lock()
	l.conns[k] = true
	l.passed++
	there := l.valve(k.route)
	back := l.valve(k.route.reverse())
	l.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { there.copy(opened, dialed) })
	both.Go(func() { back.copy(dialed, opened) })
	both.Wait()
	dialed.Close()
	opened.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, k)
}

func (r route) reverse() route {
	r.back = !r.back
	return r
}

// valve is the one of a direction. A connection that is made while it is shut says
// nothing either.
func (l *links) valve(r route) *valve {
	if l.valves[r] == nil {
		l.valves[r] = &valve{}
	}
	return l.valves[r]
}

// copy passes on what is said, and the end of it, which waits behind a shut valve, too: of
// somebody who is cut off, the other side knows nothing.
func (v *valve) copy(to, from net.Conn) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		v.Lock()
		_, writeErr := to.Write(buf[:n])
		v.Unlock()
		if err != nil || writeErr != nil {
			to.Close()
			from.Close()
			return
		}
	}
}

// shut stops a direction for a time.
func (v *valve) shut(d time.Duration) {
	v.Lock()
	defer v.Unlock()
	time.Sleep(d)
}

// reset resets the connection. Over a Unix socket, a side gets an error, not an end, if
// something is unread.
func (k *link) reset() {
	for _, conn := range []net.Conn{k.dialed, k.opened} {
		if tcp, ok := conn.(*net.TCPConn); ok {
			tcp.SetLinger(0)
		}
		conn.Close()
	}
}

func (k *link) String() string {
	return fmt.Sprintf("worker pid %d to %s", k.route.dialer, filepath.Base(k.route.socket))
}

// standing are the connections that there are.
func (l *links) standing() (all []*link) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for k := range l.conns {
		all = append(all, k)
	}
	return all
}

// cut has a connection carry nothing in a direction, and then go on.
func (l *links) cut(r route, d time.Duration) {
	l.mu.Lock()
	v := l.valve(r)
	l.mu.Unlock()
	v.shut(d)
}

// close lets go of the workers' sockets. What stands, goes on.
func (l *links) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
}

// all is how many connections there ever were.
func (l *links) all() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.passed
}
