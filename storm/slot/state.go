package slot

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/go-zookeeper/zk"
	"github.com/rs/zerolog"

	"gust/conf"
)

// state is what Storm keeps in ZooKeeper, as a worker sees it. Its methods wait while
// ZooKeeper does not answer; [state.close] ends that.
type state struct {
	conn *zk.Conn
	root string
	acl  []zk.ACL // of new nodes
	log  zerolog.Logger

	trouble trouble
}

// connect begins to connect with the ZooKeeper of a topology's conf. It does not wait: it goes on
// trying.
func connect(c conf.Conf, log zerolog.Logger) (*state, error) {
	port, err := c.Int(conf.ZooKeeperPort, 2181)
	if err != nil {
		return nil, err
	}
	timeout, err := c.Int(conf.ZooKeeperSessionTimeout, 20000)
	if err != nil {
		return nil, err
	}
	s := &state{log: log, trouble: trouble{log: log}}
	if s.root, err = c.String(conf.ZooKeeperRoot, "/storm"); err != nil {
		return nil, err
	}
	var servers []string
	listed, _ := c[conf.ZooKeeperServers].([]any)
	for _, server := range listed {
		if host, ok := server.(string); ok {
			servers = append(servers, net.JoinHostPort(host, strconv.Itoa(port)))
		}
	}
	if len(servers) == 0 {
		return nil, &conf.KeyError{Key: conf.ZooKeeperServers, Want: "a list of hosts", Got: c[conf.ZooKeeperServers]}
	}
	scheme, payload, err := zooKeeperLogin(c)
	if err != nil {
		return nil, err
	}
	if s.acl, err = zooKeeperACL(c); err != nil {
		return nil, err
	}
	conn, _, err := zk.Connect(servers, time.Duration(timeout)*time.Millisecond, zk.WithLogger(zooKeeperLog{log}), zk.WithLogInfo(false))
	if err != nil {
		return nil, fmt.Errorf("cannot connect with ZooKeeper at %s: %w", strings.Join(servers, ", "), err)
	}
	s.conn = conn
	if scheme != "" {
		go func() { // it is sent again on each reconnection
			if err := conn.AddAuth(scheme, []byte(payload)); err != nil {
				log.Error().Msgf("ZooKeeper refuses the login of %s: %v", conf.ZooKeeperTopologyScheme, err)
			}
		}()
	}
	return s, nil
}

// zooKeeperLogin is how a worker authenticates itself (ZookeeperAuthInfo). The scheme is empty if it
// does not.
func zooKeeperLogin(c conf.Conf) (scheme, payload string, err error) {
	for _, keys := range [][2]string{
		{conf.ZooKeeperTopologyScheme, conf.ZooKeeperTopologyPayload}, {conf.ZooKeeperAuthScheme, conf.ZooKeeperAuthPayload},
	} {
		scheme, err := c.String(keys[0], "")
		if err != nil {
			return "", "", err
		}
		payload, err := c.String(keys[1], "")
		if err != nil {
			return "", "", err
		}
		if scheme != "" && payload != "" {
			return scheme, payload, nil
		}
	}
	return "", "", nil
}

// zooKeeperACL is the ACL of what a worker creates (Utils.getWorkerACL).
func zooKeeperACL(c conf.Conf) ([]zk.ACL, error) {
	scheme, err := c.String(conf.ZooKeeperTopologyScheme, "")
	if err != nil || scheme == "" {
		return zk.WorldACL(zk.PermAll), err
	}
	super, err := c.String(conf.ZooKeeperSuperACL, "")
	if err != nil {
		return nil, err
	}
	superScheme, id, ok := strings.Cut(super, ":")
	if !ok {
		return nil, &conf.KeyError{Key: conf.ZooKeeperSuperACL, Want: "SCHEME:ID, because " + conf.ZooKeeperTopologyScheme + " is set", Got: c[conf.ZooKeeperSuperACL]}
	}
	return append(zk.AuthACL(zk.PermAll), zk.ACL{Perms: zk.PermAll, Scheme: superScheme, ID: id}), nil
}

// close ends the connection, and all calls that wait.
func (s *state) close() { s.conn.Close() }

func (s *state) path(parts ...string) string {
	return path.Join(append([]string{"/", s.root}, parts...)...)
}

