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

// Logviewer is where the logviewers of a cluster's machines listen, and how
// their addresses look.
type Logviewer struct {
	scheme string // "http" or "https"
	port   string
	path   string // of the pages: "/api/v1" since Storm 2, else ""
}

// FindLogviewer finds the logviewers by Nimbus' configuration, which is taken for
// the cluster's, except for what this machine's storm.yaml says of them.
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

// client makes a client for the logviewers. Those that speak https must have a
// certificate from an authority that storm.yaml names, or else the system trusts.
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

// logviewerTLS is how logviewers are talked to: as Nimbus is, unless the settings
// name authorities for logviewers alone.
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

// workerLog names a worker's log as the logviewers do.
func workerLog(id string, port int) string { return fmt.Sprintf("%s/%d/worker.log", id, port) }

// Page is the address of the page with a worker's log. It takes the topology's id.
func (l Logviewer) Page(host, id string, port int) string {
	return l.address(host, "log", url.Values{"file": {workerLog(id, port)}})
}

// address is that of something on the logviewer of a machine.
func (l Logviewer) address(host, what string, query url.Values) string {
	u := url.URL{Scheme: l.scheme, Host: net.JoinHostPort(host, l.port), Path: l.path + "/" + what, RawQuery: query.Encode()}
	return u.String()
}
