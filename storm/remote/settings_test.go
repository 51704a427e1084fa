package remote

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestSettings(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	write("more.conf", "User fromInclude\n")
	first := write("config", `# a comment
Port 2200
Host storm?	!storm9
    HostName=%h.example.com
    IdentityFile ~/.ssh/one
    IdentityFile "/keys/with blank"
Host storm9
    User nine
Match exec "true"
    User wrong
Match all
    Include more.conf
Host *
    User last
    ProxyJump bastion
`)
	second := write("system", "Port 1\nProxyJump none\nIdentityFile /keys/system\n")
	tests := []struct {
		host, keyword, want string
	}{
		{"storm1", "port", "2200"},
		{"storm1", "hostname", "%h.example.com"},
		{"STORM1", "hostname", "%h.example.com"},
		{"storm9", "hostname", ""},
		{"storm9", "user", "nine"},
		{"storm1", "user", "fromInclude"},
		{"other", "proxyjump", "bastion"},
	}
	for _, tt := range tests {
		s, err := readSettings([]string{first, filepath.Join(dir, "missing"), second}, tt.host)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.values[tt.keyword]; got != tt.want {
			t.Errorf("%s of %s is %q, want %q", tt.keyword, tt.host, got, tt.want)
		}
	}
	s, _ := readSettings([]string{first, second}, "storm1")
	if want := []string{"~/.ssh/one", "/keys/with blank", "/keys/system"}; !slices.Equal(s.identities, want) {
		t.Errorf("keys %q, want %q", s.identities, want)
	}
}

func TestIncludesEnd(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(file, []byte("Include "+file+"\nUser me\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := readSettings([]string{file}, "x"); err != nil || s.values["user"] != "me" {
		t.Errorf("got %v, %v", s.values, err)
	}
}

func TestParseTarget(t *testing.T) {
	tests := []struct {
		text string
		want Target
	}{
		{"storm1", Target{Host: "storm1"}},
		{"me@storm1:2222", Target{Host: "storm1", Port: 2222, User: "me"}},
		{"[::1]:22", Target{Host: "::1", Port: 22}},
		{"::1", Target{Host: "::1"}},
	}
	for _, tt := range tests {
		if got, err := ParseTarget(tt.text); err != nil || got != tt.want {
			t.Errorf("%s: got %+v, %v", tt.text, got, err)
		}
	}
	for _, text := range []string{"", "me@", "storm1:port", "storm1:0", "-oProxyCommand=x", "a b"} {
		if got, err := ParseTarget(text); err == nil {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}

func TestQuote(t *testing.T) {
	if got, want := Quote(`it's "$x"`), `'it'\''s "$x"'`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
