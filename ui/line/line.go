// Package line is the status line of `gust run`: one line at the bottom of the terminal
// that is updated each second, while the log scrolls above it.
package line

import (
	"context"
	"strings"
	"time"

	"gust/internal/terminal"
	"gust/status"
	"gust/worker"
)

// every is the interval of updates.
const every = time.Second

// Show shows the line until the context or the topology has ended. It shows nothing if the
// voice does not speak to a terminal. Everything else that writes to the terminal meanwhile,
// such as the log, must go through [terminal.Voice.Above].
func Show(ctx context.Context, s *status.Status, voice *terminal.Voice) {
	defer voice.Clear()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		v := s.Latest()
		if v.Ended != nil {
			return
		}
		voice.Show("%s", Text(v))
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// Text is what the line says: how fast the topology goes, and what keeps it from going
// faster. If nothing moves, the reason comes first, since the line may be cut.
func Text(v *status.View) string {
	figures := []string{
		terminal.BriefRate(v.Now.Emitted) + " emitted/s",
		terminal.BriefRate(v.Now.Acked) + " acked/s",
		terminal.Brief(float64(v.Trees.Pending)) + " pending",
		terminal.Brief(float64(v.Trees.Failed.Sum())) + " failed",
	}
	up := terminal.BriefSpan(v.Uptime)
	d := v.Diagnosis
	switch {
	case v.Still() || v.Phase != string(worker.Active):
		figures = append([]string{up, d.Text}, figures[2:]...)
	case d.Severity == status.Warning || d.Severity == status.Trouble:
		figures = append(append([]string{up}, figures...), d.Text)
	default:
		figures = append([]string{up}, figures...)
	}
	return strings.Join(figures, " | ")
}
