package api

import (
	"time"

	"gust/status"
	"gust/status/served"
	"gust/worker"
)

// Summary is a topology in the list of all.
type Summary struct {
	ID        string           `json:"id"`
	Name      string           `json:"name"`
	Status    string           `json:"status"`
	Phase     string           `json:"phase"`
	Started   time.Time        `json:"started"`
	Ended     *time.Time       `json:"ended,omitempty"`
	Reason    string           `json:"reason,omitempty"`
	Uptime    float64          `json:"uptime_seconds"`
	Tasks     int              `json:"tasks"`
	Trees     worker.TreeStats `json:"trees"`
	Now       status.Point     `json:"now"`
	Restarts  uint64           `json:"restarts"`
	Diagnosis status.Diagnosis `json:"diagnosis"`
	History   []status.Point   `json:"history"` // the last minute, a point each second
}

// Summaries are the topologies of a source.
func Summaries(source served.Source) []Summary {
	list := []Summary{}
	for _, t := range source.Topologies() {
		v := t.View(status.AllTime)
		points := t.History("", status.TenMinutes)
		list = append(list, Summary{
			ID: v.ID, Name: v.Name, Status: v.Status, Phase: v.Phase, Started: v.Started, Ended: v.Ended, Reason: v.Reason,
			Uptime: v.Uptime, Tasks: v.Tasks, Trees: v.Trees, Now: v.Now, Restarts: v.Restarts, Diagnosis: v.Diagnosis,
			History: points[max(0, len(points)-60):],
		})
	}
	return list
}
