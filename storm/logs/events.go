package logs

import (
	"context"
	"fmt"
	"net/url"

	"gust/conf"
	"gust/storm"
	"gust/storm/generated"
)

// EventLoggers is the key of a topology's number of event loggers.
const EventLoggers = conf.TopologyEventLoggers

// EventPages are the addresses of a topology's event logs; empty if it has no event
// loggers.
func EventPages(ctx context.Context, client *storm.Client, info *generated.TopologyInfo) ([]string, error) {
	settings, err := client.TopologySettings(ctx, info.ID)
	if err != nil {
		return nil, err
	}
	if n, known := eventLoggerCount(settings); known && n == 0 {
		return nil, nil
	}
	logs, err := FindLogviewer(ctx, client)
	if err != nil {
		return nil, err
	}
	var pages []string
	for _, e := range info.Executors {
		if e.ComponentID == storm.EventLogger {
			file := fmt.Sprintf("%s/%d/events.log", info.ID, e.Port)
			pages = append(pages, logs.address(e.Host, "log", url.Values{"file": {file}}))
		}
	}
	return pages, nil
}

// eventLoggerCount is the number of event loggers in the configuration; known is false if it
// does not say.
func eventLoggerCount(settings conf.Conf) (n int64, known bool) {
	n, known = settings[EventLoggers].(int64)
	return n, known
}
