package status

import "gust/topology"

// Report is what is kept of a topology after it has ended: what it did, and what failed.
type Report struct {
	Topology  *topology.Topology `json:"topology"`
	View      *View              `json:"view"`      // over all time
	Diagnosis Diagnosis          `json:"diagnosis"` // the last one before the topology was stopped
	History   []Point            `json:"history"`   // of the last ten minutes
	Events    []Event            `json:"events"`
	Errors    []ErrorGroup       `json:"errors"`
	Facets    []FailureFacet     `json:"failure_facets"`
	Failures  []*Failure         `json:"failures"` // the newest first
}

// Report makes the report.
func (s *Status) Report() *Report {
	return &Report{
		Topology: s.Topology(), View: s.View(AllTime), Diagnosis: s.Diagnosis(), History: s.History("", TenMinutes), Events: s.Events(),
		Errors: s.ErrorGroups(""), Facets: s.FailureFacets(), Failures: s.Failures(FailureFilter{}),
	}
}

// FromReport is the status of a topology that has ended, as far as its report has it. It
// lacks tasks, logs and the history of components, and all its windows are all time.
func FromReport(r *Report) *Status {
	s := New(r.Topology, nil, r.View.Started)
	s.id, s.report, s.diagnosis, s.reason = r.View.ID, r, r.Diagnosis, r.View.Reason
	if r.View.Ended != nil {
		s.ended = *r.View.Ended
	}
	for _, e := range r.Events {
		s.events.add(e)
	}
	for i := range r.Errors {
		g := r.Errors[i]
		s.errors.groups[errorKey{g.Component, g.Headline}] = &g
	}
	for i := range r.Facets {
		f := r.Facets[i]
		s.failures.facets[facetKey{f.Reason, f.Component, f.Headline}] = &f
	}
	for i := range r.Failures {
		s.failures.kept.add(r.Failures[len(r.Failures)-1-i])
	}
	return s
}
