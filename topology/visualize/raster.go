package visualize

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/vector"
)

// pixels is how many there are to a point: enough for a sharp picture on paper
// and on the screens of today.
const pixels = 2.0

// mostPixels limits a picture's side. A larger topology is drawn as SVG.
const mostPixels = 16384

// raster paints a picture.
func raster(p *picture, k *ink) (image.Image, error) {
	width, height := int(math.Ceil(p.width*pixels)), int(math.Ceil(p.height*pixels))
	if width > mostPixels || height > mostPixels {
		return nil, fmt.Errorf("the picture would have %d x %d pixels: draw it as svg or pdf", width, height)
	}
	canvas := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(canvas, canvas.Bounds(), image.NewUniform(white), image.Point{}, draw.Src)
	for _, s := range p.shapes {
		if s.fill != nil {
			paint(canvas, flatten(s.path), s.fill)
		}
		if s.stroke != nil {
			paint(canvas, stroked(s), s.stroke)
		}
	}
	for _, t := range p.texts {
		outline, err := k.outline(t)
		if err != nil {
			return nil, err
		}
		paint(canvas, flatten(outline), t.color)
	}
	return canvas, nil
}

// paint fills polygons with a colour. Overlaps in the same direction of rotation are
// filled once; in opposite directions they are a hole.
func paint(canvas *image.RGBA, polygons [][]point, c color.Color) {
	area := bounds(polygons).Intersect(canvas.Bounds())
	if area.Empty() {
		return
	}
	r := vector.NewRasterizer(area.Dx(), area.Dy())
	for _, polygon := range polygons {
		for i, p := range polygon {
			x, y := float32(p.x*pixels)-float32(area.Min.X), float32(p.y*pixels)-float32(area.Min.Y)
			if i == 0 {
				r.MoveTo(x, y)
			} else {
				r.LineTo(x, y)
			}
		}
		r.ClosePath()
	}
	r.Draw(canvas, area, image.NewUniform(c), image.Point{})
}

// bounds is the area of pixels that polygons touch.
func bounds(polygons [][]point) image.Rectangle {
	var all image.Rectangle
	for _, polygon := range polygons {
		for _, p := range polygon {
			x, y := int(math.Floor(p.x*pixels)), int(math.Floor(p.y*pixels))
			all = all.Union(image.Rect(x, y, x+1, y+1))
		}
	}
	return all
}

// flatten converts a path to polygons: each move begins one, and curves become short
// lines.
func flatten(p path) [][]point {
	const pieces = 12
	var polygons [][]point
	var at point
	for _, s := range p {
		if s.kind == 'M' {
			polygons = append(polygons, nil)
		}
		last := len(polygons) - 1
		if s.kind == 'C' {
			for i := 1; i < pieces; i++ {
				polygons[last] = append(polygons[last], bezier(at, s.a, s.b, s.p, float64(i)/pieces))
			}
		}
		polygons[last] = append(polygons[last], s.p)
		at = s.p
	}
	return polygons
}

// bezier is the point of a curve at t, from 0 to 1.
func bezier(from, a, b, to point, t float64) point {
	u := 1 - t
	w0, w1, w2, w3 := u*u*u, 3*u*u*t, 3*u*t*t, t*t*t
	return point{w0*from.x + w1*a.x + w2*b.x + w3*to.x, w0*from.y + w1*a.y + w2*b.y + w3*to.y}
}

// stroked is the area of a shape's stroke: a rectangle for each of its lines, and a disc
// where two meet. All have the same direction of rotation.
func stroked(s shape) [][]point {
	half := s.width / 2
	var areas [][]point
	for _, line := range flatten(s.path) {
		if s.closed && len(line) > 0 {
			line = append(line, line[0])
		}
		for i, p := range line {
			areas = append(areas, disc(p, half))
			if i == 0 {
				continue
			}
			q := line[i-1]
			length := math.Hypot(p.x-q.x, p.y-q.y)
			if length == 0 {
				continue
			}
			across := point{-(p.y - q.y) / length * half, (p.x - q.x) / length * half}
			areas = append(areas, []point{
				{q.x - across.x, q.y - across.y}, {p.x - across.x, p.y - across.y},
				{p.x + across.x, p.y + across.y}, {q.x + across.x, q.y + across.y},
			})
		}
	}
	return areas
}

func disc(centre point, radius float64) []point {
	const corners = 12
	polygon := make([]point, corners)
	for i := range polygon {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / corners)
		polygon[i] = point{centre.x + radius*cos, centre.y + radius*sin}
	}
	return polygon
}
