package shell

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// cut cuts text into lines, given in chunks of n bytes.
func cut(t *testing.T, text string, n int) []string {
	t.Helper()
	var lines []string
	l := NewLines(func(line []byte) {
		if len(line) > maxLine {
			t.Errorf("a line of %d bytes", len(line))
		}
		lines = append(lines, string(line))
	})
	for chunk := range slices.Chunk([]byte(text), n) {
		borrowed := bytes.Clone(chunk)
		if written, err := l.Write(borrowed); written != len(chunk) || err != nil {
			t.Fatal(written, err)
		}
		clear(borrowed)
		if cap(l.rest) > 2*maxLine {
			t.Fatalf("%d bytes of memory for the rest of a line", cap(l.rest))
		}
	}
	l.Flush()
	return lines
}

func TestLines(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
	}{
		{"nothing", "", nil},
		{"one", "a\n", []string{"a"}},
		{"no end", "a\nb", []string{"a", "b"}},
		{"empty lines", "a\n\n\nb\n", []string{"a", "", "", "b"}},
		{"CR LF", "a\r\n\r\nb\r\n", []string{"a", "", "b"}},
		{"progress bar", "1%\r2%\r3%\ndone\n", []string{"1%", "2%", "3%", "done"}},
		{"CR at the end", "1%\r", []string{"1%"}},
		{"CR CR LF", "a\r\r\nb", []string{"a", "", "b"}},
		{"LF CR", "a\n\rb\n", []string{"a", "", "b"}},
		{"UTF-8", "grüße\n世界", []string{"grüße", "世界"}},
		{"Latin-1", "gr\xfc\xdfe\n\xe4", []string{"gr\uFFFDe", "\uFFFD"}},
		{"zero", "a\x00b\n", []string{"a\x00b"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for n := 1; n <= max(len(test.text), 1); n++ {
				if got := cut(t, test.text, n); !slices.Equal(got, test.want) {
					t.Errorf("in chunks of %d: got %q, want %q", n, got, test.want)
				}
			}
		})
	}
}

// Flush ends a line, once, and what comes after it is a line of its own.
func TestLinesFlush(t *testing.T) {
	var lines []string
	l := NewLines(func(line []byte) { lines = append(lines, string(line)) })
	l.Write([]byte("a"))
	l.Flush()
	l.Flush()
	l.Write([]byte("b\n"))
	if want := []string{"a", "b"}; !slices.Equal(lines, want) {
		t.Errorf("got %q, want %q", lines, want)
	}
}

func TestLongLines(t *testing.T) {
	tests := []struct {
		name, unit string
		count      int
	}{
		{"just short enough", "x", maxLine - 1},
		{"just as long", "x", maxLine},
		{"just too long", "x", maxLine + 1},
		{"10 MB", "x", 10 << 20},
		{"two bytes", "ü", maxLine},
		{"three bytes", "世", maxLine},
		{"four bytes", "😀", maxLine},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := strings.Repeat(test.unit, test.count)
			for _, chunk := range []int{len(text) + 2, 65536, 4097} {
				lines := cut(t, text+"\nz", chunk)
				last := len(lines) - 1
				if lines[last] != "z" {
					t.Fatalf("the next line is %q", lines[last])
				}
				var whole strings.Builder
				for i, line := range lines[:last] {
					if !utf8.ValidString(line) {
						t.Fatal("a character was cut")
					}
					piece, marked := strings.CutSuffix(line, cutMarker)
					if marked != (i < last-1) {
						t.Fatalf("piece %d of %d is marked: %v", i, last, marked)
					}
					whole.WriteString(piece)
				}
				if whole.String() != text {
					t.Error("the pieces are not the line")
				}
				if test.count < maxLine && last != 1 {
					t.Errorf("a short line came in %d pieces", last)
				}
			}
		})
	}
}

// Bytes that are no text get longer when they are replaced; lines do not.
func TestLongGarbage(t *testing.T) {
	cut(t, strings.Repeat("\x80", 3*maxLine), 1000)
	cut(t, strings.Repeat("a\xff", 3*maxLine), 1000)
	cut(t, strings.Repeat("a\xff", maxLine/2-1)+"\n", 1<<20)
	r := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 1<<20)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	for _, line := range cut(t, string(noise), 3333) {
		if !utf8.ValidString(line) {
			t.Fatalf("%q is not UTF-8", line)
		}
	}
}

// In the usual case no memory is allocated for a line.
func TestLinesAllocateNothing(t *testing.T) {
	l := NewLines(func([]byte) {})
	chunk := []byte("one line\nand another\nand half of")
	if n := testing.AllocsPerRun(100, func() { l.Write(chunk) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestLastWords(t *testing.T) {
	long := strings.Repeat("ü", lastWordsWidth)
	tests := []struct {
		name  string
		limit int
		lines []string
		want  []string
	}{
		{"none", 3, nil, []string{}},
		{"fewer", 3, []string{"a", "b"}, []string{"a", "b"}},
		{"full", 3, []string{"a", "b", "c"}, []string{"a", "b", "c"}},
		{"more", 3, []string{"a", "b", "c", "d"}, []string{"b", "c", "d"}},
		{"twice around", 3, []string{"a", "b", "c", "d", "e", "f", "g", "hh"}, []string{"f", "g", "hh"}},
		{"blank lines", 2, []string{"a", "", " \t", "b", ""}, []string{"a", "b"}},
		{"indented", 2, []string{"  a"}, []string{"  a"}},
		{"at least one", 0, []string{"a", "b"}, []string{"b"}},
		{"long", 1, []string{long}, []string{long[:lastWordsWidth-4] + "…"}},
		{"as long as may be", 1, []string{long[:lastWordsWidth]}, []string{long[:lastWordsWidth]}},
		{"long, then short", 1, []string{long, "b"}, []string{"b"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := NewLastWords(test.limit)
			for _, line := range test.lines {
				borrowed := []byte(line)
				w.Add(borrowed)
				clear(borrowed)
			}
			if got := w.Lines(); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestFindLastWords(t *testing.T) {
	w := NewLastWords(3)
	long := []byte(strings.Repeat("x", 2*lastWordsWidth))
	for _, line := range []string{"a", "b", string(long), "c"} {
		w.Add([]byte(line))
	}
	for line, want := range map[string]int{"a": -1, "b": 2, string(long): 1, "c": 0, "d": -1} {
		if got := w.Find([]byte(line)); got != want {
			t.Errorf("%.10q was added %d lines ago, want %d", line, got, want)
		}
	}
}
