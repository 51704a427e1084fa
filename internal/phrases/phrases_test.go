package phrases

import (
	"strings"
	"testing"
)

func TestWordingIsFound(t *testing.T) {
	for text, want := range map[string]string{
		"0 where all went well":            "0 where",
		"it waits for\never, As ever":      "As ever, for ever",
		"nobody says":                      "nobody",
		"the serializer is none":           "is none",
		"it is no jar":                     "it is no jar",
		"the task starts again":            "starts again",
		".venv goes before it":             "goes before",
		"amendments, exit codeword, whoop": "",
		"a line behind the message":        "behind",
		"the spout is told":                "is told",
	} {
		var got []string
		for _, found := range Find(text, Message) {
			got = append(got, found.Phrase)
			if place := text[found.Offset:]; !strings.HasPrefix(place, found.Phrase[:2]) {
				t.Errorf("%q is at %q", found.Phrase, place)
			}
		}
		if got := strings.Join(got, ", "); got != want {
			t.Errorf("%q: found %q, want %q", text, got, want)
		}
	}
}

func TestWordingDependsOnThePlace(t *testing.T) {
	const text = "the place behind it"
	if found := Find(text, Page); found != nil {
		t.Errorf("on a page: %v", found)
	}
	if found := Find(text, Help); len(found) != 1 {
		t.Errorf("in the help: %v", found)
	}
}
