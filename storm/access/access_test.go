package access

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"gust/conf"
)

// setHome makes an empty home directory, with a storm.yaml unless it is empty.
func setHome(t *testing.T, home, stormYAML string) {
	t.Helper()
	for _, variable := range []string{"STORM_CONF_DIR", "STORM_HOME"} {
		t.Setenv(variable, "")
	}
	t.Setenv("HOME", home)
	if stormYAML != "" {
		writeFile(t, filepath.Join(home, ".storm", "storm.yaml"), stormYAML)
	}
}

func writeFile(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestNimbusOptions(t *testing.T) {
	const yaml = "nimbus.seeds: [y1, y2]\nnimbus.thrift.port: 7000\n"
	tests := []struct {
		name, flag, variable, environment, yaml string
		want                                    []string
		err                                     string
	}{
		{name: "flag first", flag: "f", variable: "v", environment: "e", yaml: yaml, want: []string{"f:7000"}},
		{name: "then the variable", variable: "v:1", environment: "e", yaml: yaml, want: []string{"v:1"}},
		{name: "then config.json", environment: "e", want: []string{"e:6627"}},
		{name: "then storm.yaml", yaml: yaml, want: []string{"y1:7000", "y2:7000"}},
		{name: "several", flag: "a, b:2,::1", want: []string{"a:6627", "b:2", "[::1]:6627"}},
		{name: "none", err: "no Storm cluster given"},
		{name: "invalid port", flag: "a:x", err: `invalid address "a:x" (want HOST or HOST:PORT)`},
		{name: "invalid seeds", yaml: "nimbus.seeds: 3\n", err: "nimbus.seeds must be a list of hosts"},
		{name: "broken storm.yaml", flag: "a", yaml: "a: [", err: "storm.yaml: it is not YAML"},
		{name: "storm.yaml with a list", flag: "a", yaml: "- a\n", err: "storm.yaml: it must be a list of KEY: VALUE"},
		{name: "SASL without a file", flag: "a", yaml: "storm.thrift.transport: a.DigestSaslTransportPlugin\n", err: "java.security.auth.login.config does not name its file"},
		{name: "missing truststore", flag: "a", yaml: "nimbus.thrift.client.use.tls: true\nnimbus.thrift.tls.client.truststore.path: /no/such\n", err: "cannot read the truststore /no/such"},
		{name: "TLS port", flag: "a", yaml: "nimbus.thrift.client.use.tls: true\nnimbus.thrift.tls.port: 6628\n", want: []string{"a:6628"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			home := t.TempDir()
			setHome(t, home, test.yaml)
			t.Setenv("STREAMPARSE_NIMBUS", test.variable)
			var environment *conf.Environment
			if test.environment != "" {
				environment = &conf.Environment{Name: "prod", Settings: conf.Conf{"nimbus": test.environment}}
			}
			options, err := (&Cluster{Environment: environment, Nimbus: test.flag}).nimbusOptions()
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("got %v, want ...%s", err, test.err)
				}
				return
			}
			if err != nil || !reflect.DeepEqual(options.Seeds, test.want) {
				t.Errorf("got %q, %v, want %q", options.Seeds, err, test.want)
			}
		})
	}
}

func TestTunnelled(t *testing.T) {
	tests := []struct {
		name, environment, nimbus, variable string
		want                                bool
	}{
		{"sparse's default", `{"nimbus": "storm1"}`, "", "", true},
		{"no ssh", `{"nimbus": "storm1", "use_ssh_for_nimbus": false}`, "", "", false},
		{"this machine", `{"nimbus": "localhost"}`, "", "", false},
		{"this machine, on request", `{"nimbus": "localhost", "use_ssh_for_nimbus": true}`, "", "", true},
		{"the command line's", `{"nimbus": "storm1", "use_ssh_for_nimbus": true}`, "storm2", "", false},
		{"the variable's", `{}`, "", "storm2", true},
		{"storm.yaml's", `{}`, "", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			setHome(t, t.TempDir(), "nimbus.seeds: [storm3]\n")
			t.Setenv("STREAMPARSE_NIMBUS", tt.variable)
			file := filepath.Join(t.TempDir(), "config.json")
			writeFile(t, file, fmt.Sprintf(`{"envs": {"prod": %s}}`, tt.environment))
			environment, err := ReadEnvironment(file, "", tt.nimbus != "")
			if err != nil {
				t.Fatal(err)
			}
			c := &Cluster{Environment: environment, Nimbus: tt.nimbus}
			options, err := c.nimbusOptions()
			if err != nil {
				t.Fatal(err)
			}
			if got, err := c.tunnelled(options.Seeds); err != nil || got != tt.want {
				t.Errorf("got %v, %v, want %v", got, err, tt.want)
			}
		})
	}
}
