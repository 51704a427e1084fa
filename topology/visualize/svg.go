package visualize

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image/color"
	"strconv"
	"strings"
)

// svg writes a picture as SVG. Strings stay text, which can be searched and copied.
func svg(p *picture) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %[1]s %[2]s"`+
		" font-family=\"Go, Helvetica, Arial, sans-serif\" text-anchor=\"middle\">\n", decimal(p.width), decimal(p.height))
	fmt.Fprintf(&b, "<title>%s</title>\n<rect width=\"100%%\" height=\"100%%\" fill=\"%s\"/>\n", escape(p.title), hex(white))
	for _, s := range p.shapes {
		fmt.Fprintf(&b, `<path d="%s" fill="%s"`, svgPath(s), hex(s.fill))
		if s.stroke != nil {
			fmt.Fprintf(&b, ` stroke="%s" stroke-width="%s"`, hex(s.stroke), decimal(s.width))
		}
		b.WriteString("/>\n")
	}
	for _, t := range p.texts {
		weight := ""
		if t.bold {
			weight = ` font-weight="bold"`
		}
		fmt.Fprintf(&b, "<text x=\"%s\" y=\"%s\" font-size=\"%s\"%s fill=\"%s\">%s</text>\n",
			decimal(t.at.x), decimal(t.at.y), decimal(t.size), weight, hex(t.color), escape(t.text))
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func svgPath(s shape) string {
	var parts []string
	for _, step := range s.path {
		points := []point{step.p}
		if step.kind == 'C' {
			points = []point{step.a, step.b, step.p}
		}
		part := string(step.kind)
		for i, p := range points {
			if i > 0 {
				part += " "
			}
			part += decimal(p.x) + "," + decimal(p.y)
		}
		parts = append(parts, part)
	}
	if s.closed {
		parts = append(parts, "Z")
	}
	return strings.Join(parts, " ")
}

// decimal is a length, to a hundredth of a point.
func decimal(x float64) string {
	text := strconv.FormatFloat(x, 'f', 2, 64)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

func hex(c color.Color) string {
	if c == nil {
		return "none"
	}
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}

// escape escapes a string for XML; characters that XML cannot express become U+FFFD.
func escape(text string) string {
	var b bytes.Buffer
	xml.EscapeText(&b, []byte(text)) // a bytes.Buffer never fails
	return b.String()
}
