package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/conf"
	"gust/internal/hint"
	"gust/internal/mtls"
	"gust/internal/terminal"
	"gust/run"
	fast "gust/runner"
	"gust/ui"
	"gust/ui/runs"
)

const workerLong = `Run one of several workers of a topology. Start all of them in the same way, on one
machine or on many: each loads the same topology, and all compute the same placement of
its tasks, so that nothing else has to coordinate them (docs/workers.md).

--peers says where the workers listen: a pattern, in which %d is a worker's number, or a
list of addresses in the order of the workers. An address is HOST:PORT, or the path of a
Unix socket. --index says which worker this one is, from 0; the default is the number at
the end of the host name, as a Kubernetes StatefulSet sets it. All workers read the same
secret from a file that others cannot read.

With --tls-cert, --tls-key and --tls-ca, in all workers, what they send is encrypted, and
each shows a certificate of the authority, for its host in --peers. The files may be
renewed while the workers run.

The spouts start when all workers are there. SIGTERM stops only this worker: the tuples
that it has finish, and new ones wait for its successor. The page can end all workers.

With --ui, and in worker 0, the page, gust top and the metrics show the whole topology.

EXIT STATUS

0 success, 1 failure, 2 usage error. An orderly stop is a success.`

// workerOptions are the flags of `worker`.
type workerOptions struct {
	sourceOptions
	options optionList
	workers int
	index   int
	peers   string
	secret  string
	tls     mtls.Files
	listen  string
	ui      string
	health  string
	log     logFormat
	runner  runnerFlag
	pprof   string
}

// AddFlags declares the flags.
func (o *workerOptions) AddFlags(flags *pflag.FlagSet) {
	o.sourceOptions.AddFlags(flags)
	flags.FuncP("option", "o", "set `KEY=VALUE` in the conf; VALUE is YAML (repeatable)", o.options.assign)
	flags.IntVarP(&o.workers, "workers", "w", 0, "expect `N` workers\n(default: the length of the list in --peers)")
	flags.IntVar(&o.index, "index", -1, "be worker `I`, from 0\n(default: the number at the end of the host name)")
	flags.Lookup("index").DefValue = "0" // pflag does not show this one: the text has the default
	flags.StringVar(&o.peers, "peers", "", "reach the workers at these `ADDRESSES`: a pattern with %d,\nor a comma-separated list")
	flags.StringVar(&o.secret, "secret", "", "read the secret of all workers from `FILE`")
	flags.StringVar(&o.tls.Certificate, "tls-cert", "", "show the other workers the certificate in `FILE`, for TLS")
	flags.StringVar(&o.tls.Key, "tls-key", "", "read the certificate's key from `FILE`")
	flags.StringVar(&o.tls.Authorities, "tls-ca", "", "accept certificates that an authority in `FILE` has signed")
	flags.StringVar(&o.listen, "listen", "", "listen for the others on `ADDR`\n(default: this worker's own address in --peers)")
	flags.FuncP("debug", "d", "set topology.debug to `BOOL`: log at debug level, with each emit",
		o.options.setter(conf.TopologyDebug))
	flags.Lookup("debug").NoOptDefVal = "true"
	o.log = logText
	flags.Var(&o.log, "log", "write the log in this `FORMAT`: text or json")
	flags.Var(&o.runner, "runner", "run streamparse components in this `MODE`: fast, stock or auto")
	flags.StringVar(&o.ui, "ui", "", "show the topology in a browser, with Storm's REST API, metrics,\n/healthz and /readyz, on `ADDR`: HOST:PORT or PORT (docs/ui.md)")
	flags.Lookup("ui").NoOptDefVal = ui.DefaultAddr
	flags.StringVar(&o.health, "health", "", "answer /healthz and /readyz on `ADDR`: HOST:PORT or PORT")
	flags.StringVar(&o.pprof, "pprof", "", "serve gust's profiles on `ADDR`: PORT or HOST:PORT")
}

