// Package top shows a topology on a terminal while it runs: `gust top`, and `gust run --top`.
//
// It is a program of bubbletea's: a model (model.go), which messages and keys (keys.go)
// change, and which is drawn whole whenever it has changed (screen.go and what that calls).
// All that it shows comes from a [Source], which is a topology in this process or the
// client of one in another.
package top
