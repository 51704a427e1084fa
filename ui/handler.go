package ui

import (
	"net/http"

	"gust/status/served"
	"gust/ui/api"
	"gust/ui/page"
)

// Handler shows the topologies of a source.
func Handler(source served.Source) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(api.Prefix, api.Handler(source))
	mux.Handle("/", page.Handler(source))
	return mux
}
