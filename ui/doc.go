// Package ui shows running topologies over HTTP: Storm's REST API (ui/rest), gust's own
// (ui/api), the page (ui/page) and metrics (ui/metrics), all of them from package status.
//
// Start with these files: server.go opens the sockets, handler.go combines the parts, and
// guard.go decides which requests are allowed.
package ui
