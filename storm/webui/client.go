// Package webui reads a cluster from the REST API of Storm's UI: a run of gust (ui/rest), or a
// cluster whose Nimbus cannot be reached. It answers with the types of Nimbus' Thrift, so
// that code that shows a cluster does not depend on where the figures come from.
package webui

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"gust/internal/hint"
	"gust/storm"
)

// Client reads from one UI. It is not for use by several goroutines.
type Client struct {
	base    *url.URL
	token   string // that gust's UI wants beyond loopback
	timeout time.Duration
	http    *http.Client
	logs    map[worker]string // the addresses of logs that were seen
}

var _ storm.Reader = (*Client)(nil)

// worker is a worker of a topology.
type worker struct {
	id, host string
	port     int
}

// New is a client of the UI at an address: HOST:PORT, or a URL, which may have a token. An
// answer may take as long as the timeout.
func New(address string, timeout time.Duration) (*Client, error) {
	text := address
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	base, err := url.Parse(text)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("address %q is not valid (want HOST:PORT or a URL such as http://127.0.0.1:8080)", address)
	}
	c := &Client{token: base.Query().Get("token"), timeout: timeout, http: &http.Client{Timeout: timeout}, logs: map[worker]string{}}
	base.RawQuery, base.Fragment = "", ""
	c.base = base
	return c, nil
}

// Close closes the connections.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

// Page is the address of a worker's log, of a topology whose executors were read before.
func (c *Client) Page(host, id string, port int) string { return c.logs[worker{id, host, port}] }

// get reads an answer. It escapes the elements of the path.
func (c *Client) get(ctx context.Context, query url.Values, into any, path ...string) error {
	for i := range path {
		path[i] = url.PathEscape(path[i])
	}
	address := c.base.JoinPath(append([]string{"api", "v1"}, path...)...)
	address.RawQuery = query.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return err
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.http.Do(request)
	if err != nil {
		if cause, ok := errors.AsType[*url.Error](err); ok {
			err = cause.Err // its text has the address again
		}
		return hint.With(fmt.Errorf("cannot reach the UI at %s: %w", c.base.Host, err), "`gust run --ui` and `storm ui` serve one; they print the address")
	}
	defer response.Body.Close()
	var refusal struct{ Error, ErrorMessage string }
	if response.StatusCode != http.StatusOK {
		if json.NewDecoder(response.Body).Decode(&refusal) != nil || refusal.Error == "" {
			return fmt.Errorf("the UI at %s answered %s with the HTTP status %s", c.base.Host, address.Path, response.Status)
		}
		// Storm sends a Java stack trace.
		reason, _, _ := strings.Cut(refusal.ErrorMessage, "\n")
		return fmt.Errorf("the UI at %s answered %s with an error: %s", c.base.Host, address.Path, reason)
	}
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		return fmt.Errorf("the UI at %s: cannot read the answer to %s: %w", c.base.Host, address.Path, err)
	}
	return nil
}

// topology reads something of a topology.
func (c *Client) topology(ctx context.Context, id, window string, system bool, into any, path ...string) error {
	query := url.Values{"window": {window}}
	if system {
		query.Set("sys", "true")
	}
	err := c.get(ctx, query, into, append([]string{"topology", id}, path...)...)
	if err != nil && (strings.Contains(err.Error(), "NotAliveException") || strings.Contains(err.Error(), "is not alive")) {
		return &storm.NotAliveError{Topology: id}
	}
	return err
}
