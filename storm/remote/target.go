package remote

import (
	"fmt"
	"net"
	"os/user"
	"strconv"
	"strings"

	"gust/internal/hint"
)

// Target is a machine to connect to. Empty fields come from ssh_config.
type Target struct {
	Host string // a name or an address, or an alias of ssh_config
	Port int
	User string
	// Password is tried after the keys.
	Password string
}

// ParseTarget reads [USER@]HOST[:PORT]. An IPv6 address with a port is in brackets.
func ParseTarget(text string) (Target, error) {
	var t Target
	t.Host = text
	if i := strings.LastIndex(text, "@"); i >= 0 {
		t.User, t.Host = text[:i], text[i+1:]
	}
	if host, port, err := net.SplitHostPort(t.Host); err == nil {
		n, err := strconv.Atoi(port)
		if err != nil || n < 1 || n > 65535 {
			return t, fmt.Errorf("invalid machine %q: %q is not a port", text, port)
		}
		t.Host, t.Port = host, n
	}
	t.Host = strings.TrimSuffix(strings.TrimPrefix(t.Host, "["), "]")
	if t.Host == "" || strings.HasPrefix(t.Host, "-") || strings.ContainsAny(t.Host, " \t\n/") {
		return t, fmt.Errorf("invalid machine %q (want HOST, USER@HOST or HOST:PORT)", text)
	}
	return t, nil
}

// String is the target as ParseTarget reads it.
func (t Target) String() string {
	text := t.Host
	if t.Port != 0 {
		text = net.JoinHostPort(t.Host, strconv.Itoa(t.Port))
	}
	if t.User != "" {
		text = t.User + "@" + text
	}
	return text
}

// Hosts are the hosts of targets.
func Hosts(targets []Target) []string {
	hosts := make([]string, len(targets))
	for i, t := range targets {
		hosts[i] = t.Host
	}
	return hosts
}

// route is a target completed by ssh_config: the way there, the user, and the expected
// key.
type route struct {
	target  Target
	address string // HOST:PORT
	user    string
	// jumps are the machines to go through, the first one first.
	jumps          []Target
	identities     []string
	identitiesOnly bool
	agent          string // the agent's socket; "none" for no agent
	// knownHosts are the user's files of known machines, globalKnownHosts those of all
	// users.
	knownHosts, globalKnownHosts []string
	checking                     checking
}

// checking is the policy for a machine with an unknown key.
type checking int

const (
	askNew    checking = iota // the user decides
	acceptNew                 // it is let in, and remembered
	strict                    // it is refused
)

// routeTo completes a target.
func (d *Dialer) routeTo(t Target) (*route, error) {
	s, err := readSettings(d.options.ConfigFiles, t.Host)
	if err != nil {
		return nil, err
	}
	if command := s.values["proxycommand"]; command != "" && command != "none" {
		return nil, hint.With(fmt.Errorf("%s has a ProxyCommand in SSH's configuration, which is unsupported", t.Host), "use ProxyJump")
	}
	host, port := t.Host, t.Port
	if name := s.values["hostname"]; name != "" {
		host = strings.NewReplacer("%h", t.Host, "%%", "%").Replace(name)
	}
	if port == 0 {
		port = 22
		if text := s.values["port"]; text != "" {
			if port, err = strconv.Atoi(text); err != nil {
				return nil, fmt.Errorf("SSH's configuration has Port %s for %s, which is not a number", text, t.Host)
			}
		}
	}
	r := &route{
		target: t, address: net.JoinHostPort(host, strconv.Itoa(port)), user: t.User, agent: s.values["identityagent"],
		identities: s.identities, identitiesOnly: strings.EqualFold(s.values["identitiesonly"], "yes"),
	}
	if r.user == "" {
		r.user = s.values["user"]
	}
	if r.user == "" {
		me, err := user.Current()
		if err != nil {
			return nil, fmt.Errorf("cannot determine the user to log in as on %s: %w", t.Host, err)
		}
		r.user = me.Username
	}
	switch strings.ToLower(s.values["stricthostkeychecking"]) {
	case "no", "off", "accept-new":
		r.checking = acceptNew
	case "yes":
		r.checking = strict
	}
	r.knownHosts = r.filesOf(s.values["userknownhostsfile"], d.options.KnownHosts)
	r.globalKnownHosts = r.filesOf(s.values["globalknownhostsfile"], d.options.GlobalKnownHosts)
	if len(r.identities) == 0 {
		r.identities = d.options.Identities
	}
	return r, r.readJumps(s.values["proxyjump"])
}

// filesOf are the files in a setting, which may be "none", or else the default ones.
func (r *route) filesOf(setting string, usual []string) []string {
	switch {
	case setting == "":
		return usual
	case strings.EqualFold(setting, "none"):
		return nil
	}
	var files []string
	for _, file := range strings.Fields(setting) {
		files = append(files, r.expand(file))
	}
	return files
}

// readJumps reads the machines of a ProxyJump.
func (r *route) readJumps(list string) error {
	if list == "" || strings.EqualFold(list, "none") {
		return nil
	}
	for _, text := range strings.Split(list, ",") {
		jump, err := ParseTarget(strings.TrimPrefix(strings.TrimSpace(text), "ssh://"))
		if err != nil {
			return fmt.Errorf("ProxyJump for %s: %w", r.target.Host, err)
		}
		r.jumps = append(r.jumps, jump)
	}
	return nil
}

// expand expands the tokens in the name of a key file.
func (r *route) expand(file string) string {
	host, _, _ := net.SplitHostPort(r.address)
	file = strings.NewReplacer("%h", host, "%r", r.user, "%n", r.target.Host, "%d", expandHome("~/."), "%%", "%").Replace(file)
	return expandHome(file)
}
