package logs

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"gust/conf"
	"gust/storm"
	"gust/storm/generated"
)

// EventLoggers is the key of a topology's number of event loggers.
const EventLoggers = conf.TopologyEventLoggers

// EventPages are the addresses of a topology's event logs: at its event loggers, or on gust's
// workers, which need none, at each worker. They are empty if it has no event loggers.
func EventPages(ctx context.Context, client *storm.Client, info *generated.TopologyInfo) ([]string, error) {
	settings, err := client.TopologySettings(ctx, info.ID)
	if err != nil {
		return nil, err
	}
	onGust, err := settings.Bool(conf.GustWorkers, false)
	if err != nil {
		return nil, err
	}
	if n, known := eventLoggerCount(settings); known && n == 0 && !onGust {
		return nil, nil
	}
	logs, err := FindLogviewer(ctx, client)
	if err != nil {
		return nil, err
	}
	var pages []string
	for _, e := range info.Executors {
		if e.ComponentID == storm.EventLogger || onGust {
			file := fmt.Sprintf("%s/%d/events.log", info.ID, e.Port)
			pages = append(pages, logs.address(e.Host, "log", url.Values{"file": {file}}))
		}
	}
	slices.Sort(pages)
	return slices.Compact(pages), nil // a worker has several executors
}

// eventLoggerCount is the number of event loggers in the configuration; known is false if it
// does not say.
func eventLoggerCount(settings conf.Conf) (n int64, known bool) {
	n, known = settings[EventLoggers].(int64)
	return n, known
}
