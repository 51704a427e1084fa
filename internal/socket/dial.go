package socket

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
)

// Dial connects to an address. It blocks until the connection stands or the context ends.
// With TLS, the certificate of the other side has been checked then, for the address's
// host unless the configuration has another name.
func Dial(ctx context.Context, address string, config *tls.Config) (*Socket, error) {
	s, err := dial(ctx, address, config)
	if err != nil {
		return nil, fmt.Errorf("cannot connect to %s: %w", address, cause(err))
	}
	return s, nil
}

func dial(ctx context.Context, address string, config *tls.Config) (*Socket, error) {
	var dialer net.Dialer
	dialer.SetMultipathTCP(false)
	conn, err := dialer.DialContext(ctx, network(address), address)
	if err != nil {
		return nil, err
	}
	if config != nil {
		config = config.Clone()
		if host, _, err := net.SplitHostPort(address); err == nil && config.ServerName == "" {
			config.ServerName = host
		}
		client := tls.Client(conn, config)
		if err := client.HandshakeContext(ctx); err != nil {
			_ = conn.Close()
			if errors.Is(err, io.EOF) {
				err = errors.New("it has closed the connection in the TLS handshake")
			}
			return nil, err
		}
		return secure(client, conn)
	}
	return take(conn)
}

// Take makes a socket of a connection that a listener has accepted, of package net or of
// crypto/tls. If TLS's handshake is not over, the other side's certificate is checked later:
// nothing can be read before that. Take closes the connection if there is an error.
func Take(conn net.Conn) (*Socket, error) {
	if secured, is := conn.(*tls.Conn); is {
		return secure(secured, secured.NetConn())
	}
	return take(conn)
}

// take makes a socket of a connection without TLS.
func take(conn net.Conn) (*Socket, error) {
	defer conn.Close()
	fd, err := release(conn)
	if err != nil {
		return nil, err
	}
	return open(fd, conn.LocalAddr().Network(), peer(conn))
}

// peer is the address of a connection's other side, for people.
func peer(conn net.Conn) string {
	if conn.RemoteAddr().Network() == "unix" {
		return ""
	}
	return conn.RemoteAddr().String()
}

// cause is an error of package net without the operation and the address, which the caller
// has named. What the other side has said stays as it is.
func cause(err error) error {
	var operation *net.OpError
	if errors.As(err, &operation) && operation.Op != "remote error" {
		return operation.Err
	}
	return err
}
