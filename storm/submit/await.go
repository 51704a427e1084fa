package submit

import (
	"context"
	"fmt"
	"time"

	"gust/conf"
	"gust/internal/hint"
	"gust/internal/program"
	"gust/internal/terminal"
	"gust/storm"
	"gust/storm/operate"
)

// watch watches a topology until it runs.
func (s *submission) watch(ctx context.Context, id string, ready *storm.Submission) error {
	began := time.Now()
	var last Progress
	w := &Watch{Client: s.client, ID: id, Inactive: s.Inactive, Told: func(p Progress) {
		last = p
		s.Voice.Show("%s", stageText(p))
	}}
	reported, err := w.Run(ctx)
	if err != nil {
		s.Voice.Clear()
		return err
	}
	s.Voice.Line("running after %.1fs: %s on %s%s", time.Since(began).Seconds(),
		terminal.Count(last.Executors, "executor"), terminal.Count(last.Workers, "worker"), tuplesText(last, s.Inactive))
	for _, t := range reported {
		text := fmt.Sprintf("%s runs, but has reported an error:\n%s", t.Component, t.Text)
		if t.Hint != "" {
			text += "\n" + hint.Prefix + t.Hint
		}
		s.Voice.Warn(text)
	}
	if asked := askedWorkers(ready); last.Workers < min(asked, last.Executors) {
		s.Voice.Warn(s.fewerText(ctx, asked, last.Workers))
	}
	return nil
}

// askedWorkers is the number of workers that a topology asks for. Storm's default is one,
// and it never gives more than there are executors.
func askedWorkers(ready *storm.Submission) int {
	settings, err := conf.ParseJSON([]byte(ready.Conf))
	if err != nil {
		return 1
	}
	object, _ := settings.(map[string]any)
	asked, err := conf.Conf(object).Int(conf.TopologyWorkers, 1)
	if err != nil {
		return 1
	}
	return asked
}

// fewerText warns that Storm gave a topology fewer workers than it asks for, which Storm
// itself does not report.
func (s *submission) fewerText(ctx context.Context, asked, given int) string {
	text := fmt.Sprintf("%s asks for %s, but Storm gave it %d", s.name, terminal.Count(asked, "worker"), given)
	cluster, err := s.client.ClusterInfo(ctx)
	if err != nil {
		return text
	}
	if slots, used := operate.Slots(cluster); used >= slots {
		text += fmt.Sprintf(": all %d slots of the cluster are used\n%s`%s slot_usage` shows who uses them", slots, hint.Prefix, program.Name)
	}
	return text
}

// stageText describes what a watch waits for.
func stageText(p Progress) string {
	switch p.Stage {
	case Waiting:
		return "waiting for Nimbus to give it workers ..."
	case Starting:
		return fmt.Sprintf("%s starting: %d of %s ...", terminal.Count(p.Workers, "worker"), p.Up, terminal.Count(p.Executors, "executor"))
	}
	return fmt.Sprintf("%s up, waiting for tuples of every component: %s emitted, %s acked ...",
		terminal.Count(p.Executors, "executor"), terminal.Thousands(uint64(p.Emitted)), terminal.Thousands(uint64(p.Acked)))
}

// tuplesText describes the tuples of a topology that runs.
func tuplesText(p Progress, inactive bool) string {
	switch {
	case inactive:
		return ", inactive"
	case p.Emitted == 0:
		return "; no tuple has been emitted so far"
	}
	return fmt.Sprintf("; %s emitted so far", terminal.Count(uint64(p.Emitted), "tuple"))
}
