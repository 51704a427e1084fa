package ui

import (
	"net/http"

	"gust/status"
	"gust/status/served"
	"gust/ui/api"
	"gust/ui/metrics"
	"gust/ui/page"
	"gust/ui/rest"
)

// Handler serves the topologies of a source: the page, the APIs and the metrics.
func Handler(source served.Source) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", page.Handler(func() []*status.View { return page.Views(source) }))
	mux.Handle(api.Prefix, api.Handler(source))
	mux.Handle("/metrics", metrics.Handler(source))
	storm := rest.Handler(source)
	for _, pattern := range rest.Patterns {
		mux.Handle(pattern, storm)
	}
	return mux
}
