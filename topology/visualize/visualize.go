package visualize

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"

	"gust/topology"
)

// Formats lists the formats of a picture.
func Formats() []string { return []string{"png", "svg", "pdf", "dot", "jpeg", "jpg"} }

// Draw draws a topology in one of [Formats]. The topology need not be valid: Draw leaves
// out inputs from unknown components.
func Draw(t *topology.Topology, format string) ([]byte, error) {
	if !slices.Contains(Formats(), format) {
		return nil, fmt.Errorf("a topology cannot be drawn as %q: it can as %s", format, strings.Join(Formats(), ", "))
	}
	if format == "dot" {
		return dot(t), nil
	}
	ink, err := newInk()
	if err != nil {
		return nil, err
	}
	p := compose(t, ink)
	switch format {
	case "svg":
		return svg(p), nil
	case "pdf":
		return pdf(p, ink)
	}
	var b bytes.Buffer
	picture, err := raster(p, ink)
	if err != nil {
		return nil, err
	}
	if format == "png" {
		err = png.Encode(&b, picture)
	} else {
		err = jpeg.Encode(&b, picture, &jpeg.Options{Quality: 92})
	}
	return b.Bytes(), err
}
