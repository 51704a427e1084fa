package run

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"gust/internal/hint"
)

func TestProfilesAddress(t *testing.T) {
	for addr, want := range map[string]string{
		"6060":           "127.0.0.1:6060",
		":6060":          "127.0.0.1:6060",
		"0":              "127.0.0.1:0",
		"0.0.0.0:6060":   "0.0.0.0:6060",
		"[::1]:6060":     "[::1]:6060",
		"localhost:6060": "localhost:6060",
	} {
		if got := profilesAddress(addr); got != want {
			t.Errorf("%q listens on %q, want %q", addr, got, want)
		}
	}
}

func TestProfilesAreServedUntilClosed(t *testing.T) {
	p, err := startProfiles("0")
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for _, page := range []string{"", "goroutine?debug=1", "heap?debug=1", "cmdline"} {
		answer, err := client.Get(p.url + page)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK || len(text) == 0 {
			t.Errorf("%q: %s, %d bytes, %v", page, answer.Status, len(text), err)
		}
	}
	if err := p.close(); err != nil {
		t.Error(err)
	}
	if answer, err := client.Get(p.url); err == nil {
		answer.Body.Close()
		t.Error("it is served after its end")
	}
}

func TestProfilesOnAnImpossibleAddress(t *testing.T) {
	for _, addr := range []string{"nonsense", "256.0.0.1:1", "127.0.0.1:99999"} {
		p, err := startProfiles(addr)
		if err == nil {
			p.close()
			t.Errorf("%q: it listens on %s", addr, p.url)
			continue
		}
		if !strings.Contains(err.Error(), hint.Prefix) {
			t.Errorf("%q: no hint in %q", addr, err)
		}
	}
}
