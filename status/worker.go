package status

import (
	"fmt"
	"strings"

	"gust/internal/terminal"
	"gust/worker"
)

// WorkerView is one worker of a topology that has several.
type WorkerView struct {
	Worker   int                `json:"worker"`
	State    worker.WorkerState `json:"state"`
	Host     string             `json:"host,omitempty"` // empty for the machine that shows it
	Address  string             `json:"address"`        // where the other workers reach it
	PID      int                `json:"pid"`
	Uptime   float64            `json:"uptime_seconds"`
	Restarts uint64             `json:"restarts"`
	Death    string             `json:"death,omitempty"` // of the process before, or why there is none
	Tasks    map[string]int     `json:"tasks"`           // how many of each component
	Links    []LinkView         `json:"links,omitempty"`
}

// LinkView is a worker's connection to another one.
type LinkView struct {
	Worker int     `json:"worker"`
	Up     bool    `json:"up"`
	Since  float64 `json:"since_seconds"`
	Error  string  `json:"error,omitempty"`
}

// workers are the workers of the topology, if it has several.
func (s *Status) workers() (list []WorkerView) {
	if s.last == nil || len(s.last.Workers) < 2 {
		return nil
	}
	for _, w := range s.last.Workers {
		v := WorkerView{
			Worker: w.Worker, State: w.State, Host: w.Host, Address: w.Address, PID: w.PID, Uptime: w.Up.Seconds(),
			Restarts: w.Restarts, Death: w.Death, Tasks: map[string]int{},
		}
		for _, link := range w.Links {
			v.Links = append(v.Links, LinkView{link.Worker, link.Up, link.Since.Seconds(), link.Error})
		}
		list = append(list, v)
	}
	for i := range s.last.Components {
		c := &s.last.Components[i]
		for _, t := range c.Tasks {
			if t.Worker < len(list) {
				list[t.Worker].Tasks[c.Name]++
			}
		}
	}
	return list
}

// WorkerOf is the worker that runs a task.
func (s *Status) WorkerOf(task int) int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.last == nil {
		return 0
	}
	for i := range s.last.Components {
		for _, t := range s.last.Components[i].Tasks {
			if t.Task == task {
				return t.Worker
			}
		}
	}
	return 0
}

// workerGone finds a worker that is not there, and was or should be.
func (s *Status) workerGone(v *View) *Diagnosis {
	var gone []WorkerView
	for _, w := range v.Workers {
		if w.State == worker.WorkerSilent || w.State == worker.WorkerDown && w.Death != "" {
			gone = append(gone, w)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	first := &gone[0]
	text := fmt.Sprintf("worker %d does not answer", first.Worker)
	if first.State == worker.WorkerDown {
		death, _, _ := strings.Cut(first.Death, "\n")
		text = fmt.Sprintf("worker %d is down: %s", first.Worker, strings.TrimPrefix(death, "died: "))
	}
	if others := len(gone) - 1; others > 0 {
		text += "; so is " + terminal.Count(others, "other worker")
		if others > 1 {
			text = strings.Replace(text, "; so is ", "; so are ", 1)
		}
	}
	return &Diagnosis{Kind: WorkerGone, Severity: Trouble, Text: text}
}
