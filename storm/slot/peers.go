package slot

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"gust/conf"
	"gust/topology"
	"gust/worker"
)

// peers is how the worker works together with the others of its topology; nil if there are none.
// A worker listens on its slot's port, as a Java worker does.
func (j *Job) peers(a *assignment, tasks topology.Tasks) (*worker.Peers, error) {
	placement, number, err := a.placement(tasks, place{j.Node, j.Port})
	if err != nil || len(placement.Workers) == 1 {
		return nil, err
	}
	secret, err := j.secret()
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", ":"+strconv.Itoa(j.Port))
	if err != nil {
		return nil, fmt.Errorf("cannot listen for the topology's other workers: %w", err)
	}
	return &worker.Peers{
		Placement: placement, Worker: number, Secret: secret, Listener: listener,
		Incarnation: uint64(time.Now().UnixNano()),
	}, nil
}

// secret is what all workers of the topology know: the login at ZooKeeper, which the submitting
// client makes. Without one it is the conf as a whole, which those know who may ask Nimbus.
func (j *Job) secret() ([]byte, error) {
	payload, err := j.conf.String(conf.ZooKeeperTopologyPayload, "")
	if err != nil || payload != "" {
		return []byte(payload), err
	}
	data, err := os.ReadFile(filepath.Join(j.code(), "stormconf.ser"))
	sum := sha256.Sum256(data)
	return sum[:], err
}

// watchPeers has the worker adopt each new placement that leaves its tasks alone. If it gets other
// tasks or none, the supervisor ends it; until then it goes on with those that it has.
func (s *session) watchPeers(ctx context.Context) {
	changed := make(chan *assignment)
	go watchAssignment(ctx, s.state, s.job.Topology, changed)
	self := place{s.job.Node, s.job.Port}
	for {
		select {
		case a := <-changed:
			placement, number, err := a.placement(s.tasks, self)
			switch {
			case errors.Is(err, errNotAssigned):
			case err != nil:
				s.log.Error().Msgf("cannot adopt the assignment: %v", err)
			case slices.Equal(placement.Workers[number].Tasks, s.peers.Placement.Workers[s.peers.Worker].Tasks):
				s.running.Adopt(placement)
			}
		case <-ctx.Done():
			return
		}
	}
}