func newWorkerCommand(c *cli) *cobra.Command {
	var o workerOptions
	cmd := &cobra.Command{
		Use:   "worker [TOPOLOGY]",
		Short: "Run one of several workers of a topology",
		Long:  workerLong,
		Example: fmt.Sprintf(`  %[1]s worker wordcount.toml --index 0 --peers 10.0.0.1:6700,10.0.0.2:6700 --secret secret
  %[1]s worker -n wordcount --workers 4 --peers 'wordcount-%%d.wordcount:6700' --secret /etc/gust/secret --ui=:8080`, c.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := oneTopology(cmd, args)
			if err != nil {
				return err
			}
			addresses, err := o.addresses()
			if err != nil {
				return wrongUsage(cmd, err)
			}
			if err := o.findIndex(len(addresses)); err != nil {
				return wrongUsage(cmd, err)
			}
			if err := o.checkTLS(addresses); err != nil {
				return wrongUsage(cmd, err)
			}
			o.options.warn(c)
			return runWorker(cmd.Context(), c, &o, path, addresses)
		},
	}
	o.AddFlags(cmd.Flags())
	completeSource(cmd)
	return cmd
}

// addresses are the workers' addresses, in their order.
func (o *workerOptions) addresses() ([]string, error) {
	var list []string
	switch {
	case o.peers == "":
		return nil, hint.New("no --peers", "say where the workers listen, such as --peers 'wordcount-%d.wordcount:6700'")
	case strings.Contains(o.peers, "%"):
		if strings.Count(o.peers, "%") != 1 || strings.Count(o.peers, "%d") != 1 {
			return nil, fmt.Errorf("--peers %s: want %%d once, for the number of a worker", o.peers)
		}
		if strings.Contains(o.peers, ",") {
			return nil, fmt.Errorf("--peers %s: want a pattern with %%d or a list, not both", o.peers)
		}
		if o.workers < 1 {
			return nil, errors.New("--peers with %d needs --workers N, of 1 or more")
		}
		for i := range o.workers {
			list = append(list, strings.Replace(o.peers, "%d", fmt.Sprint(i), 1))
		}
	default:
		list = strings.Split(o.peers, ",")
		if o.workers != 0 && o.workers != len(list) {
			return nil, fmt.Errorf("--peers has %s, and --workers says %d", terminal.Count(len(list), "address"), o.workers)
		}
	}
	seen := map[string]int{}
	for i, address := range list {
		list[i] = strings.TrimSpace(address)
		if err := checkPeer(list[i]); err != nil {
			return nil, fmt.Errorf("--peers: worker %d: %w", i, err)
		}
		if other, twice := seen[list[i]]; twice {
			return nil, fmt.Errorf("--peers: the workers %d and %d have the same address, %s", other, i, list[i])
		}
		seen[list[i]] = i
	}
	return list, nil
}

// checkPeer checks the form of an address of a worker.
func checkPeer(address string) error {
	if strings.HasPrefix(address, "/") {
		return nil
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" {
		return fmt.Errorf("%q is not an address: want HOST:PORT, or the path of a Unix socket", address)
	}
	if n, err := net.LookupPort("tcp", port); err != nil || n == 0 {
		return fmt.Errorf("%q has no usable port", address)
	}
	return nil
}

// checkTLS checks whether there is all that TLS needs.
func (o *workerOptions) checkTLS(addresses []string) error {
	if !o.tls.Any() {
		return nil
	}
	for i, address := range addresses {
		if strings.HasPrefix(address, "/") {
			return hint.New(fmt.Sprintf("TLS is for networks, and the address of worker %d is a Unix socket: %s", i, address),
				"leave out --tls-cert, --tls-key and --tls-ca, or give the workers addresses of the form HOST:PORT")
		}
	}
	return o.tls.Complete()
}

// findIndex checks the number of this worker, or takes it from the host name.
func (o *workerOptions) findIndex(workers int) error {
	if o.index < 0 {
		name, err := os.Hostname()
		if err != nil {
			return fmt.Errorf("no --index, and no host name: %w", err)
		}
		if o.index = ordinal(name); o.index < 0 {
			return hint.New(fmt.Sprintf("no --index, and the host name %q does not end in -NUMBER", name), "say which worker this is with --index, from 0")
		}
	}
	if o.index >= workers {
		return fmt.Errorf("there is no worker %d: with %s the last one is %d", o.index, terminal.Count(workers, "worker"), workers-1)
	}
	return nil
}

// ordinal is the number at the end of the name of a StatefulSet's pod, such as wordcount-2,
// or -1.
func ordinal(host string) int {
	host, _, _ = strings.Cut(host, ".")
	_, number, found := cutLast(host, "-")
	n := 0
	if !found || number == "" || len(number) > 6 {
		return -1
	}
	for _, digit := range number {
		if digit < '0' || digit > '9' {
			return -1
		}
		n = 10*n + int(digit-'0')
	}
	return n
}

