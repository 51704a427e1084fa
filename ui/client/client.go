// Package client reads and operates running topologies through gust's own HTTP API
// (package ui/api), over TCP or a Unix socket.
package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"gust/internal/hint"
	"gust/ui/api"
)

// unixScheme begins the address of a Unix socket.
const unixScheme = "unix:"

// Client talks to one server. Its methods may be called from any goroutine.
type Client struct {
	base    string // the URL before the API's own paths, without a slash at its end
	address string // as errors name it
	token   string // that the server asks for, or ""
	http    *http.Client
}

// New is a client of the server at an address: "unix:PATH", "HOST:PORT", or the link that
// gust prints, with its token.
func New(address string) (*Client, error) {
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, ResponseHeaderTimeout: patience}
	c := &Client{address: address, http: &http.Client{Transport: transport}}
	if path, ok := strings.CutPrefix(address, unixScheme); ok {
		if path == "" {
			return nil, fmt.Errorf("address %q names no socket", address)
		}
		c.base, c.address = "http://localhost", path
		transport.Proxy = nil
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{Timeout: patience}).DialContext(ctx, "unix", path)
		}
		return c, nil
	}
	text := address
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("address %q is not valid (want HOST:PORT or a URL such as http://127.0.0.1:8080)", address)
	}
	c.token = u.Query().Get("token")
	if c.token != "" {
		c.address = u.Host // without the token, for errors
	}
	c.base = u.Scheme + "://" + u.Host + strings.TrimRight(u.Path, "/")
	transport.DialContext = (&net.Dialer{Timeout: patience}).DialContext
	return c, nil
}

// patience is how long a server may take to accept a connection, and to start its answer.
const patience = 10 * time.Second

// Close closes idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Topologies are the server's topologies.
func (c *Client) Topologies(ctx context.Context) ([]api.Summary, error) {
	var list []api.Summary
	return list, c.get(ctx, "topologies", nil, &list)
}

// Summary is the server's topology of that id.
func (c *Client) Summary(ctx context.Context, id string) (*api.Summary, error) {
	list, err := c.Topologies(ctx)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].ID == id {
			return &list[i], nil
		}
	}
	return nil, fmt.Errorf("it shows no topology %q", id)
}

// Error is the error for a request that the server refused.
type Error struct {
	Status int // HTTP's
	Text   string
}

func (e *Error) Error() string { return e.Text }

func (c *Client) get(ctx context.Context, path string, query url.Values, result any) error {
	return c.do(ctx, http.MethodGet, path, query, nil, result)
}

func (c *Client) post(ctx context.Context, path string, query url.Values, body io.Reader) error {
	return c.do(ctx, http.MethodPost, path, query, body, nil)
}

// do sends a request, and decodes the response into result unless that is nil.
func (c *Client) do(ctx context.Context, method, path string, query url.Values, body io.Reader, result any) error {
	response, err := c.send(ctx, method, path, query, body)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if result == nil {
		return nil
	}
	if err := json.NewDecoder(response.Body).Decode(result); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("cannot read the answer of %s: %w", c.address, err)
	}
	return nil
}

// send sends a request. The response that it returns has a status of success.
func (c *Client) send(ctx context.Context, method, path string, query url.Values, body io.Reader) (*http.Response, error) {
	address := c.base + api.Prefix + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, c.unreachable(ctx, err)
	}
	if response.StatusCode/100 == 2 {
		return response, nil
	}
	defer response.Body.Close()
	return nil, c.refused(response)
}

// unreachable is the error for a request that got no answer.
func (c *Client) unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err // the URL of a socket is meaningless
	}
	if IsGone(err) {
		return hint.With(&unreachableError{fmt.Sprintf("no topology runs at %s", c.address), err}, "`gust ps` lists the topologies that run on this machine")
	}
	return &unreachableError{fmt.Sprintf("cannot reach %s: %v", c.address, err), err}
}

// unreachableError is the error for a server that does not respond. It may come back.
type unreachableError struct {
	text string
	err  error
}

func (e *unreachableError) Error() string { return e.text }
func (e *unreachableError) Unwrap() error { return e.err }

// refused is the error in a response.
func (c *Client) refused(response *http.Response) error {
	text, _ := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	var told struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(text, &told) == nil && told.Error != "" {
		return &Error{response.StatusCode, told.Error}
	}
	first, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	return &Error{response.StatusCode, strings.TrimSuffix(fmt.Sprintf("%s answered %s: %s", c.address, response.Status, first), ": ")}
}
