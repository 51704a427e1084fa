package visualize

import (
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// ink measures strings and converts them to outlines, with Go's own fonts, which are part
// of the binary: a machine without fonts draws the same picture.
type ink struct {
	regular, bold *sfnt.Font
	buffer        sfnt.Buffer
}

func newInk() (*ink, error) {
	regular, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		return nil, err
	}
	bold, err := sfnt.Parse(gobold.TTF)
	return &ink{regular: regular, bold: bold}, err
}

func (k *ink) font(bold bool) *sfnt.Font {
	if bold {
		return k.bold
	}
	return k.regular
}

// unit is the size at which glyphs are loaded: a font's own units, unrounded.
const unit = 2048

// width is a string's width. A character that is not in the font is as wide as the font's
// symbol for it.
func (k *ink) width(text string, size float64, bold bool) float64 {
	f, width := k.font(bold), 0.0
	for _, r := range text {
		width += k.advance(f, k.glyph(f, r)) * size / unit
	}
	return width
}

func (k *ink) glyph(f *sfnt.Font, r rune) sfnt.GlyphIndex {
	index, err := f.GlyphIndex(&k.buffer, r)
	if err != nil {
		return 0
	}
	return index
}

func (k *ink) advance(f *sfnt.Font, index sfnt.GlyphIndex) float64 {
	advance, err := f.GlyphAdvance(&k.buffer, index, fixed.I(unit), font.HintingNone)
	if err != nil {
		return 0
	}
	return float64(advance) / 64
}

// outline is a string's outline.
func (k *ink) outline(t text) (path, error) {
	f := k.font(t.bold)
	scale := t.size / unit
	x := t.at.x - k.width(t.text, t.size, t.bold)/2
	var p path
	for _, r := range t.text {
		index := k.glyph(f, r)
		segments, err := f.LoadGlyph(&k.buffer, index, fixed.I(unit), nil)
		if err != nil {
			return nil, err
		}
		at := func(q fixed.Point26_6) point {
			return point{x + float64(q.X)/64*scale, t.at.y + float64(q.Y)/64*scale}
		}
		var last point
		for _, s := range segments {
			switch s.Op {
			case sfnt.SegmentOpMoveTo:
				last = at(s.Args[0])
				p = p.move(last)
			case sfnt.SegmentOpLineTo:
				last = at(s.Args[0])
				p = p.line(last)
			case sfnt.SegmentOpQuadTo:
				control, end := at(s.Args[0]), at(s.Args[1])
				p = p.curve(between(last, control), between(end, control), end)
				last = end
			case sfnt.SegmentOpCubeTo:
				last = at(s.Args[2])
				p = p.curve(at(s.Args[0]), at(s.Args[1]), last)
			}
		}
		x += k.advance(f, index) * scale
	}
	return p, nil
}

// between is the point two thirds of the way from an end of a quadratic curve to its
// control point: the control point of the same curve as a cubic one.
func between(end, control point) point {
	return point{end.x + (control.x-end.x)*2/3, end.y + (control.y-end.y)*2/3}
}