// retry is the pause after an error of ZooKeeper's.
const retry = time.Second

// watch calls changed with the content of a node, at once and after each change, until ctx ends or
// the connection is closed. data is nil if there is no such node.
func (s *state) watch(ctx context.Context, node string, changed func(data []byte, stat *zk.Stat)) {
	for ctx.Err() == nil {
		seen, events, err := s.look(node, changed)
		switch {
		case errors.Is(err, zk.ErrClosing):
			return
		case err != nil:
			s.trouble.note("read "+node+" of ZooKeeper", err)
			select {
			case <-ctx.Done():
			case <-time.After(retry):
			}
			continue
		}
		s.trouble.note("read "+node+" of ZooKeeper", nil)
		s.awaitChange(ctx, node, seen, events)
	}
}

// refresh is how often a node is looked at that ZooKeeper says nothing of (task.refresh.poll.secs).
const refresh = 10 * time.Second

// awaitChange waits until a node is not as it was seen. events may be nil.
func (s *state) awaitChange(ctx context.Context, node string, seen int64, events <-chan zk.Event) {
	tick := time.NewTicker(refresh)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-events: // also when the session has expired, and its watches with it
			return
		case <-tick.C:
			switch _, stat, err := s.conn.Get(node); {
			case err == nil && stat.Mzxid != seen, errors.Is(err, zk.ErrNoNode) && seen != noNode, errors.Is(err, zk.ErrClosing):
				return
			}
		}
	}
}

// noNode is the version of a node that does not exist.
const noNode = 0

// look reads a node and sets a watch. seen is the change of ZooKeeper's that made it what it is.
// events is nil if the watch could not be set: some releases of ZooKeeper do not say whether
// there is a node to one who may not read its parent.
func (s *state) look(node string, changed func([]byte, *zk.Stat)) (seen int64, _ <-chan zk.Event, _ error) {
	data, stat, events, err := s.conn.GetW(node)
	if errors.Is(err, zk.ErrNoNode) {
		exists, _, events, err := s.conn.ExistsW(node)
		switch {
		case errors.Is(err, zk.ErrNoAuth):
			events = nil
		case err != nil:
			return noNode, nil, err
		case exists: // since a moment ago
			return s.look(node, changed)
		}
		changed(nil, nil)
		return noNode, events, nil
	}
	if err != nil {
		return noNode, nil, err
	}
	changed(data, stat)
	return stat.Mzxid, events, nil
}

// write sets the content of a node, and makes it if there is none.
func (s *state) write(node string, data []byte) error {
	_, err := s.conn.Set(node, data, -1)
	if !errors.Is(err, zk.ErrNoNode) {
		return err
	}
	err = s.create(node, data, 0)
	if errors.Is(err, zk.ErrNodeExists) {
		_, err = s.conn.Set(node, data, -1)
	}
	return err
}

// add makes a node with a name that begins with a path and ends with a number that rises.
func (s *state) add(path string, data []byte) error { return s.create(path, data, zk.FlagSequence) }

// create makes a node, and those above it that do not exist. It does not ask first which do: a
// worker may write below nodes that it may neither read nor add to.
func (s *state) create(node string, data []byte, flags int32) error {
	_, err := s.conn.Create(node, data, flags, s.acl)
	if !errors.Is(err, zk.ErrNoNode) || node == "/" {
		return err
	}
	if err := s.create(path.Dir(node), empty, 0); err != nil && !errors.Is(err, zk.ErrNodeExists) {
		return err
	}
	_, err = s.conn.Create(node, data, flags, s.acl)
	return err
}

// empty is the content that Storm gives to nodes that only have children.
var empty = []byte{7}

// remove deletes a node, if there is one.
func (s *state) remove(node string) error {
	err := s.conn.Delete(node, -1)
	if errors.Is(err, zk.ErrNoNode) {
		return nil
	}
	return err
}

// zooKeeperLog takes what the library logs: how it loses and finds servers, each second while none
// answers.
type zooKeeperLog struct{ log zerolog.Logger }

func (l zooKeeperLog) Printf(format string, args ...any) {
	l.log.Debug().Msgf("ZooKeeper: "+format, args...)
}
