package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A line that its writer's death has cut does not count, and does not damage the next.
func TestBookWithTornLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "book")
	write := func(text string) {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if _, err := file.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	write("e 1 1 .\ne 17")
	b, err := openBook(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.note("a %d", 1); err != nil {
		t.Fatal(err)
	}
	write("a 2")
	var got []string
	err = readBook(path, func(words []string) error {
		got = append(got, strings.Join(words, " "))
		return nil
	})
	if want := []string{"e 1 1", "a 1"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

func TestUnopenedBook(t *testing.T) {
	err := readBook(filepath.Join(t.TempDir(), "book"), func([]string) error {
		t.Error("it has an entry")
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
