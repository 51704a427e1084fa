package slot

import (
	"context"
	"strings"
	"testing"

	"github.com/apache/thrift/lib/go/thrift"

	"gust/storm/generated"
	"gust/topology"
)

func toTask(id int32) topology.TaskID { return topology.TaskID(id) }

// packed writes what write writes, as Storm does.
func packed(t *testing.T, write func(ctx context.Context, p thrift.TProtocol) error) []byte {
	t.Helper()
	data, err := pack(written{write})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

type written struct {
	write func(context.Context, thrift.TProtocol) error
}

func (w written) Write(ctx context.Context, p thrift.TProtocol) error { return w.write(ctx, p) }
func (w written) Read(context.Context, thrift.TProtocol) error        { panic("it is only written") }

// anAssignment has tasks 1 to 5 on two nodes, with fields that gust does not read around.
func anAssignment(t *testing.T) []byte {
	type put struct {
		first, last int64
		node        string
		port        int64
	}
	puts := []put{{4, 5, "b", 6700}, {1, 1, "a", 6701}, {2, 3, "a", 6700}}
	return packed(t, func(ctx context.Context, p thrift.TProtocol) error {
		p.WriteFieldBegin(ctx, "", thrift.STRING, 1)
		p.WriteString(ctx, "/code")
		p.WriteFieldBegin(ctx, "", thrift.MAP, 2)
		p.WriteMapBegin(ctx, thrift.STRING, thrift.STRING, 2)
		for _, s := range []string{"a", "hostA", "b", "hostB"} {
			p.WriteString(ctx, s)
		}
		p.WriteFieldBegin(ctx, "", thrift.MAP, 3)
		p.WriteMapBegin(ctx, thrift.LIST, thrift.STRUCT, len(puts))
		for _, e := range puts {
			p.WriteListBegin(ctx, thrift.I64, 2)
			p.WriteI64(ctx, e.first)
			p.WriteI64(ctx, e.last)
			if err := (&generated.NodeInfo{Node: e.node, Port: []int64{e.port}}).Write(ctx, p); err != nil {
				return err
			}
		}
		p.WriteFieldBegin(ctx, "", thrift.MAP, 4)
		p.WriteMapBegin(ctx, thrift.LIST, thrift.I64, 1)
		p.WriteListBegin(ctx, thrift.I64, 2)
		p.WriteI64(ctx, 1)
		p.WriteI64(ctx, 1)
		p.WriteI64(ctx, 1_800_000_000)
		p.WriteFieldBegin(ctx, "", thrift.STRING, 7)
		p.WriteString(ctx, "owner")
		return p.WriteFieldStop(ctx)
	})
}

func TestPlacementOfAnAssignment(t *testing.T) {
	a, err := readAssignment(anAssignment(t))
	if err != nil {
		t.Fatal(err)
	}
	tasks := topology.Tasks{{ID: 1, Component: topology.AckerComponent}, {ID: 2, Component: "b"}, {ID: 3, Component: "b"}, {ID: 4, Component: "s"}, {ID: 5, Component: "s"}}
	a.version = 7
	p, self, err := a.placement(tasks, place{"b", 6700})
	if err != nil {
		t.Fatal(err)
	}
	want := topology.Placement{Version: 7, Workers: []topology.PlacedWorker{
		{Address: "hostA:6700", Tasks: []topology.TaskID{2, 3}},
		{Address: "hostA:6701"}, // only an acker
		{Address: "hostB:6700", Tasks: []topology.TaskID{4, 5}},
	}}
	if self != 2 || p.Digest() != want.Digest() {
		t.Errorf("got worker %d of %+v, want 2 of %+v", self, p, want)
	}
	if _, _, err := a.placement(tasks, place{"c", 6700}); err == nil || !strings.Contains(err.Error(), "not assigned") {
		t.Errorf("a slot that is not assigned: got %v", err)
	}
}

// What is no assignment is an error, and no panic.
func FuzzAssignment(f *testing.F) {
	plain, err := unzip(anAssignment(&testing.T{}))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(plain)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, plain []byte) {
		data := packed(t, func(_ context.Context, p thrift.TProtocol) error {
			_, err := p.Transport().Write(plain)
			return err
		})
		_, _ = readAssignment(data)
	})
}
