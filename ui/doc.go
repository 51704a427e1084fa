// Package ui shows topologies that run, over HTTP: Storm's REST API (ui/rest), gust's own
// (ui/api), the page (ui/page) and metrics (ui/metrics), all of them from package status.
//
// Where to begin: server.go opens the sockets, handler.go puts the parts together, and
// guard.go says who may ask.
package ui
