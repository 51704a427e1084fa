package visualize

import "image/color"

// point is a place in a picture, in points of 1/72 inch, y downwards.
type point struct{ x, y float64 }

// step is a part of a path: a move or a line to p, or a curve of Bézier's to p,
// with its two control points.
type step struct {
	kind byte // 'M', 'L' or 'C', as in SVG
	a, b point
	p    point
}

// path is an outline, or a line.
type path []step

func (p path) move(to point) path        { return append(p, step{kind: 'M', p: to}) }
func (p path) line(to point) path        { return append(p, step{kind: 'L', p: to}) }
func (p path) curve(a, b, to point) path { return append(p, step{kind: 'C', a: a, b: b, p: to}) }

// shape is a path with its colours; one that is nil is not drawn.
type shape struct {
	path   path
	closed bool
	fill   color.Color
	stroke color.Color
	width  float64 // of the stroke
}

// text is a line of text, with the middle of its baseline.
type text struct {
	at    point
	size  float64
	bold  bool
	color color.Color
	text  string
}

// picture is a drawing, independent of the format.
type picture struct {
	title         string
	width, height float64
	shapes        []shape // drawn in this order, below the texts
	texts         []text
}

// kappa makes a quarter of a circle of a curve.
const kappa = 0.5523

// box is a rectangle with round corners.
func box(x, y, width, height, radius float64) path {
	r, k := radius, radius*(1-kappa)
	right, bottom := x+width, y+height
	return path{}.
		move(point{x + r, y}).line(point{right - r, y}).
		curve(point{right - k, y}, point{right, y + k}, point{right, y + r}).line(point{right, bottom - r}).
		curve(point{right, bottom - k}, point{right - k, bottom}, point{right - r, bottom}).line(point{x + r, bottom}).
		curve(point{x + k, bottom}, point{x, bottom - k}, point{x, bottom - r}).line(point{x, y + r}).
		curve(point{x, y + k}, point{x + k, y}, point{x + r, y})
}
