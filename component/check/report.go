package check

// Verdict is the result for a rule.
type Verdict uint8

const (
	// Unseen is a rule that nothing tested.
	Unseen Verdict = iota
	// Kept is a rule that the program followed wherever it applied.
	Kept
	// Broken is a rule that was broken at least once.
	Broken
)

// String is "not seen", "kept" or "broken".
func (v Verdict) String() string {
	switch v {
	case Kept:
		return "kept"
	case Broken:
		return "broken"
	}
	return "not seen"
}

// Report is the result of a check.
type Report struct {
	// Kind is "spout" or "bolt", empty if the program did not show it.
	Kind string
	// Serializer is the name of the codec.
	Serializer string
	// Results are those of all rules that apply to such a program, in their order.
	Results []Result
}

// Result is the findings about a rule.
type Result struct {
	Rule
	Verdict Verdict
	// Note says what would test a rule that was not seen; it may be empty.
	Note string
	// Findings are the first few ways in which the rule was broken.
	Findings []Finding
	// More is how many further ones there were.
	More int
}

// Finding is one case of a broken rule.
type Finding struct {
	// Step is the name of the step that showed it.
	Step string
	// Says is what happened.
	Says string
	// Bytes is the program's output, escaped and shortened; empty if the finding is that
	// output is missing.
	Bytes string
	// Sent is the message that the program did not answer correctly.
	Sent string
}

// Count counts the rules with a verdict, and with one of the severities if any are given.
func (r *Report) Count(v Verdict, severities ...Severity) (n int) {
	for i := range r.Results {
		if r.Results[i].Verdict != v {
			continue
		}
		if len(severities) == 0 {
			n++
		}
		for _, s := range severities {
			if r.Results[i].Severity == s {
				n++
			}
		}
	}
	return n
}

// maxFindings is the number of findings kept for a rule: more would not help.
const maxFindings = 3

// notebook has the findings of one or more steps.
type notebook map[string]*Result

func (n notebook) of(rule string) *Result {
	if n[rule] == nil {
		n[rule] = &Result{}
	}
	return n[rule]
}

func (n notebook) keep(rule string) {
	if r := n.of(rule); r.Verdict == Unseen {
		r.Verdict = Kept
	}
}

// note says why a rule was not seen.
func (n notebook) note(rule, says string) {
	if r := n.of(rule); r.Note == "" {
		r.Note = says
	}
}

func (n notebook) fault(rule string, f Finding) {
	r := n.of(rule)
	r.Verdict = Broken
	if len(r.Findings) == maxFindings {
		r.More++
		return
	}
	r.Findings = append(r.Findings, f)
}

// add adds another notebook.
func (n notebook) add(other notebook) {
	for rule, r := range other {
		if r.Verdict == Kept {
			n.keep(rule)
		}
		n.note(rule, r.Note)
		for _, f := range r.Findings {
			n.fault(rule, f)
		}
		if r.More > 0 {
			n.of(rule).More += r.More
		}
	}
}
