package status

import (
	"slices"

	"gust/topology"
)

// Report is what is kept of a topology after it has ended: what it did, what failed, and the
// end of its log.
type Report struct {
	Topology   *topology.Topology         `json:"topology"`
	View       *View                      `json:"view"`      // over all time
	Diagnosis  Diagnosis                  `json:"diagnosis"` // the last one before the topology was stopped
	History    []Point                    `json:"history"`   // of the last ten minutes
	Components map[string]ComponentReport `json:"components,omitempty"`
	Events     []Event                    `json:"events"`
	Errors     []ErrorGroup               `json:"errors"`
	Facets     []FailureFacet             `json:"failure_facets"`
	Failures   []*Failure                 `json:"failures"`         // the newest first
	Traces     []*Trace                   `json:"traces,omitempty"` // the last ones, the oldest first
	Logs       []LogLine                  `json:"logs,omitempty"`   // the last ones, the oldest first
}

// ComponentReport is a component's part of a report.
type ComponentReport struct {
	Tasks   []TaskView `json:"tasks"`   // as they were last, over all time
	History []Point    `json:"history"` // of the last ten minutes, or less if there are many components
}

// The limits of a report. A hundred of them are kept.
const (
	mostReportPoints     = 6000 // of all components together
	mostReportTraces     = 200
	mostReportTraceBytes = 512 << 10
	mostReportLines      = 2000
	mostReportLineBytes  = 512 << 10
)

// Report makes the report.
func (s *Status) Report() *Report {
	r := &Report{
		Topology: s.Topology(), View: s.View(AllTime), Diagnosis: s.Diagnosis(), History: s.History("", TenMinutes), Events: s.Events(),
		Errors: s.ErrorGroups(""), Facets: s.failureMinutes(), Failures: s.Failures(FailureFilter{}),
		Components: map[string]ComponentReport{}, Logs: s.logs.end(mostReportLines, mostReportLineBytes),
	}
	points := mostReportPoints / max(1, len(r.Topology.Components))
	for _, c := range r.Topology.Components {
		history := s.History(c.Name, TenMinutes)
		r.Components[c.Name] = ComponentReport{s.Tasks(c.Name, AllTime), history[max(0, len(history)-points):]}
	}
	bytes := 0
	for _, t := range s.Traces(TraceFilter{Limit: mostReportTraces}) {
		if bytes += t.size(); bytes > mostReportTraceBytes {
			break
		}
		r.Traces = append(r.Traces, t)
	}
	slices.Reverse(r.Traces)
	return r
}

// failureMinutes are all facets, with their minutes.
func (s *Status) failureMinutes() []FailureFacet {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.failures.facets.whole()
}

// FromReport is the status of a topology as far as its report has it. All its windows are
// all time.
func FromReport(r *Report) *Status {
	s := New(r.Topology, nil, r.View.Started)
	s.id, s.report, s.diagnosis, s.reason = r.View.ID, r, r.Diagnosis, r.View.Reason
	if r.View.Ended != nil {
		s.ended = *r.View.Ended
	}
	for _, e := range r.Events {
		s.events.add(e)
	}
	for _, g := range slices.Backward(r.Errors) { // the newest is first
		s.errors.groups[errorKey{g.Component, g.Headline}] = &g
		e := Error{Time: g.Last, Component: g.Component, Headline: headline(g.Text), Text: g.Text}
		if n := len(g.Tasks); n > 0 {
			e.Task = g.Tasks[n-1]
		}
		s.errors.last.add(e)
	}
	for i := range r.Facets {
		f := r.Facets[i]
		s.failures.facets[facetKey{f.Reason, f.Component, f.Headline}] = &f
	}
	for i := range r.Failures {
		s.failures.kept.add(r.Failures[len(r.Failures)-1-i])
	}
	for _, t := range r.Traces {
		s.traces.kept.add(t)
	}
	s.logs.fill(r.Logs)
	return s
}
