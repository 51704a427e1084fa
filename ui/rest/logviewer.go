package rest

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// logviewer says where the logviewer is: UIHelpers.addLogviewerInfo. It is where the API is.
type logviewer struct {
	LogviewerPort   int    `json:"logviewerPort"`
	LogviewerScheme string `json:"logviewerScheme"`
}

func logviewerOf(r *http.Request) logviewer {
	v := logviewer{80, "http"}
	if r.TLS != nil {
		v = logviewer{443, "https"}
	}
	if _, port, err := net.SplitHostPort(r.Host); err == nil {
		if n, err := strconv.Atoi(port); err == nil {
			v.LogviewerPort = n
		}
	}
	return v
}

// logviewerPatterns are paths of Storm's logviewer (LogviewerResource), where Storm 1 has them
// and, below /api/v1, Storm 2.
func logviewerPatterns(paths ...string) (patterns []string) {
	for _, path := range paths {
		patterns = append(patterns, path, strings.TrimSuffix(prefix, "/")+path)
	}
	return patterns
}

// logviewer adds the addresses of the logviewer.
func (a *api) logviewer(mux *http.ServeMux) {
	for path, answer := range map[string]http.HandlerFunc{
		"/log": a.showLog(a.workerLog), "/daemonlog": a.showLog(a.daemonLog),
		"/download": a.download(a.workerLog), "/daemondownload": a.download(a.daemonLog),
		"/listLogs": answering(a.listLogs), "/searchLogs": answering(a.listLogs),
		"/search": answering(a.search), "/deepSearch/{id}": answering(a.deepSearch),
	} {
		for _, pattern := range logviewerPatterns(path) {
			mux.HandleFunc("GET "+pattern, answer)
		}
	}
}

// address is the URL of a path of the API, for the client that sent the request.
func address(r *http.Request, path string, query url.Values) string {
	u := url.URL{Scheme: logviewerOf(r).LogviewerScheme, Host: r.Host, Path: prefix + path, RawQuery: query.Encode()}
	return u.String()
}

// eventsLink is the address of the sampled tuples of a topology, on the web page.
func eventsLink(r *http.Request, id string) string {
	u := url.URL{Scheme: logviewerOf(r).LogviewerScheme, Host: r.Host, Path: "/", Fragment: "/t/" + id + "/events"}
	return u.String()
}

func logLink(r *http.Request, file string) string {
	return address(r, "log", url.Values{"file": {file}})
}

func daemonLogLink(r *http.Request, file string) string {
	return address(r, "daemonlog", url.Values{"file": {file}})
}

// listLogs names the logs of all topologies, or of one: LogviewerLogPageHandler.listLogFiles.
func (a *api) listLogs(r *http.Request) (any, error) {
	names := []string{}
	id, port := r.URL.Query().Get("topoId"), r.URL.Query().Get("port")
	for _, s := range a.source.Topologies() {
		t := a.show(s)
		if (id == "" || id == t.ID) && (port == "" || port == strconv.Itoa(t.port)) {
			names = append(names, t.logFile())
		}
	}
	slices.Sort(names)
	return names, nil
}

// download serves a log as a file: LogviewerLogDownloadHandler.
func (a *api) download(find func(string) (logFile, bool)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		log, err := a.findLog(r, find)
		if err != nil {
			fail(w, "", err)
			return
		}
		header := w.Header()
		header.Set("Content-Type", "application/octet-stream")
		header.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(strings.ReplaceAll(log.name, "/", "-")))
		header.Set("X-Content-Type-Options", "nosniff")
		_, _ = log.WriteTo(w) // the client is gone
	}
}
