package visualize

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image/color"
	"strings"
	"unicode/utf16"
)

// pdf writes a picture as a PDF document of one page. Strings are outlines, so no font is
// embedded, and every reader shows the same.
func pdf(p *picture, k *ink) ([]byte, error) {
	var page bytes.Buffer
	// PDF's origin is the lower left corner.
	fmt.Fprintf(&page, "1 0 0 -1 0 %s cm\n", decimal(p.height))
	for _, s := range p.shapes {
		pdfShape(&page, s)
	}
	for _, t := range p.texts {
		outline, err := k.outline(t)
		if err != nil {
			return nil, err
		}
		if len(outline) > 0 {
			pdfShape(&page, shape{path: outline, closed: true, fill: t.color})
		}
	}
	var content bytes.Buffer
	z := zlib.NewWriter(&content)
	z.Write(page.Bytes()) // a bytes.Buffer never fails
	if err := z.Close(); err != nil {
		return nil, err
	}
	return pdfFile([]string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %s %s] /Resources << >> /Contents 4 0 R >>", decimal(p.width), decimal(p.height)),
		fmt.Sprintf("<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream", content.Len(), content.String()),
		fmt.Sprintf("<< /Title %s /Producer (gust) >>", pdfText(p.title)),
	}), nil
}

// pdfFile combines numbered objects, with the table of their offsets. The first is the
// catalog, and the last describes the document.
func pdfFile(objects []string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n") // the bytes mark it as binary
	var table strings.Builder
	for i, object := range objects {
		fmt.Fprintf(&table, "%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	begin := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n%s", len(objects)+1, table.String())
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, len(objects), begin)
	return b.Bytes()
}

// pdfShape writes the operators that draw a shape.
func pdfShape(b *bytes.Buffer, s shape) {
	if s.fill != nil {
		fmt.Fprintf(b, "%s rg\n", pdfColor(s.fill))
	}
	if s.stroke != nil {
		fmt.Fprintf(b, "%s RG %s w\n", pdfColor(s.stroke), decimal(s.width))
	}
	for _, step := range s.path {
		switch step.kind {
		case 'M':
			fmt.Fprintf(b, "%s m\n", pdfPoints(step.p))
		case 'L':
			fmt.Fprintf(b, "%s l\n", pdfPoints(step.p))
		case 'C':
			fmt.Fprintf(b, "%s c\n", pdfPoints(step.a, step.b, step.p))
		}
	}
	switch {
	case s.fill != nil && s.stroke != nil:
		b.WriteString("b\n")
	case s.fill != nil:
		b.WriteString("f\n")
	case s.closed:
		b.WriteString("s\n")
	default:
		b.WriteString("S\n")
	}
}

func pdfPoints(points ...point) string {
	var parts []string
	for _, p := range points {
		parts = append(parts, decimal(p.x), decimal(p.y))
	}
	return strings.Join(parts, " ")
}

func pdfColor(c color.Color) string {
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("%.3f %.3f %.3f", float64(r)/0xffff, float64(g)/0xffff, float64(b)/0xffff)
}

// pdfText is a text string: UTF-16 in hexadecimal digits.
func pdfText(text string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, unit := range utf16.Encode([]rune(text)) {
		fmt.Fprintf(&b, "%04X", unit)
	}
	return b.String() + ">"
}
