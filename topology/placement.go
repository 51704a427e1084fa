package topology

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
)

// Placement says which worker of a topology runs which task, and where each worker
// listens for the others. It is an input of a worker, whoever made it: [Place], Storm's
// Nimbus, or a user.
type Placement struct {
	// Version rises with each new placement of the same topology.
	Version uint64
	// Workers are numbered from 0, as their order is here.
	Workers []PlacedWorker
}

// PlacedWorker is one worker of a [Placement].
type PlacedWorker struct {
	// Address is where the worker listens for the others: HOST:PORT, or the path of a
	// Unix socket, which begins with a slash. A placement of one worker needs none.
	Address string
	// Tasks are the ids of the tasks that the worker runs, rising. Ackers are not among them.
	Tasks []TaskID
}

// Place spreads the tasks over as many workers as there are addresses, as Storm's even
// scheduler does (EvenScheduler): one after the other, by their ids, so that the tasks of
// a component are on as many workers as possible. Everyone who knows the topology and the
// number of workers computes the same placement; nobody has to coordinate it.
func Place(tasks Tasks, addresses []string) Placement {
	p := Placement{Workers: make([]PlacedWorker, len(addresses))}
	for i, address := range addresses {
		p.Workers[i].Address = address
	}
	next := 0
	for _, t := range tasks {
		if t.Component == AckerComponent {
			continue
		}
		w := &p.Workers[next%len(p.Workers)]
		w.Tasks = append(w.Tasks, t.ID)
		next++
	}
	return p
}

// WorkerOf returns the number of the worker that runs each task, by the task's id. It is -1
// for ids that no worker runs, such as 0 and those of ackers.
func (p Placement) WorkerOf(tasks Tasks) []int {
	of := slices.Repeat([]int{-1}, len(tasks)+1)
	for i, w := range p.Workers {
		for _, id := range w.Tasks {
			if int(id) < len(of) {
				of[id] = i
			}
		}
	}
	return of
}

// Check returns an error unless the placement has each task of the topology once, ackers
// apart, and no others.
func (p Placement) Check(tasks Tasks) error {
	on := make(map[TaskID]int)
	for i, w := range p.Workers {
		for _, id := range w.Tasks {
			if id < 1 || int(id) > len(tasks) || tasks[id-1].Component == AckerComponent {
				return fmt.Errorf("worker %d has task %d, which is not a task of a component", i, id)
			}
			if other, twice := on[id]; twice {
				return fmt.Errorf("task %d of %q is on worker %d and on worker %d", id, tasks[id-1].Component, other, i)
			}
			on[id] = i
		}
	}
	for _, t := range tasks {
		if _, placed := on[t.ID]; !placed && t.Component != AckerComponent {
			return fmt.Errorf("task %d of %q is on no worker", t.ID, t.Component)
		}
	}
	return nil
}

// Digest tells placements apart: it is the same if version, addresses and tasks are.
func (p Placement) Digest() [sha256.Size]byte {
	var b []byte
	b = binary.AppendUvarint(b, p.Version)
	for _, w := range p.Workers {
		b = binary.AppendUvarint(b, uint64(len(w.Address)))
		b = append(b, w.Address...)
		b = binary.AppendUvarint(b, uint64(len(w.Tasks)))
		for _, id := range w.Tasks {
			b = binary.AppendUvarint(b, uint64(id))
		}
	}
	return sha256.Sum256(b)
}
