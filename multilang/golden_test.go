package multilang_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gust/internal/testenv"
	. "gust/multilang"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestWire decodes what real clients wrote: pystorm 3.1 in both codecs, and
// storm.py, storm.rb and storm.js of Storm 2.8.
func TestWire(t *testing.T) {
	files, err := filepath.Glob(testenv.Data(t, "wire", "*-*"))
	if err != nil || len(files) == 0 {
		t.Fatal("no wire files", err)
	}
	for _, file := range files {
		if filepath.Ext(file) == ".txt" {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			codec, ok := CodecNamed(filepath.Ext(file)[1:])
			if !ok {
				t.Fatal("the file's name does not end in a codec's")
			}
			output, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(decode(t, codec, output), "\n") + "\n"
			if *update {
				if err := os.WriteFile(file+".txt", []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}
