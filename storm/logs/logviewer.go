package logs

import (
	"context"
	"crypto/tls"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"gust/conf"
	"gust/storm"
	"gust/storm/access"
)

// Logviewer is the port and the form of addresses of a cluster's logviewers.
type Logviewer struct {
	scheme string // "http" or "https"
	port   string
	path   string // of the pages: "/api/v1" since Storm 2, else ""
}

// FindLogviewer reads the settings of the logviewers from Nimbus's configuration. This
// machine's storm.yaml takes precedence.
func FindLogviewer(ctx context.Context, client *storm.Client) (Logviewer, error) {
	settings, err := client.NimbusSettings(ctx)
	if err != nil {
		return Logviewer{}, err
	}
	own, _, err := access.StormYAML()
	if err != nil {
		return Logviewer{}, err
	}
	maps.DeleteFunc(own, func(key string, value any) bool { return value == nil || !strings.HasPrefix(key, "logviewer.") })
	cluster, err := client.ClusterInfo(ctx)
	if err != nil {
		return Logviewer{}, err
	}
	found, err := logviewerOf(conf.Merge(settings, own))
	if err != nil {
		return Logviewer{}, fmt.Errorf("the cluster's configuration: %w", err)
	}
	for _, nimbus := range cluster.Nimbuses {
		if strings.HasPrefix(nimbus.Version, "1.") || strings.HasPrefix(nimbus.Version, "0.") {
			found.path = ""
		}
	}
	return found, nil
}

// logviewerOf reads the keys of the logviewers. As in Storm, a port for https
// takes precedence over the other one.
func logviewerOf(settings conf.Conf) (Logviewer, error) {
	found := Logviewer{scheme: "https", path: "/api/v1"}
	port, err := settings.Int("logviewer.https.port", 0)
	if err == nil && port <= 0 {
		found.scheme = "http"
		port, err = settings.Int("logviewer.port", 8000)
	}
	found.port = strconv.Itoa(port)
	return found, err
}

// client makes a client for the logviewers. If they use https, their certificates must be
// from an authority that storm.yaml names, or else the system trusts.
func (l Logviewer) client() (*http.Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if l.scheme == "https" {
		settings, file, err := access.StormYAML()
		if err != nil {
			return nil, err
		}
		if transport.TLSClientConfig, err = logviewerTLS(settings); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return &http.Client{Transport: transport}, nil
}

// logviewerTLS are the TLS settings for logviewers: Nimbus's, unless the settings have
// authorities for logviewers.
func logviewerTLS(settings conf.Conf) (*tls.Config, error) {
	files, err := access.TLSFiles(settings)
	if err != nil {
		return nil, err
	}
	const key = "logviewer.https.truststore."
	if files.Truststore, err = settings.String(key+"path", files.Truststore); err != nil {
		return nil, err
	}
	if files.TruststorePassword, err = settings.String(key+"password", files.TruststorePassword); err != nil {
		return nil, err
	}
	return files.Config()
}

// workerLog is the name of a worker's log in a logviewer.
func workerLog(id string, port int) string { return fmt.Sprintf("%s/%d/worker.log", id, port) }

// Page is the address of the page with a worker's log, for a topology's id.
func (l Logviewer) Page(host, id string, port int) string {
	return l.address(host, "log", url.Values{"file": {workerLog(id, port)}})
}

// address is an address on the logviewer of a machine.
func (l Logviewer) address(host, what string, query url.Values) string {
	u := url.URL{Scheme: l.scheme, Host: net.JoinHostPort(host, l.port), Path: l.path + "/" + what, RawQuery: query.Encode()}
	return u.String()
}
