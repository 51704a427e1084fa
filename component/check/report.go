package check

// Verdict is what became of a rule.
type Verdict uint8

const (
	// Unseen is a rule that nothing happened to be held against.
	Unseen Verdict = iota
	// Kept is a rule that was kept wherever it applied.
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

// Report is what a check has found.
type Report struct {
	// Kind is "spout" or "bolt", empty where the program did not get so far as
	// to show it.
	Kind string
	// Serializer is the name of the codec.
	Serializer string
	// Results are those of all rules that apply to such a program, in their order.
	Results []Result
}

// Result is what was found about a rule.
type Result struct {
	Rule
	Verdict Verdict
	// Note says, of a rule that was not seen, what would show it; it may be empty.
	Note string
	// Findings are the first few ways in which the rule was broken.
	Findings []Finding
	// More is how many further ones there were.
	More int
}

// Finding is one way in which a rule was broken.
type Finding struct {
	// Step is the name of the step that showed it.
	Step string
	// Says is what happened.
	Says string
	// Bytes is what the program wrote, escaped and cut for people to read; empty
	// where it is what it did not write.
	Bytes string
	// Sent is what the program was sent and did not answer as it should.
	Sent string
}

// Count counts the rules with a verdict, those of the severities alone where some are
// given.
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

// maxFindings is how many findings of a rule are kept: the others say the same.
const maxFindings = 3

// notebook is what one or more steps have found.
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

// add takes in what another notebook says.
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
