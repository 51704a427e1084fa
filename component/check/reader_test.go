package check

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gust/internal/testenv"
)

// spell is the result of a reader for output in pieces of n bytes: a line for each frame,
// with the rules that its form breaks.
func spell(r reader, output string, n int, final bool) string {
	var lines []string
	add := func(f frame) {
		line := "stray"
		if f.message {
			line = f.value.member("command").text
			if f.value.has("pid") {
				line = "pid " + f.value.member("pid").text
			}
		}
		for _, flaw := range f.flaws {
			line += " " + flaw.rule
		}
		lines = append(lines, line)
	}
	for len(output) > 0 {
		n := min(n, len(output))
		r.feed([]byte(output[:n]))
		output = output[n:]
		for f, ok := r.next(); ok; f, ok = r.next() {
			add(f)
		}
	}
	for f, ok := r.settle(final); ok; f, ok = r.settle(final) {
		add(f)
		for f, ok := r.next(); ok; f, ok = r.next() {
			add(f)
		}
	}
	if rest := r.rest(); len(rest) > 0 {
		lines = append(lines, fmt.Sprintf("rest %q", rest))
	}
	return strings.Join(lines, "\n")
}

func TestJSONReader(t *testing.T) {
	tests := []struct {
		name, output, want string
	}{
		{"nothing", "", ""},
		{"messages", `{"pid":7}` + "\nend\n" + `{"command":"sync"}` + "\nend\n", "pid 7\nsync"},
		{"a message over several lines", "{\n \"command\":\n\"sync\"}\nend\n", "sync"},
		{"blank lines", "\n\n{\"command\":\"sync\"}\n\nend\n", "sync"},
		{"no end before the next", `{"pid":7}` + "\n" + `{"command":"sync"}` + "\nend\n", "pid 7 end-line\nsync"},
		{"no end at all", `{"pid":7}` + "\n", "pid 7 end-line"},
		{"spaces after the end", `{"pid":7}` + "\nend \n" + `{"command":"sync"}` + "\nend\n", "pid 7 end-line\nsync"},
		{"spaces before the end", `{"pid":7}` + "\n end\n", "pid 7 end-line"},
		{"the end on the message's line", `{"pid":7}end` + "\n", "pid 7 end-line"},
		{"an end without a line feed", `{"pid":7}` + "\nend", "pid 7 end-line"},
		{"two ends", `{"pid":7}` + "\nend\nend\n", "pid 7\nstray end-line"},
		{"carriage returns", `{"pid":7}` + "\r\nend\r\n", "pid 7 line-feed"},
		{"a print before", "hello\n" + `{"pid":7}` + "\nend\n", "stray stray-output\npid 7"},
		{"a print after", `{"pid":7}` + "\nhello\nend\n", "pid 7\nstray stray-output"},
		{"a print on the same line", `ok {"pid":7}` + "\nend\n", "stray stray-output\npid 7"},
		{"a print with braces", "{'a': 1}\n" + `{"pid":7}` + "\nend\n", "stray well-formed\npid 7"},
		{"a printed object", `{"a":1}` + "\n" + `{"pid":7}` + "\nend\n", "stray stray-output\npid 7"},
		{"a print of the word end", "the end\nend of it\n" + `{"pid":7}` + "\nend\n", "stray stray-output\npid 7"},
		{"an object without a command", `{"a":1}` + "\nend\n", ""},
		{"a list", "[1]\nend\n", "stray well-formed"},
		{"broken JSON", `{"command":"sync"` + "\nend\n" + `{"pid":7}` + "\nend\n", "stray well-formed\npid 7"},
		{"a control character in a string", "{\"command\":\"a\tb\"}\nend\n", "stray well-formed"},
		{"not UTF-8", "{\"command\":\"a\xff\"}\nend\n", "stray well-formed"},
		{"NaN", `{"command":"emit","tuple":[NaN,-Infinity]}` + "\nend\n", "emit"},
		{"half a message", `{"command":"sy`, "stray well-formed"},
		{"msgpack", "\x81\xa3pid\x07", "stray well-formed"},
		{"a print at the end", "bye\n", "stray stray-output"},
		{"nested too deep", strings.Repeat("[", 100_000) + "\nend\n", "stray stray-output"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, n := range []int{1, 3, 1 << 20} {
				if n < 3 && len(tt.output) > 1000 {
					continue
				}
				if got := spell(&jsonReader{}, tt.output, n, true); got != tt.want {
					t.Errorf("in pieces of %d bytes: got\n%s\nwant\n%s", n, got, tt.want)
				}
			}
		})
	}
}

// While the program runs, incomplete output may still be completed.
func TestJSONReaderIsPatient(t *testing.T) {
	for output, want := range map[string]string{
		`{"command":"sy`:            `rest "{\"command\":\"sy"`,
		`{"command":"sync"}`:        "sync end-line",
		"print without a line feed": `rest "print without a line feed"`,
	} {
		if got := spell(&jsonReader{}, output, 5, false); got != want {
			t.Errorf("%q: got\n%s\nwant\n%s", output, got, want)
		}
	}
}

