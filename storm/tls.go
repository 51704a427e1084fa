package storm

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"

	"gust/internal/hint"
)

// tlsFor fills in the name that the certificate of a Nimbus must be for.
func tlsFor(config *tls.Config, address string) *tls.Config {
	config = config.Clone()
	if config.ServerName == "" {
		if host, _, err := net.SplitHostPort(address); err == nil {
			config.ServerName = host
		}
	}
	return config
}

// tlsReason is why there is no secure connection.
func tlsReason(err error) error {
	var header tls.RecordHeaderError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var alert tls.AlertError
	switch {
	case errors.As(err, &header):
		return &WrongPeerError{"it does not speak TLS", "is this Nimbus' TLS port (nimbus.thrift.tls.port)?"}
	case errors.As(err, &unknown):
		return hint.With(fmt.Errorf("its certificate is not signed by a trusted authority: %w", err),
			"nimbus.thrift.tls.client.truststore.path in storm.yaml must hold the authority's certificate")
	case errors.As(err, &name):
		return hint.With(fmt.Errorf("its certificate is for another machine: %w", err), "name Nimbus as its certificate does")
	case errors.As(err, &alert):
		return hint.With(fmt.Errorf("it refuses the TLS connection: %w", err),
			"it may want a certificate of the client: nimbus.thrift.tls.client.keystore.path in storm.yaml")
	}
	return fmt.Errorf("no TLS connection: %w", lostReason(err))
}
