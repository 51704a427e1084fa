package ui

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// greet is the handler in these tests.
var greet = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") })

func start(t *testing.T, addr, token string) *Server {
	t.Helper()
	s, err := Listen(addr, token, greet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestGuard(t *testing.T) {
	s := start(t, "127.0.0.1:0", "")
	hostname, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		method string
		host   string
		header map[string]string
		want   int
	}{
		{name: "a program", want: 200},
		{name: "a browser", header: map[string]string{"Sec-Fetch-Site": "same-origin"}, want: 200},
		{name: "an address that was typed", header: map[string]string{"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}, want: 200},
		{name: "by name", host: "localhost", want: 200},
		{name: "by name, in capitals", host: "LocalHost", want: 200},
		{name: "by the name of this machine", host: hostname, want: 200},
		{name: "a foreign name for this machine", host: "evil.example", want: 403},
		{name: "a link on another site", header: map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, want: 200},
		{name: "a script of another site", header: map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}, want: 403},
		{name: "a frame on another site", header: map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, want: 403},
		{name: "a form of another site", method: "POST", header: map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, want: 403},
		{name: "another port of this machine", method: "POST", header: map[string]string{"Sec-Fetch-Site": "same-site"}, want: 403},
		{name: "an old browser for another site", method: "POST", header: map[string]string{"Origin": "http://evil.example"}, want: 403},
		{name: "a program that posts", method: "POST", want: 200},
		{name: "the page itself posts", method: "POST", header: map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "http://" + s.Addr()}, want: 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.method == "" {
				c.method = "GET"
			}
			r, err := http.NewRequest(c.method, "http://"+s.Addr()+"/", nil)
			if err != nil {
				t.Fatal(err)
			}
			if c.host != "" {
				r.Host = net.JoinHostPort(c.host, strconv.Itoa(s.Port()))
			}
			for key, value := range c.header {
				r.Header.Set(key, value)
			}
			if got := answered(t, http.DefaultClient, r); got != c.want {
				t.Errorf("status %d, want %d", got, c.want)
			}
		})
	}
}

func answered(t *testing.T, client *http.Client, r *http.Request) int {
	t.Helper()
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

func TestTokenBeyondLoopback(t *testing.T) {
	for _, token := range []string{"", "ours"} {
		s := start(t, "0.0.0.0:0", token)
		base := "http://127.0.0.1:" + strconv.Itoa(s.Port()) + "/"
		link := s.Link()
		_, secret, ok := strings.Cut(link, "?token=")
		if !ok || secret == "" || token != "" && secret != token {
			t.Fatalf("the link is %s", link)
		}
		for _, c := range []struct {
			query, bearer string
			want          int
		}{
			{"", "", 401}, {"?token=wrong", "", 401}, {"?token=", "", 401}, {"?token=" + secret, "", 200}, {"", secret, 200}, {"", "wrong", 401},
		} {
			r, err := http.NewRequest("GET", base+c.query, nil)
			if err != nil {
				t.Fatal(err)
			}
			if c.bearer != "" {
				r.Header.Set("Authorization", "Bearer "+c.bearer)
			}
			if got := answered(t, http.DefaultClient, r); got != c.want {
				t.Errorf("query %q, bearer %q: status %d, want %d", c.query, c.bearer, got, c.want)
			}
		}
	}
}

func TestAPortInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	s := start(t, strconv.Itoa(port), "")
	if s.Port() <= port || s.Port() > port+morePorts {
		t.Errorf("it listens on %d, want one of the %d after %d", s.Port(), morePorts, port)
	}
}

func TestInvalidAddresses(t *testing.T) {
	for addr, want := range map[string]string{
		"127.0.0.1:http2":  "not an address",
		"127.0.0.1:70000":  "not an address",
		"::1:80:x":         "not an address",
		"192.0.2.1:0":      "this machine does not have that address",
		"nowhere.invalid:": "not an address",
	} {
		s, err := Listen(addr, "", greet)
		if err == nil {
			s.Close()
			t.Errorf("%s: no error", addr)
			continue
		}
		if !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "hint: ") {
			t.Errorf("%s: %v, want %q and a hint", addr, err, want)
		}
	}
}

func TestUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gust.sock")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	s := Serve(listener, greet)
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}}
	r, _ := http.NewRequest("GET", "http://gust/", nil)
	if got := answered(t, client, r); got != 200 {
		t.Errorf("status %d", got)
	}
	client.CloseIdleConnections()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the socket is left")
	}
}
