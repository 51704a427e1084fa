// Package page is the web page of gust: static files that are built into the program, and
// need neither a network nor a build. All that they show comes from ui/api.
//
// The page is one document, index.html, whose state is in the fragment of its address.
// Its modules are plain ES modules that the browser loads as they are; the libraries among
// them are in static/vendor, which `make vendor-web` fetches. A browser without JavaScript
// gets a table of the topologies and their components.
package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"time"

	"gust/status"
	"gust/status/served"
)

//go:embed static
var static embed.FS

// Handler serves the page, and for browsers without JavaScript the views.
func Handler(views func() []*status.View) http.Handler {
	mux := http.NewServeMux()
	index := newIndex()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		header(w, index.policy)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		var b bytes.Buffer
		if err := index.page.Execute(&b, content{index.modules, views()}); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = w.Write(b.Bytes()) // the client is gone
	})
	mux.Handle("GET /static/", files())
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/static/icon.svg", http.StatusMovedPermanently)
	})
	return mux
}

// header sets what a browser may do with an answer of the page. Nothing is ever loaded
// from elsewhere, and nobody may frame the page: its buttons stop a topology.
func header(w http.ResponseWriter, policy string) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-cache") // but see the ETag of the files
}

// policy is the page's Content-Security-Policy; script adds to the sources of scripts.
func policy(script string) string {
	return "default-src 'self'; script-src 'self'" + script +
		"; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// index is the page's document.
type index struct {
	page    *template.Template
	policy  string
	modules []string
}

// content is what the document has besides its own text.
type content struct {
	Modules    []string       // for the browser to load at once, not one after the other has asked for it
	Topologies []*status.View // for browsers without JavaScript
}

func newIndex() *index {
	text, err := static.ReadFile("static/index.html")
	if err != nil {
		panic(err) // it is built in
	}
	return &index{
		page:    template.Must(template.New("index").Funcs(template.FuncMap{"seconds": seconds}).Parse(string(text))),
		policy:  policy(" '" + importMapHash(text) + "'"),
		modules: modules(),
	}
}

// modules are the page's modules, libraries included.
func modules() (names []string) {
	_ = fs.WalkDir(static, "static", func(name string, _ fs.DirEntry, err error) error {
		if path.Ext(name) == ".js" && name != "static/theme.js" { // which is a script
			names = append(names, name)
		}
		return err
	})
	return names
}

// importMapHash allows the document's import map, which browsers accept inline only. It
// gives the libraries their names, so that their files can stay as they were published.
func importMapHash(document []byte) string {
	_, rest, opens := bytes.Cut(document, []byte(`<script type="importmap">`))
	inline, _, closes := bytes.Cut(rest, []byte("</script>"))
	if !opens || !closes {
		panic("index.html has no import map")
	}
	sum := sha256.Sum256(inline)
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// files serves the static files. Browsers keep them, and ask each time whether they
// have changed.
func files() http.Handler {
	tags := map[string]string{}
	_ = fs.WalkDir(static, "static", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := static.ReadFile(name)
		sum := sha256.Sum256(content)
		tags[name] = `"` + hex.EncodeToString(sum[:12]) + `"`
		return err
	})
	types := map[string]string{
		".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".woff2": "font/woff2",
	}
	rest := policy("")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := path.Clean(r.URL.Path)[1:]
		tag, ok := tags[name]
		if !ok || name == "static/index.html" { // which is a template
			http.NotFound(w, r)
			return
		}
		header(w, rest)
		w.Header().Set("ETag", tag)
		if kind, known := types[path.Ext(name)]; known {
			w.Header().Set("Content-Type", kind)
		}
		content, _ := static.ReadFile(name)
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
	})
}

// Views are the topologies of a source, for browsers without JavaScript.
func Views(source served.Source) (list []*status.View) {
	for _, t := range source.Topologies() {
		list = append(list, t.View(status.AllTime))
	}
	return list
}

// seconds is a span of time such as 3h4m5s.
func seconds(s float64) string {
	return (time.Duration(s) * time.Second).String()
}
