package visualize

import (
	"bytes"
	"compress/zlib"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"gust/topology"
)

// wordcount has a spout, two bolts, several streams and a cycle.
func wordcount() *topology.Topology {
	return &topology.Topology{Name: `word "count" <1> ü`, Components: []*topology.Component{
		{Name: "words", Kind: topology.Spout, Parallelism: 1, Outputs: []topology.Stream{{Name: "default", Fields: []string{"word"}}}},
		{
			Name: "count", Kind: topology.Bolt, Parallelism: 2,
			Outputs: []topology.Stream{{Name: "default", Fields: []string{"word", "count"}}, {Name: "errors", Fields: []string{"<text>"}}},
			Inputs: []topology.Input{
				{Component: "words", Stream: "default", Grouping: topology.Grouping{Type: topology.Fields, Fields: []string{"word"}}},
				{Component: "count", Stream: "errors"},
			},
		},
		{
			Name: "a\"b<c>&日本", Kind: topology.Bolt, Parallelism: 1,
			Inputs: []topology.Input{
				{Component: "count", Stream: "errors", Grouping: topology.Grouping{Type: topology.Global}},
				{Component: "absent", Stream: "default"},
			},
		},
	}}
}

func drawn(t *testing.T, topology *topology.Topology, format string) []byte {
	t.Helper()
	picture, err := Draw(topology, format)
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

func TestDrawIsDeterministic(t *testing.T) {
	for _, format := range Formats() {
		if !bytes.Equal(drawn(t, wordcount(), format), drawn(t, wordcount(), format)) {
			t.Errorf("two pictures as %s differ", format)
		}
	}
}

func TestUnknownFormat(t *testing.T) {
	if _, err := Draw(wordcount(), "gif"); err == nil || !strings.Contains(err.Error(), "svg") {
		t.Errorf("error %v, want one that lists the formats", err)
	}
}

// The picture has every component with its tasks, every subscription with its fields and
// its grouping.
func TestSVG(t *testing.T) {
	var texts []string
	d := xml.NewDecoder(bytes.NewReader(drawn(t, wordcount(), "svg")))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if data, ok := token.(xml.CharData); ok {
			texts = append(texts, string(data))
		}
	}
	for _, want := range []string{
		`word "count" <1> ü`, "words", "spout, 1 task", "count", "bolt, 2 tasks", "a\"b<c>&日本",
		"word", "fields(word)", "errors: <text>", "shuffle", "global",
	} {
		if !strings.Contains(strings.Join(texts, "\n"), "\n"+want+"\n") {
			t.Errorf("the picture does not say %q: %q", want, texts)
		}
	}
}

func TestDOT(t *testing.T) {
	got := string(drawn(t, wordcount(), "dot"))
	for _, want := range []string{
		`digraph "word \"count\" <1> ü" {`,
		`"words" [shape=box, label="words\nspout, 1 task"]`,
		`"words" -> "count" [label="word\nfields(word)"]`,
		`"count" -> "a\"b<c>&日本" [label="errors: <text>\nglobal"]`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if strings.Contains(got, "absent") {
		t.Error("it has a component that is not there")
	}
}

// A picture shows the tasks that run: not more than the configuration allows.
func TestCappedTasks(t *testing.T) {
	capped := wordcount()
	capped.Config = map[string]any{"topology.max.task.parallelism": int64(3)}
	capped.Components[0].Parallelism, capped.Components[1].Parallelism = 9, 9
	capped.Components[1].Config = map[string]any{"topology.max.task.parallelism": int64(4)}
	got := string(drawn(t, capped, "dot"))
	for _, want := range []string{"spout, 3 tasks", "bolt, 4 tasks"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
}

// Each component's box has its colour in the picture, with its name in it, and the rest
// is white.
func TestImages(t *testing.T) {
	k, err := newInk()
	if err != nil {
		t.Fatal(err)
	}
	composed := compose(wordcount(), k)
	for _, format := range []string{"png", "jpeg", "jpg"} {
		picture, _, err := image.Decode(bytes.NewReader(drawn(t, wordcount(), format)))
		if err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		if !similar(picture.At(0, 0), white) {
			t.Errorf("the %s begins with %v", format, picture.At(0, 0))
		}
		boxes := 0
		for _, s := range composed.shapes {
			if s.fill != spoutFill && s.fill != boltFill {
				continue
			}
			boxes++
			area := bounds(flatten(s.path))
			at := image.Pt(area.Min.X+6*pixels, (area.Min.Y+area.Max.Y)/2) // left of the name
			if got := picture.At(at.X, at.Y); !similar(got, s.fill) {
				t.Errorf("the %s has %v at %v, in a box of %v", format, got, at, s.fill)
			}
		}
		if boxes != 3 {
			t.Errorf("%d boxes, want 3", boxes)
		}
		for _, text := range composed.texts {
			outline, err := k.outline(text)
			if err != nil {
				t.Fatal(err)
			}
			if area := bounds(flatten(outline)); !area.Empty() && !has(picture, area, text.color) {
				t.Errorf("the %s has no %v in %v, where it says %q", format, text.color, area, text.text)
			}
		}
	}
}

// similar reports whether two colours are the same except for JPEG's losses.
func similar(a, b color.Color) bool {
	near := func(a, b uint32) bool { return max(a, b)-min(a, b) < 0x3000 }
	r1, g1, b1, _ := a.RGBA()
	r2, g2, b2, _ := b.RGBA()
	return near(r1, r2) && near(g1, g2) && near(b1, b2)
}

// has reports whether a picture has a colour somewhere in an area.
func has(picture image.Image, area image.Rectangle, c color.Color) bool {
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			if similar(picture.At(x, y), c) {
				return true
			}
		}
	}
	return false
}

