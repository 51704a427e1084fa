package socket

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"syscall"
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
	// The loop has its own way to notice that the other side is silent.
	dialer := net.Dialer{KeepAlive: -1}
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
			return nil, err
		}
		return secure(client, conn, network(address))
	}
	defer conn.Close()
	fd, err := release(conn.(syscall.Conn))
	if err != nil {
		return nil, err
	}
	return open(fd, network(address), peer(conn))
}

// peer is the address of a connection's other side, for people.
func peer(conn net.Conn) string {
	if conn.RemoteAddr().Network() == "unix" {
		return ""
	}
	return conn.RemoteAddr().String()
}

// cause is an error of package net without the operation and the address, which the caller
// has named.
func cause(err error) error {
	var operation *net.OpError
	if errors.As(err, &operation) {
		return operation.Err
	}
	return err
}
