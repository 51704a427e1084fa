package slot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"

	"github.com/apache/thrift/lib/go/thrift"

	"gust/storm/generated"
	"gust/topology"
)

// executor is a range of a component's tasks, as Storm's scheduler deals with them.
type executor struct{ first, last topology.TaskID }

// ofWorker is the executor of a Java worker itself, which supervisors see in its heartbeat.
var ofWorker = executor{-1, -1}

func (e executor) info() *generated.ExecutorInfo {
	return &generated.ExecutorInfo{TaskStart: int32(e.first), TaskEnd: int32(e.last)}
}

// place is a slot of a node.
type place struct {
	node string
	port int
}

// assignment is where Nimbus has put a topology's executors.
type assignment struct {
	version   uint64            // the change of ZooKeeper's that made it, of which each has a higher number
	hosts     map[string]string // by node
	executors map[place][]executor
}

// readAssignment reads an Assignment of Storm's Thrift. Its maps have lists as keys, which the
// generated code cannot hold.
func readAssignment(data []byte) (*assignment, error) {
	plain, err := unzip(data)
	if err != nil {
		return nil, err
	}
	a := &assignment{hosts: map[string]string{}, executors: map[place][]executor{}}
	r := reader{context.Background(), protocol(plain), nil}
	r.fields(func(id int16, kind thrift.TType) {
		switch {
		case id == 2 && kind == thrift.MAP:
			r.entries(func() {
				node := r.text()
				a.hosts[node] = r.text()
			})
		case id == 3 && kind == thrift.MAP:
			r.entries(func() { a.put(r.executor(), r.node()) })
		default:
			r.skip(kind)
		}
	})
	if r.err != nil {
		return nil, fmt.Errorf("malformed assignment: %w", r.err)
	}
	for _, executors := range a.executors {
		slices.SortFunc(executors, func(x, y executor) int { return cmp.Compare(x.first, y.first) })
	}
	return a, nil
}

func (a *assignment) put(e executor, at *generated.NodeInfo) {
	if len(at.Port) > 0 {
		p := place{at.Node, int(at.Port[0])}
		a.executors[p] = append(a.executors[p], e)
	}
}

// placement is the assignment as a worker takes it, and the number of the worker at a place. All
// workers number them alike.
func (a *assignment) placement(tasks topology.Tasks, self place) (topology.Placement, int, error) {
	p := topology.Placement{Version: a.version}
	number := -1
	for _, at := range slices.SortedFunc(maps.Keys(a.executors), place.compare) {
		var w topology.PlacedWorker
		for _, e := range a.executors[at] {
			for id := e.first; id <= e.last; id++ {
				if id >= 1 && int(id) <= len(tasks) && tasks[id-1].Component != topology.AckerComponent {
					w.Tasks = append(w.Tasks, id)
				}
			}
		}
		if at == self {
			number = len(p.Workers)
		}
		host, known := a.hosts[at.node]
		if !known {
			return p, -1, fmt.Errorf("the assignment has no host of node %s", at.node)
		}
		w.Address = net.JoinHostPort(host, strconv.Itoa(at.port))
		p.Workers = append(p.Workers, w)
	}
	if number < 0 {
		return p, -1, errNotAssigned
	}
	return p, number, p.Check(tasks)
}

// errNotAssigned is an assignment that does not have the worker's slot.
var errNotAssigned = errors.New("the slot is not assigned to the topology")

func (p place) compare(o place) int {
	return cmp.Or(cmp.Compare(p.node, o.node), cmp.Compare(p.port, o.port))
}

// reader reads Thrift's binary protocol. It keeps the first error, and then reads nothing more.
type reader struct {
	ctx context.Context
	in  thrift.TProtocol
	err error
}

func (r *reader) keep(err error) {
	if r.err == nil {
		r.err = err
	}
}

// fields calls field for each field of a struct; it must read it or skip it.
func (r *reader) fields(field func(id int16, kind thrift.TType)) {
	for r.err == nil {
		_, kind, id, err := r.in.ReadFieldBegin(r.ctx)
		if r.keep(err); err != nil || kind == thrift.STOP {
			return
		}
		field(id, kind)
	}
}

// entries calls entry for each entry of a map.
func (r *reader) entries(entry func()) {
	_, _, n, err := r.in.ReadMapBegin(r.ctx)
	r.keep(err)
	for i := 0; i < n && r.err == nil; i++ {
		entry()
	}
}

func (r *reader) skip(kind thrift.TType) { r.keep(r.in.Skip(r.ctx, kind)) }

func (r *reader) text() string {
	s, err := r.in.ReadString(r.ctx)
	r.keep(err)
	return s
}

// executor reads a list of the first and the last task.
func (r *reader) executor() executor {
	_, n, err := r.in.ReadListBegin(r.ctx)
	r.keep(err)
	var e executor
	for i := 0; i < n && r.err == nil; i++ {
		id, err := r.in.ReadI64(r.ctx)
		r.keep(err)
		if i == 0 {
			e.first = topology.TaskID(id)
		}
		e.last = topology.TaskID(id)
	}
	return e
}

func (r *reader) node() *generated.NodeInfo {
	n := &generated.NodeInfo{}
	r.keep(n.Read(r.ctx, r.in))
	return n
}
