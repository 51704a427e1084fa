package program

import "testing"

func TestNamed(t *testing.T) {
	for argv0, want := range map[string]string{
		"gust": "gust", "/usr/bin/sparse": "sparse", "./sparse": "sparse", "sparse.exe": "sparse",
		"sparse2": "gust", "": "gust", "/sparse/gust-v1": "gust",
	} {
		if got := named(argv0); got != want {
			t.Errorf("%q: got %q, want %q", argv0, got, want)
		}
	}
}
