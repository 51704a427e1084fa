package access

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"gust/conf"
	"gust/internal/hint"
	"gust/storm"
)

// nimbusOptions are the addresses of Nimbus and the way to connect to it. The addresses
// come from the first of the command line, the variable STREAMPARSE_NIMBUS, the
// environment and storm.yaml that has them; the rest comes from storm.yaml.
func (c *Cluster) nimbusOptions() (storm.Options, error) {
	options := storm.Options{Timeout: c.Timeout}
	settings, file, err := StormYAML()
	if err != nil {
		return options, err
	}
	if options.TLS, options.Digest, err = transport(settings); err != nil {
		return options, fmt.Errorf("%s: %w", file, err)
	}
	port, err := nimbusPort(settings)
	if err != nil {
		return options, fmt.Errorf("%s: %w", file, err)
	}
	hosts, source, err := c.nimbusHosts(settings)
	if err != nil {
		return options, err
	}
	if options.Seeds, err = seedsOf(hosts, port); err != nil {
		return options, fmt.Errorf("%s: %w", source, err)
	}
	return options, nil
}

// Of is how a daemon or a worker with these settings connects to Nimbus.
func Of(settings conf.Conf) (options storm.Options, err error) {
	if options.TLS, options.Digest, err = transport(settings); err != nil {
		return options, err
	}
	port, err := nimbusPort(settings)
	if err != nil {
		return options, err
	}
	hosts, err := settingsSeeds(settings)
	if err != nil {
		return options, err
	}
	options.Seeds, err = seedsOf(hosts, port)
	return options, err
}

func seedsOf(hosts []string, port int) (seeds []string, err error) {
	for _, host := range hosts {
		seed, err := withPort(host, port)
		if err != nil {
			return nil, err
		}
		seeds = append(seeds, seed)
	}
	return seeds, nil
}

// nimbusHosts are the seeds, and the source that named them.
func (c *Cluster) nimbusHosts(settings conf.Conf) (hosts []string, source string, err error) {
	var inEnvironment string
	if c.Environment != nil {
		if inEnvironment, err = c.Environment.Settings.String("nimbus", ""); err != nil {
			return nil, "", c.inEnvironment(err)
		}
	}
	for _, named := range []struct{ hosts, source string }{
		{c.Nimbus, "--nimbus"},
		{os.Getenv("STREAMPARSE_NIMBUS"), "$STREAMPARSE_NIMBUS"},
		{inEnvironment, `"nimbus" in config.json`},
	} {
		if hosts := words(named.hosts); len(hosts) > 0 {
			return hosts, named.source, nil
		}
	}
	if hosts, err = settingsSeeds(settings); err != nil {
		return nil, "", err
	}
	if len(hosts) == 0 {
		return nil, "", hint.New("no Storm cluster given",
			`use --nimbus HOST, or set "nimbus" in the environment in config.json, STREAMPARSE_NIMBUS, or nimbus.seeds in ~/.storm/storm.yaml`)
	}
	return hosts, nimbusSeeds, nil
}

const nimbusSeeds = "nimbus.seeds"

// settingsSeeds are the hosts that settings name.
func settingsSeeds(settings conf.Conf) (hosts []string, err error) {
	switch seeds := settings[nimbusSeeds].(type) {
	case nil:
	case []any:
		for _, seed := range seeds {
			hosts = append(hosts, fmt.Sprint(seed))
		}
	case string:
		hosts = words(seeds)
	default:
		return nil, &conf.KeyError{Key: nimbusSeeds, Want: "a list of hosts", Got: seeds}
	}
	return hosts, nil
}

// words splits a list at commas and spaces.
func words(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

// transport reads how to connect to Nimbus: without TLS and SASL, unless storm.yaml asks
// for one of them.
func transport(settings conf.Conf) (*tls.Config, *storm.Digest, error) {
	secure, err := settings.Bool("nimbus.thrift.client.use.tls", false)
	if err != nil {
		return nil, nil, err
	}
	if secure {
		files, err := TLSFiles(settings)
		if err != nil {
			return nil, nil, err
		}
		config, err := files.Config()
		return config, nil, err
	}
	plugin, err := settings.String("storm.thrift.transport", "")
	if err != nil {
		return nil, nil, err
	}
	class := plugin[strings.LastIndex(plugin, ".")+1:]
	switch class {
	case "", "SimpleTransportPlugin":
		return nil, nil, nil
	case "DigestSaslTransportPlugin":
		digest, err := loginOf(settings)
		return nil, digest, err
	}
	return nil, nil, fmt.Errorf("unsupported storm.thrift.transport %s (want Storm's plain one, TLS, or SASL with DIGEST-MD5)", class)
}

func loginOf(settings conf.Conf) (*storm.Digest, error) {
	file, err := settings.String("java.security.auth.login.config", "")
	if err != nil {
		return nil, err
	}
	if file == "" {
		return nil, errors.New("storm.thrift.transport needs a password, but java.security.auth.login.config does not name its file")
	}
	return storm.ReadJAAS(file)
}

// TLSFiles are the files that the settings name for TLS with Nimbus.
func TLSFiles(settings conf.Conf) (files storm.TLSFiles, err error) {
	for key, value := range map[string]*string{
		"truststore.path": &files.Truststore, "truststore.password": &files.TruststorePassword,
		"keystore.path": &files.Keystore, "keystore.password": &files.KeystorePassword,
		"key.path": &files.Key, "cert.path": &files.Cert,
	} {
		if *value, err = settings.String("nimbus.thrift.tls.client."+key, ""); err != nil {
			return files, err
		}
	}
	return files, nil
}

// nimbusPort is the port of a Nimbus that is named without one.
func nimbusPort(settings conf.Conf) (int, error) {
	secure, err := settings.Bool("nimbus.thrift.client.use.tls", false)
	if err != nil {
		return 0, err
	}
	if secure {
		return settings.Int("nimbus.thrift.tls.port", defaultNimbusPort)
	}
	return settings.Int("nimbus.thrift.port", defaultNimbusPort)
}

// defaultNimbusPort is Storm's default of nimbus.thrift.port.
const defaultNimbusPort = 6627

// withPort completes HOST, HOST:PORT or an IPv6 address to an address.
func withPort(host string, port int) (string, error) {
	if h, p, err := net.SplitHostPort(host); err == nil {
		if n, err := strconv.Atoi(p); err != nil || n < 1 || n > 65535 || h == "" {
			return "", fmt.Errorf("invalid address %q (want HOST or HOST:PORT)", host)
		}
		return host, nil
	}
	bare := strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if strings.Contains(bare, ":") && net.ParseIP(bare) == nil {
		return "", fmt.Errorf("invalid address %q (want HOST or HOST:PORT)", host)
	}
	return net.JoinHostPort(bare, strconv.Itoa(port)), nil
}
