package main

import "testing"

func TestByteSize(t *testing.T) {
	for text, want := range map[string]string{
		"1000": "1000", "64MiB": "64MiB", "64mib": "64MiB", "1.5 KiB": "1536", "500MB": "500000000", "2G": "1953125KiB", "1024MiB": "1GiB", "0": "0",
		"": "!", "MB": "!", "5cats": "!", "-1": "!", "1e3": "!", "9999999999G": "!",
	} {
		var s byteSize
		got := "!"
		if err := s.Set(text); err == nil {
			got = s.String()
		}
		if got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}
