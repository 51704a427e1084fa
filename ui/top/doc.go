// Package top shows a topology on a terminal while it runs: `gust top`, and `gust run --top`.
//
// It is a bubbletea program: messages and keys (keys.go) change the model (model.go), and
// screen.go and the files that it uses draw the whole model after each change. Everything
// comes from a [Source]: a topology in this process, or a client of one in another.
package top
