package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"gust/internal/terminal"
	"gust/status"
	"gust/worker"
)

// printFailures prints failures for people.
func (c *cli) printFailures(from *failureSource, facets []status.FailureFacet, spans []status.FailureSpan, list []status.DeadLetter) error {
	if len(list) == 0 && len(facets) == 0 {
		text := "No tuple trees failed."
		if from.dead != nil {
			text = "No dead letters."
		}
		_, err := fmt.Fprintln(c.stdout, text)
		return err
	}
	causes := &sheet{title: "Causes", columns: columns(">failures", "reason", "component", "error")}
	for _, f := range facets {
		causes.add(int64(f.Count), string(f.Reason), f.Component, terminal.Shorten(f.Headline, mostShown))
	}
	sheets := []*sheet{causes}
	if len(spans) > 1 {
		sheets = append(sheets, failureTimes(spans))
	}
	if err := c.print(false, sheets...); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(c.stdout); err != nil {
		return err
	}
	return c.printEachFailure(from, list, failureDetails)
}

// failureTimes are the spans of time in which there were failures.
func failureTimes(spans []status.FailureSpan) *sheet {
	const widest = 30
	times := &sheet{title: "Times", columns: columns(">failures", "from", "until", "compared")}
	most := slices.MaxFunc(spans, func(a, b status.FailureSpan) int { return cmp.Compare(a.Count, b.Count) }).Count
	for _, s := range spans {
		if s.Count > 0 {
			times.add(int64(s.Count), clock(s.From), clock(s.Until), strings.Repeat("#", max(1, int(widest*s.Count/most))))
		}
	}
	return times
}

// clock is a time of day, with the date if that is not today.
func clock(t time.Time) string {
	t = t.Local()
	if t.Format(time.DateOnly) == time.Now().Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("2006-01-02 15:04")
}

// printWholeFailures prints all that is known of failures.
func (c *cli) printWholeFailures(from *failureSource, list []status.DeadLetter) error {
	return c.printEachFailure(from, list, wholeFailure)
}

func (c *cli) printEachFailure(from *failureSource, list []status.DeadLetter, details func(*status.Failure) []string) error {
	var b strings.Builder
	for i, f := range list {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s  %s %s\n", from.number(f), f.Time.Local().Format(time.DateTime), failureLine(f.Failure))
		for _, detail := range details(f.Failure) {
			fmt.Fprintf(&b, "    %s\n", strings.ReplaceAll(detail, "\n", "\n    "))
		}
	}
	_, err := io.WriteString(c.stdout, c.shown(b.String()))
	return err
}

// failureLine says which tree failed, and why.
func failureLine(f *status.Failure) string {
	culprit := taskName(f.Spout, f.Task)
	if f.Cause != nil {
		culprit = taskName(f.Cause.Component, f.Cause.Task)
	}
	text := fmt.Sprintf("%s %s: ", taskName(f.Spout, f.Task), terminal.Shorten(f.MessageID, mostShown))
	took := terminal.BriefMillis(f.Took)
	switch f.Reason {
	case worker.FailedByBolt:
		text += fmt.Sprintf("failed by %s after %s", culprit, took)
	case worker.FailedByTimeout:
		text += fmt.Sprintf("timed out at %s after %s", culprit, took)
	case worker.FailedByDeath:
		text += fmt.Sprintf("failed after %s: %s died", took, culprit)
	default:
		text += fmt.Sprintf("failed after %s: the run ended", took)
	}
	if f.Attempts > 1 {
		text += fmt.Sprintf(", attempt %d", f.Attempts)
	}
	if f.Poison {
		text += ", poison"
	}
	if f.Dead {
		text += ", dead letter"
	}
	if f.Replay != nil {
		text += ", replay " + string(f.Replay.State)
	}
	return text
}

func taskName(component string, task int) string { return fmt.Sprintf("%s[%d]", component, task) }

// replayOutcome says how a replay has ended, if it has.
func replayOutcome(r *status.Replay) string {
	switch r.State {
	case status.ReplayPending:
		return "pending"
	case status.ReplayAcked:
		return "acked after " + terminal.BriefMillis(r.Took)
	}
	text := "failed again"
	if r.Component != "" {
		text += " by " + taskName(r.Component, r.Task)
	}
	text += fmt.Sprintf(" (%s)", r.Reason)
	if r.Headline != "" {
		text += ": " + r.Headline
	}
	return text
}

// mostShown is how much a list shows of values and ids, in characters.
const mostShown = 200

// failureDetails are the lines below that in a list.
func failureDetails(f *status.Failure) []string {
	var lines []string
	if f.Values != "" {
		lines = append(lines, "emitted  "+terminal.Shorten(f.Values, mostShown))
	}
	if f.Cause != nil && f.Cause.Values != "" {
		lines = append(lines, "failed   "+terminal.Shorten(f.Cause.Values, mostShown)+" from "+f.Cause.From+"/"+f.Cause.Stream)
	}
	if f.Headline != "" {
		lines = append(lines, "error    "+terminal.Shorten(f.Headline, mostShown))
	}
	return lines
}

// wholeFailure are the lines below it if it is shown by itself.
func wholeFailure(f *status.Failure) []string {
	lines := []string{"emitted  " + orUnkept(f.Values) + " on " + f.Spout + "/" + f.Stream}
	if c := f.Cause; c != nil {
		did := "queued"
		if c.Taken {
			did = "processed"
		}
		lines = append(lines,
			"failed   "+orUnkept(c.Values)+" from "+c.From+"/"+c.Stream,
			fmt.Sprintf("at       %s, %s for %s", taskName(c.Component, c.Task), did, terminal.BriefMillis(c.Age)))
		if c.Size > 0 {
			lines = append(lines, "size     "+terminal.Bytes(int64(c.Size)))
		}
	}
	lines = append(lines, fmt.Sprintf("attempts %d", f.Attempts))
	if err := f.Replayable(); err != nil {
		lines = append(lines, "replay   impossible: "+err.Error())
	}
	if f.Error != "" {
		lines = append(lines, "error    "+strings.ReplaceAll(strings.TrimRight(f.Error, "\n"), "\n", "\n         "))
	}
	if r := f.Replay; r != nil {
		lines = append(lines, "replay   "+replayOutcome(r))
		if r.Error != "" {
			lines = append(lines, "         "+strings.ReplaceAll(strings.TrimRight(r.Error, "\n"), "\n", "\n         "))
		}
	}
	return lines
}

func orUnkept(values string) string {
	if values == "" {
		return "(values not kept)"
	}
	return values
}
