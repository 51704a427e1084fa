package shell

import "testing"

func TestHeadline(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "",
		"disk full\n":                  "disk full",
		"cannot run\ndisk full":        "disk full",
		"bad word\nNoneType: None\n":   "bad word",
		"  only indented":              "only indented",
		"Error: boom\n    at a.js:3:1": "Error: boom",
		"Failed\nTraceback (most recent call last):\n  File \"x\"\n    raise\nValueError: two\nlines\n":                                 "ValueError: two",
		"Traceback (most recent call last):\n  File \"x\"\nKeyError: 1\n\nTraceback (most recent call last):\n  File \"y\"\nOSError: 2": "OSError: 2",
		"w.py:3: UserWarning: old\n  import w\nconnecting\nconnection refused":                                                          "connection refused",
		"Traceback (most recent call last):\n  File \"x\"":                                                                              "Traceback (most recent call last):",
	} {
		if got := Headline(text); got != want {
			t.Errorf("Headline(%q) = %q, want %q", text, got, want)
		}
	}
}
