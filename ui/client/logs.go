package client

import (
	"context"
	"net/url"
	"slices"

	"gust/status"
)

// Logs are the log lines that the filter picks, oldest first. The server ignores case in
// a search.
func (t *Topology) Logs(ctx context.Context, filter status.LogFilter) ([]status.LogLine, error) {
	q := url.Values{}
	for _, name := range filter.Components {
		q.Add("component", name)
	}
	setNumber(q, "task", uint64(filter.Task))
	set(q, "level", filter.Level)
	if filter.Search != nil {
		q.Set("search", filter.Search.String())
	}
	setNumber(q, "before", filter.Before)
	setNumber(q, "after", filter.After)
	setNumber(q, "limit", uint64(filter.Limit))
	var lines []status.LogLine
	return lines, t.client.get(ctx, t.path+"/logs", q, &lines)
}

// mostLines is the maximum number of lines in a response.
const mostLines = 5000

// LastLogs are the last lines that the filter picks, oldest first: at most as many as
// most says, or all if it is 0. Unlike [Topology.Logs], it may need several requests.
func (t *Topology) LastLogs(ctx context.Context, filter status.LogFilter, most int) ([]status.LogLine, error) {
	var pages [][]status.LogLine // the newest first
	for left := most; ; {
		filter.Limit = mostLines
		if most > 0 {
			filter.Limit = min(mostLines, left)
		}
		lines, err := t.Logs(ctx, filter)
		if err != nil {
			return nil, err
		}
		pages = append(pages, lines)
		left -= len(lines)
		if len(lines) < filter.Limit || most > 0 && left <= 0 {
			break
		}
		filter.Before = lines[0].Number
	}
	slices.Reverse(pages)
	return slices.Concat(pages...), nil
}

// FollowLogs calls show with the last lines, as many as [Topology.LastLogs] returns, and
// then with new lines, until the topology has ended or show returns an error.
func (t *Topology) FollowLogs(ctx context.Context, filter status.LogFilter, most int, show func([]status.LogLine) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	next := func(most int) error {
		lines, err := t.LastLogs(ctx, filter, most)
		if err != nil || len(lines) == 0 {
			return err
		}
		filter.After = lines[len(lines)-1].Number
		if err := show(lines); err != nil {
			stop(err)
		}
		return context.Cause(ctx)
	}
	if err := next(most); err != nil {
		return err
	}
	// If a request fails because the connection is lost, so does the stream.
	err := t.Stream(ctx, status.Minute, func(*status.View) { _ = next(0) }, func(error) {})
	if failed := context.Cause(ctx); failed != nil {
		return failed
	}
	return err
}
