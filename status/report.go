package status

// Report is what is kept of a topology when it has ended: what it did, and what failed.
type Report struct {
	View      *View          `json:"view"`      // over all time
	Diagnosis Diagnosis      `json:"diagnosis"` // the last one before the topology was stopped
	History   []Point        `json:"history"`
	Events    []Event        `json:"events"`
	Errors    []ErrorGroup   `json:"errors"`
	Facets    []FailureFacet `json:"failure_facets"`
	Failures  []*Failure     `json:"failures"` // the newest first
}

// Report tells all of it.
func (s *Status) Report() *Report {
	return &Report{
		View: s.View(AllTime), Diagnosis: s.Diagnosis(), History: s.History("", TenMinutes), Events: s.Events(), Errors: s.ErrorGroups(""),
		Facets: s.FailureFacets(), Failures: s.Failures(FailureFilter{}),
	}
}