// The document's table leads to its objects, and the page's content can be read.
func TestPDF(t *testing.T) {
	file := drawn(t, wordcount(), "pdf")
	match := regexp.MustCompile(`startxref\n(\d+)\n%%EOF\n$`).FindSubmatch(file)
	if match == nil {
		t.Fatal("no startxref at the end")
	}
	begin, _ := strconv.Atoi(string(match[1]))
	rows := strings.Split(string(file[begin:]), "\n")
	if rows[0] != "xref" || rows[1] != "0 6" {
		t.Fatalf("the table begins with %q", rows[:2])
	}
	for i := 1; i <= 5; i++ {
		offset, err := strconv.Atoi(rows[2+i][:10])
		if err != nil || !bytes.HasPrefix(file[offset:], fmt.Appendf(nil, "%d 0 obj\n", i)) {
			t.Errorf("object %d is not at %s", i, rows[2+i])
		}
	}
	_, stream, _ := bytes.Cut(file, []byte("stream\n"))
	z, err := zlib.NewReader(bytes.NewReader(stream))
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(page)) {
		if !regexp.MustCompile(`^(-?[\d.]+ )*(m|l|c|f|b|s|S|rg|cm|[\d.]+ [\d.]+ RG [\d.]+ w)\n$`).MatchString(line) {
			t.Fatalf("the page has the line %q", line)
		}
	}
}

// Whatever the graph is, boxes do not overlap or leave the picture, and every edge leads
// from its beginning to its end.
func TestArrangeAnyGraph(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 1))
		nodes := make([]*node, 1+random.IntN(12))
		for i := range nodes {
			nodes[i] = &node{width: 40 + 100*random.Float64(), height: 40 + 40*random.Float64()}
		}
		var edges []*edge
		for range random.IntN(2 * len(nodes)) {
			edges = append(edges, &edge{
				from: random.IntN(len(nodes)), to: random.IntN(len(nodes)),
				label: &node{width: 30 + 80*random.Float64(), height: 30},
			})
		}
		all := arrange(nodes, edges)
		for i, a := range all {
			if a.x-a.width/2 < -0.001 || a.y-a.height/2 < -0.001 {
				t.Fatalf("seed %d: a node at %v, %v is out of the picture", seed, a.x, a.y)
			}
			for _, b := range all[:i] {
				if abs(a.x-b.x) < (a.width+b.width)/2-0.001 && abs(a.y-b.y) < (a.height+b.height)/2-0.001 {
					t.Fatalf("seed %d: two nodes lie over each other: %+v and %+v", seed, a, b)
				}
			}
		}
		for _, e := range edges {
			if e.loop() {
				continue
			}
			left, right := e.ends()
			if e.path[0] != nodes[left] || e.path[len(e.path)-1] != nodes[right] || e.path[len(e.path)-2] != e.label {
				t.Fatalf("seed %d: an edge's path leads elsewhere", seed)
			}
			for i, n := range e.path[1:] {
				if n.layer != e.path[i].layer+1 || n.x <= e.path[i].x {
					t.Fatalf("seed %d: an edge's path leaves a layer out", seed)
				}
			}
		}
	}
}

func abs(x float64) float64 { return max(x, -x) }

// A bolt that nothing leads to is drawn like any other.
func TestDrawInvalidTopology(t *testing.T) {
	for _, topology := range []*topology.Topology{
		{Name: "empty"},
		{Name: "alone", Components: []*topology.Component{{Name: "x", Kind: topology.Bolt}}},
	} {
		for _, format := range Formats() {
			drawn(t, topology, format)
		}
	}
}
