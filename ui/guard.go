package ui

import (
	"crypto/rand"
	"crypto/subtle"
	"net"
	"net/http"
	"os"
	"strings"
)

// guard passes on only requests from clients that may see and operate a topology. Every page
// in a browser on this machine can send requests to a server on loopback, so:
//
//   - the Host must be a name of this machine, or the one that the user has given. A
//     foreign name that points to 127.0.0.1 (DNS rebinding) is refused;
//   - other sites may only link to the page. Their scripts, forms and fetches are refused;
//   - requests from other machines need the token.
type guard struct {
	next  http.Handler
	hosts map[string]bool // names in Host; nil allows any
	token string          // "" if none is needed
}

// opened is a handler that answers anybody on some paths.
type opened struct {
	http.Handler
	paths map[string]bool
}

const tokenCookie = "gust_token"

// newToken is a random secret.
func newToken() string { return rand.Text() }

func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if open, is := g.next.(*opened); is && open.paths[r.URL.Path] {
		g.next.ServeHTTP(w, r)
		return
	}
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Referrer-Policy", "no-referrer")
	if g.hosts != nil && !g.hosts[hostName(r.Host)] {
		http.Error(w, "gust serves this page under the address of this machine only, not as "+r.Host, http.StatusForbidden)
		return
	}
	if crossOrigin.Check(r) != nil || fromOtherSite(r) {
		http.Error(w, "other sites may not use gust's API", http.StatusForbidden)
		return
	}
	if g.token != "" && !g.knows(w, r) {
		http.Error(w, "this address needs the token that gust printed when it started: open the link with ?token=, or send Authorization: Bearer", http.StatusUnauthorized)
		return
	}
	g.next.ServeHTTP(w, r)
}

// crossOrigin refuses what would change something, where a browser sends it for another site.
var crossOrigin = http.NewCrossOriginProtection()

// fromOtherSite reports whether a browser sends a request for another site, other than
// for a link that the user has followed. Programs that are not browsers do not send the
// headers.
func fromOtherSite(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return false
	}
	link := r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
	return !link
}

// knows reports whether a request has the token. A browser gets it from the link that
// gust prints, and keeps it as a cookie.
func (g *guard) knows(w http.ResponseWriter, r *http.Request) bool {
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && g.is(bearer) {
		return true
	}
	if cookie, err := r.Cookie(tokenCookie); err == nil && g.is(cookie.Value) {
		return true
	}
	if g.is(r.URL.Query().Get("token")) {
		http.SetCookie(w, &http.Cookie{Name: tokenCookie, Value: g.token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
		return true
	}
	return false
}

func (g *guard) is(token string) bool {
	return subtle.ConstantTimeCompare([]byte(token), []byte(g.token)) == 1
}

// hostName is the name in a Host header, without the port.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.Trim(host, "[]"))
}

// localNames are this machine's names for itself. Its own name is the one under which Storm's
// REST API reports the worker and the logviewer, so a proxy may be reached by it.
func localNames() map[string]bool {
	names := map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true}
	if name, err := os.Hostname(); err == nil {
		names[strings.ToLower(name)] = true
	}
	return names
}