// cutLast is strings.Cut at the last separator.
func cutLast(s, separator string) (before, after string, found bool) {
	i := strings.LastIndex(s, separator)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(separator):], true
}

// leastSecret is the shortest secret, in bytes.
const leastSecret = 16

// readSecret reads the secret, from a file that not everybody can read.
func readSecret(path string) ([]byte, error) {
	const create = "head -c 32 /dev/urandom | base64 > FILE; chmod 600 FILE"
	if path == "" {
		return nil, &usageError{err: hint.New("no --secret", "all workers need the same file, which this makes: "+create)}
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the secret: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o007 != 0 {
		return nil, hint.With(fmt.Errorf("the secret %s can be read by everybody on this machine (mode %04o)", path, mode), "chmod 600 "+path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the secret: %w", err)
	}
	secret := strings.TrimSpace(string(text))
	if len(secret) < leastSecret {
		return nil, hint.With(fmt.Errorf("the secret in %s has %s, and needs %d", path, terminal.Count(len(secret), "byte"), leastSecret), "make one: "+create)
	}
	return []byte(secret), nil
}

// listenForPeers listens on an address, by default a worker's own. A host name may mean other
// addresses here than for the others, or none yet: then it is all addresses of this machine.
func listenForPeers(address, own string) (net.Listener, error) {
	if address == "" {
		address = own
		if host, port, err := net.SplitHostPort(own); err == nil && net.ParseIP(host) == nil && host != "localhost" {
			address = net.JoinHostPort("", port)
		}
	}
	network := "tcp"
	if strings.HasPrefix(address, "/") {
		network = "unix"
		if c, err := net.Dial("unix", address); err == nil {
			c.Close()
			return nil, fmt.Errorf("cannot listen for the other workers: another process listens on %s", address)
		}
		if err := os.Remove(address); err != nil && !errors.Is(err, os.ErrNotExist) { // of one that was killed
			return nil, fmt.Errorf("cannot listen for the other workers: %w", err)
		}
	}
	l, err := net.Listen(network, address)
	if err != nil {
		return nil, hint.With(fmt.Errorf("cannot listen for the other workers: %w", err), "if the address in --peers is not one of this machine, name another with --listen")
	}
	return l, nil
}

// runWorker loads the topology, and runs one of its workers until it is stopped.
func runWorker(ctx context.Context, c *cli, o *workerOptions, path string, addresses []string) error {
	secret, err := readSecret(o.secret)
	if err != nil {
		return err
	}
	var credentials *mtls.Credentials
	if o.tls.Any() {
		if credentials, err = mtls.New(o.tls, addresses, o.index); err != nil {
			return err
		}
	}
	if o.options.conf == nil {
		o.options.conf = conf.Conf{}
	}
	o.options.conf[conf.TopologyWorkers] = int64(len(addresses))
	// The topology is run as a service: a component that keeps dying is shown, and backs off.
	loading := runOptions{sourceOptions: o.sourceOptions, options: o.options, watch: true}
	t, merged, err := loadTopology(ctx, c, &loading, path)
	if err != nil {
		return err
	}
	placement, err := run.Place(t, merged, addresses)
	if err != nil {
		return err
	}
	letters, err := runs.DeadLettersOf(t.Name)
	if err != nil {
		return err
	}
	listener, err := listenForPeers(o.listen, addresses[o.index])
	if err != nil {
		return err
	}
	signals, release := terminal.CatchSignals()
	defer release()
	session, err := run.New(run.Options{
		Topology: t, Conf: merged, Runner: fast.Mode(o.runner),
		Profiles: o.pprof, UI: o.ui, UIToken: os.Getenv(uiTokenVariable), Publish: true, DeadLetters: letters,
		ByHand: &run.ByHand{Placement: placement, Worker: o.index, Secret: secret, Listener: listener, TLS: credentials, Health: o.health},
		Log:    c.stderr, JSON: o.log == logJSON, Name: c.name, Warn: c.Warn,
		Signals: signals, Release: release,
	})
	if err != nil {
		return err
	}
	_, err = session.Run(ctx)
	return err
}