func TestMsgpackReader(t *testing.T) {
	const pid, sync = "\x81\xa3pid\x07", "\x81\xa7command\xa4sync"
	tests := []struct {
		name, output, want string
	}{
		{"messages", pid + sync, "pid 7\nsync"},
		{"a print between", pid + "hello\n" + sync, "pid 7\nstray stray-output\nsync"},
		{"a print in UTF-8", "né 漢\n" + sync, "stray stray-output\nsync"},
		{"a print without a line feed", "hello" + sync, "stray stray-output\nsync"},
		{"JSON", `{"pid":7}` + "\n", "stray well-formed"},
		{"a list", "\x91\x01\n" + sync, "stray stray-output\nsync"},
		{"a byte that begins nothing", "\x81\xa1a\xc1" + sync, "stray well-formed\nsync"},
		{"a key that is not a string", "\x81\x01\x01" + sync, "stray well-formed\nstray stray-output\nsync"},
		{"half a message", sync[:5], "stray well-formed"},
		{"all types", "\x82\xa7command\xa4emit\xa5tuple\x9a\xc0\xc3\xc4\x01\x00\xca\x3f\x80\x00\x00\xcb\x00\x00\x00\x00\x00\x00\x00\x00" +
			"\xd1\xff\x00\xd4\x01\x02\xd9\x01x\xdc\x00\x00\xde\x00\x01\x01\x02", "emit"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, n := range []int{1, 3, 1 << 20} {
				if got := spell(&msgpackReader{}, tt.output, n, true); got != tt.want {
					t.Errorf("in pieces of %d bytes: got\n%s\nwant\n%s", n, got, tt.want)
				}
			}
		})
	}
}

// The readers and gust's decoder find the same messages in the output of real clients.
func TestReadersOnRealClients(t *testing.T) {
	for serializer, open := range map[string]func() reader{
		"json":    func() reader { return &jsonReader{} },
		"msgpack": func() reader { return &msgpackReader{} },
	} {
		files, err := filepath.Glob(testenv.Data(t, "wire", "*."+serializer))
		if err != nil || len(files) == 0 {
			t.Fatalf("no transcripts in %s: %v", serializer, err)
		}
		for _, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) {
				want := commands(t, file+".txt")
				output, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				for _, n := range []int{7, len(output)} {
					if got := oneStray(spell(open(), string(output), n, true)); got != want {
						t.Errorf("in pieces of %d bytes: got\n%s\nwant\n%s", n, got, want)
					}
				}
			})
		}
	}
}

// oneStray replaces two lines of stray output by one: the reader of JSON reports
// them together.
func oneStray(lines string) string {
	const stray = "stray " + strayOutput + "\n"
	return strings.ReplaceAll(lines, stray+stray, stray)
}

// commands returns the expected result of spell for a transcript without errors. The file
// describes its messages as package multilang's tests do.
func commands(t *testing.T, file string) string {
	t.Helper()
	described, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(described)) {
		command, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch command {
		case "pid":
			command += " " + strings.TrimPrefix(rest, "pid=")
		case "stray":
			command += " " + strayOutput
		}
		lines = append(lines, command)
	}
	return oneStray(strings.Join(lines, "\n"))
}

func TestSame(t *testing.T) {
	tests := []struct {
		a, b string
		want bool
	}{
		{"1", "1", true},
		{"1", "1.0", false},
		{"1.0", "1.00", true},
		{"1e2", "100.0", true},
		{"123456789012345678901234567890", "123456789012345678901234567890", true},
		{"123456789012345678901234567890", "123456789012345678901234567891", false},
		{"NaN", "NaN", true},
		{"NaN", "Infinity", false},
		{"NaN", "null", false},
		{`"\u00e9\ud83d\ude00"`, `"é😀"`, true},
		{`"\ud83d"`, `"` + "\uFFFD" + `"`, false},
		{`"\ud83d"`, `"\uD83D"`, true},
		{`[1,{"a":2,"b":[]}]`, `[1, {"b":[], "a":2}]`, true},
		{`{"a":1}`, `{"a":1,"b":1}`, false},
		{`[1]`, `[1,2]`, false},
		{`true`, `false`, false},
	}
	for _, tt := range tests {
		a, _, errA := parseJSON([]byte(tt.a))
		b, _, errB := parseJSON([]byte(tt.b))
		if errA != nil || errB != nil {
			t.Fatal(tt, errA, errB)
		}
		if same(a, b) != tt.want || same(b, a) != tt.want {
			t.Errorf("same(%s, %s) is %v", tt.a, tt.b, !tt.want)
		}
	}
}

func TestExcerpt(t *testing.T) {
	for in, want := range map[string]string{
		"end \r\n":               `end \r\n`,
		"\x81\xa3pid\x07":        `\x81\xa3pid\x07`,
		"漢\u2028\uFEFF":          `漢\u2028\ufeff`,
		strings.Repeat("a", 240): strings.Repeat("a", 240),
		strings.Repeat("a", 300): strings.Repeat("a", 200) + " … (300 bytes) … " + strings.Repeat("a", 40),
	} {
		if got := excerpt([]byte(in)); got != want {
			t.Errorf("excerpt(%q) = %s, want %s", in, got, want)
		}
	}
}

// For any output, in any pieces: no panic, no leak, and the same frames.
func FuzzReaders(f *testing.F) {
	f.Add([]byte("{\"pid\":7}\nend\nhello\n{\"command\":\"sync\"}end\n"), 3)
	f.Add([]byte("\x81\xa3pid\x07hello\n\x82\xa7command\xa4emit\xa5tuple\x91\x01"), 1)
	f.Fuzz(func(t *testing.T, output []byte, n int) {
		n = max(1, n)
		for _, readers := range [][2]reader{{&jsonReader{}, &jsonReader{}}, {&msgpackReader{}, &msgpackReader{}}} {
			whole := spell(readers[0], string(output), len(output)+1, true)
			inPieces := spell(readers[1], string(output), n, true)
			if strings.Contains(whole, "rest ") && !strings.HasPrefix(whole, "rest \"\\n") {
				t.Errorf("something is left: %s", whole)
			}
			if _, ok := readers[0].(*jsonReader); ok && whole != inPieces && !strings.Contains(whole, "end-line") && !strings.Contains(whole, "stray") {
				t.Errorf("whole:\n%s\nin pieces of %d bytes:\n%s", whole, n, inPieces)
			}
		}
	})
}
