package check

import "time"

// The JSON forms are described in docs/check.md.
type (
	jsonCheck struct {
		Command    []string     `json:"command"`
		Kind       string       `json:"kind,omitempty"`
		Serializer string       `json:"serializer"`
		Seconds    float64      `json:"seconds"`
		Kept       int          `json:"kept"`
		Broken     int          `json:"broken"`
		Warnings   int          `json:"warnings"`
		Unseen     int          `json:"not_seen"`
		Rules      []jsonResult `json:"rules"`
	}
	jsonRule struct {
		ID       string `json:"id"`
		Text     string `json:"text"`
		Severity string `json:"severity"`
		Remedy   string `json:"remedy"`
		Doc      string `json:"doc"`
	}
	jsonResult struct {
		jsonRule
		Verdict  string        `json:"verdict"`
		Note     string        `json:"note,omitempty"`
		Findings []jsonFinding `json:"findings,omitempty"`
		More     int           `json:"more,omitempty"`
	}
	jsonFinding struct {
		Step  string `json:"step"`
		Says  string `json:"says"`
		Bytes string `json:"bytes,omitempty"`
		Sent  string `json:"sent,omitempty"`
	}
)

func newJSONRule(r *Rule) jsonRule {
	return jsonRule{r.ID, r.Text, r.Severity.String(), r.Remedy, "docs/check.md#" + r.Doc}
}

// Document is the report for programs, which encodes to JSON.
func (r *Report) Document(command []string, took time.Duration) any {
	out := jsonCheck{
		Command: command, Kind: r.Kind, Serializer: r.Serializer,
		Seconds: float64(took.Milliseconds()) / 1000,
		Kept:    r.Count(Kept), Broken: r.Count(Broken),
		Warnings: r.Count(Broken, Warning), Unseen: r.Count(Unseen),
	}
	for i := range r.Results {
		found := &r.Results[i]
		result := jsonResult{jsonRule: newJSONRule(&found.Rule), Verdict: found.Verdict.String(), Note: found.Note, More: found.More}
		for _, f := range found.Findings {
			result.Findings = append(result.Findings, jsonFinding(f))
		}
		out.Rules = append(out.Rules, result)
	}
	return out
}

// RulesDocument is the list of the rules for programs, which encodes to JSON.
func RulesDocument() any {
	var list []jsonRule
	for _, r := range Rules() {
		list = append(list, newJSONRule(&r))
	}
	return map[string]any{"rules": list}
}
