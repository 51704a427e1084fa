package main

import (
	"crypto/x509"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/spf13/pflag"

	"gust/internal/testenv"
)

// deployed is what a file of deploy starts: the options of `gust worker`.
func deployed(t *testing.T, args []string) *workerOptions {
	t.Helper()
	if len(args) == 0 || args[0] != "worker" {
		t.Fatalf("the command is %q, want gust worker", args)
	}
	var o workerOptions
	flags := pflag.NewFlagSet("worker", pflag.ContinueOnError)
	o.AddFlags(flags)
	if err := flags.Parse(args[1:]); err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	if rest := flags.Args(); len(rest) > 0 {
		t.Fatalf("%q has the arguments %q", args, rest)
	}
	return &o
}

// peersOf are the addresses of the workers.
func peersOf(t *testing.T, o *workerOptions) []string {
	t.Helper()
	list, err := o.addresses()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func readDeploy(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "deploy", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The files for Kubernetes and compose are what their schemas say, with TLS too, and keys that a
// schema does not have are mistakes.
func TestDeploySchemas(t *testing.T) {
	schemas, python := testenv.Schemas(t), testenv.Python(t)
	dir := t.TempDir()
	validate := func(files map[string]string) (errors string, failed bool) {
		t.Helper()
		args := []string{filepath.Join(testenv.Top(t), "test", "manifests", "validate"), schemas}
		for _, name := range slices.Sorted(maps.Keys(files)) {
			file := filepath.Join(dir, name)
			writeFile(t, file, files[name])
			args = append(args, file)
		}
		out, err := exec.Command(python, args...).CombinedOutput()
		return string(out), err != nil
	}
	files := map[string]string{}
	for _, name := range []string{"compose/compose.yaml", "compose/compose.tls.yaml", "kubernetes/wordcount.yaml", "kubernetes/certificate.yaml"} {
		files[filepath.Base(name)] = readDeploy(t, name)
	}
	files["secured.yaml"] = strings.ReplaceAll(files["wordcount.yaml"], "#tls: ", "")
	found, err := filepath.Glob(filepath.Join(testenv.Top(t), "deploy", "*", "*.yaml"))
	if err != nil || len(found) != len(files)-1 {
		t.Fatalf("deploy has %q, %v", found, err)
	}
	if out, failed := validate(files); failed || out != "" {
		t.Errorf("the files are not valid:\n%s", out)
	}
	mistakes := []struct{ file, old, new, want string }{
		{"compose.yaml", "restart: on-failure", "restrat: on-failure", "'restrat' was unexpected"},
		{"compose.yaml", "  init: true", "  init: [1]", "worker-0.init: "},
		{"compose.tls.yaml", "volumes:", "volume:", "'volume' was unexpected"},
		{"wordcount.yaml", "podManagementPolicy", "podManagmentPolicy", "StatefulSet: spec: Kubernetes 1"},
		{"wordcount.yaml", "replicas: 3", "replicas: three", "StatefulSet: spec.replicas: "},
		{"wordcount.yaml", "clusterIP: None", "clusterIp: None", "Service: spec: "},
		{"wordcount.yaml", "containerPort: 6700", "port: 6700", "spec.template.spec.containers.0.ports.0: "},
		{"wordcount.yaml", "apiVersion: apps/v1", "apiVersion: apps/v1beta9", "Couldn't find schema for kind StatefulSet"},
		{"secured.yaml", "secretName: wordcount-tls", "secret: wordcount-tls", "spec.template.spec.volumes.1.secret: "},
		{"certificate.yaml", "dnsNames", "dnsName", "Certificate: spec: "},
		{"certificate.yaml", "server auth", "server", "Certificate: spec.usages.1: 'server' is not one of"},
		{"certificate.yaml", "selfSigned: {}", "selfSigned: yes", "Issuer: spec.selfSigned: "},
	}
	planted := map[string]string{}
	for i, m := range mistakes {
		text := strings.Replace(files[m.file], m.old, m.new, 1)
		if text == files[m.file] {
			t.Errorf("%s has no %q", m.file, m.old)
		}
		planted[fmt.Sprintf("%02d.yaml", i)] = text
	}
	out, _ := validate(planted)
	for i, m := range mistakes {
		name := filepath.Join(dir, fmt.Sprintf("%02d.yaml: ", i))
		if !slices.ContainsFunc(strings.Split(out, "\n"), func(line string) bool {
			return strings.HasPrefix(line, name) && strings.Contains(line, m.want)
		}) {
			t.Errorf("%s with %q is not refused with %q:\n%s", m.file, m.new, m.want, out)
		}
	}
}

func TestDeployCompose(t *testing.T) {
	type service struct {
		Command, Hostname string
		Secrets, Volumes  []string
		Environment       map[string]string
		Healthcheck       struct{ Test []string }
	}
	type compose struct {
		Services map[string]service
		Secrets  map[string]struct{ File string }
	}
	var file, secured compose
	for name, to := range map[string]*compose{"compose.yaml": &file, "compose.tls.yaml": &secured} {
		if err := yaml.Unmarshal([]byte(readDeploy(t, "compose/"+name)), to); err != nil {
			t.Fatal(err)
		}
	}
	var hosts []string
	for name, s := range file.Services {
		o := deployed(t, strings.Fields(s.Command))
		peers := peersOf(t, o)
		if name != s.Hostname || len(peers) != len(file.Services) || ordinal(s.Hostname) < 0 || peers[ordinal(s.Hostname)] != s.Hostname+":6700" {
			t.Errorf("%s has the host name %s; the peers are %q", name, s.Hostname, peers)
		}
		if len(s.Secrets) != 1 || o.secret != "/run/secrets/"+s.Secrets[0] || file.Secrets[s.Secrets[0]].File == "" {
			t.Errorf("%s reads its secret from %s, and has %q of %v", name, o.secret, s.Secrets, file.Secrets)
		}
		if !strings.HasSuffix(o.ui, ":8080") || !strings.Contains(strings.Join(s.Healthcheck.Test, " "), ":8080/readyz") || s.Environment[uiTokenVariable] == "" {
			t.Errorf("%s shows the page at %s, and its health is checked by %q", name, o.ui, s.Healthcheck.Test)
		}
		hosts = append(hosts, s.Hostname)

		with := secured.Services[name]
		securedOptions := deployed(t, strings.Fields(with.Command))
		if rest, folder, ok := cutTLS(with.Command); !ok || rest != s.Command || !slices.Contains(with.Volumes, "./"+filepath.Base(folder)+":"+folder+":ro") {
			t.Errorf("%s with TLS: %q with %q, and without: %q", name, with.Command, with.Volumes, s.Command)
		}
		if err := securedOptions.checkTLS(peers); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if slices.Sort(hosts); len(slices.Compact(hosts)) != 3 {
		t.Errorf("the hosts are %q", hosts)
	}
}

// cutTLS is a command line without the options of TLS, and the folder of their files.
func cutTLS(line string) (rest, folder string, ok bool) {
	found := regexp.MustCompile(` --tls-cert[ =](\S+)/tls.crt --tls-key[ =](\S+)/tls.key --tls-ca[ =](\S+)/ca.crt`).FindStringSubmatch(line)
	if found == nil || found[1] != found[2] || found[1] != found[3] {
		return line, "", false
	}
	return strings.Replace(line, found[0], "", 1), found[1], true
}

// labels are those of an object of Kubernetes.
type labels map[string]string

// kubeProbe and the following are the parts of Kubernetes' API (v1, apps/v1) by which the objects
// refer to each other and to the command line.
type (
	kubeProbe struct {
		HTTPGet struct{ Path, Port string } `yaml:"httpGet"`
	}
	kubePort struct {
		Name          string
		Port          int
		ContainerPort int `yaml:"containerPort"`
	}
	kubeKey struct {
		SecretKeyRef struct{ Name, Key string } `yaml:"secretKeyRef"`
	}
	kubeContainer struct {
		Args []string
		Env  []struct {
			Name      string
			ValueFrom kubeKey `yaml:"valueFrom"`
		}
		Ports     []kubePort
		Readiness kubeProbe `yaml:"readinessProbe"`
		Liveness  kubeProbe `yaml:"livenessProbe"`
		Mounts    []struct {
			Name      string
			MountPath string `yaml:"mountPath"`
		} `yaml:"volumeMounts"`
	}
	kubeVolume struct {
		Name   string
		Secret struct {
			SecretName  string `yaml:"secretName"`
			DefaultMode int    `yaml:"defaultMode"`
			Items       []struct{ Key, Path string }
		}
	}
	kubePod struct {
		Containers []kubeContainer
		Volumes    []kubeVolume
	}
	kubeMeta    struct{ Name string }
	kubeService struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Metadata   kubeMeta
		Spec       struct {
			ClusterIP string `yaml:"clusterIP"`
			NotReady  bool   `yaml:"publishNotReadyAddresses"`
			Selector  labels
			Ports     []kubePort
		}
	}
	kubeSet struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Metadata   kubeMeta
		Spec       struct {
			ServiceName string `yaml:"serviceName"`
			Replicas    int
			Management  string                `yaml:"podManagementPolicy"`
			Update      struct{ Type string } `yaml:"updateStrategy"`
			Selector    struct {
				MatchLabels labels `yaml:"matchLabels"`
			}
			Template struct {
				Metadata struct{ Labels labels }
				Spec     kubePod
			}
		}
	}
)

func TestDeployKubernetes(t *testing.T) {
	text := readDeploy(t, "kubernetes/wordcount.yaml")
	plain := testDeployKubernetes(t, text)
	if strings.Contains(plain, "--tls") {
		t.Errorf("without TLS: %s", plain)
	}
	secured := testDeployKubernetes(t, strings.ReplaceAll(text, "#tls: ", ""))
	if rest, _, ok := cutTLS(secured); !ok || rest != plain {
		t.Errorf("with TLS: %s", secured)
	}
}

// testDeployKubernetes tests the objects, and returns the command line.
func testDeployKubernetes(t *testing.T, text string) (command string) {
	t.Helper()
	documents := strings.Split(text, "\n---\n")
	if len(documents) != 2 {
		t.Fatalf("there are %d objects", len(documents))
	}
	var service kubeService
	var set kubeSet
	for i, to := range []any{&service, &set} {
		if err := yaml.Unmarshal([]byte(documents[i]), to); err != nil {
			t.Fatal(err)
		}
	}
	if service.APIVersion != "v1" || service.Kind != "Service" || set.APIVersion != "apps/v1" || set.Kind != "StatefulSet" {
		t.Errorf("they are %s %s and %s %s", service.APIVersion, service.Kind, set.APIVersion, set.Kind)
	}
	if service.Spec.ClusterIP != "None" || !service.Spec.NotReady || set.Spec.Management != "Parallel" || set.Spec.Update.Type != "OnDelete" {
		t.Errorf("the service is %+v", service.Spec)
	}
	pod := set.Spec.Template
	for name, of := range map[string]labels{"the service": service.Spec.Selector, "the set": set.Spec.Selector.MatchLabels} {
		if len(of) == 0 {
			t.Errorf("%s selects no pod", name)
		}
		for key, value := range of {
			if pod.Metadata.Labels[key] != value {
				t.Errorf("%s selects %s=%s, and the pods have %v", name, key, value, pod.Metadata.Labels)
			}
		}
	}
	c := pod.Spec.Containers[0]
	o := deployed(t, c.Args)
	peers := peersOf(t, o)
	if len(peers) != set.Spec.Replicas || set.Spec.ServiceName != service.Metadata.Name {
		t.Errorf("%d pods of %s, and %d workers", set.Spec.Replicas, set.Spec.ServiceName, len(peers))
	}
	ports := map[string]int{}
	for _, p := range c.Ports {
		ports[p.Name] = p.ContainerPort
	}
	for _, p := range service.Spec.Ports {
		if ports[p.Name] != p.Port {
			t.Errorf("port %s is %d of the service, %d of the container", p.Name, p.Port, ports[p.Name])
		}
	}
	for i, address := range peers {
		if want := fmt.Sprintf("%s-%d.%s:%d", set.Metadata.Name, i, service.Metadata.Name, ports["workers"]); address != want {
			t.Errorf("worker %d is at %s, want %s", i, address, want)
		}
	}
	if !strings.HasSuffix(o.ui, fmt.Sprint(":", ports["page"])) || c.Readiness.HTTPGet != struct{ Path, Port string }{"/readyz", "page"} ||
		c.Liveness.HTTPGet != struct{ Path, Port string }{"/healthz", "page"} || c.Env[0].Name != uiTokenVariable {
		t.Errorf("the page is at %s, the probes are %+v and %+v", o.ui, c.Readiness, c.Liveness)
	}
	volume := pod.Spec.Volumes[0]
	if mount := c.Mounts[0]; mount.Name != volume.Name || o.secret != mount.MountPath+"/"+volume.Secret.Items[0].Path || volume.Secret.DefaultMode != 0o440 {
		t.Errorf("the secret is read from %s; it is mounted as %+v from %+v", o.secret, mount, volume)
	}
	if c.Env[0].ValueFrom.SecretKeyRef.Name != volume.Secret.SecretName {
		t.Errorf("the token is of %s, the secret of %s", c.Env[0].ValueFrom.SecretKeyRef.Name, volume.Secret.SecretName)
	}
	command = strings.Join(c.Args, " ")
	_, folder, secured := cutTLS(command)
	if !secured {
		return command
	}
	if err := o.checkTLS(peers); err != nil {
		t.Error(err)
	}
	volume = pod.Spec.Volumes[1]
	if mount := c.Mounts[1]; mount.Name != volume.Name || mount.MountPath != folder || volume.Secret.DefaultMode != 0o440 {
		t.Errorf("the certificate is read from %s; it is mounted as %+v from %+v", folder, mount, volume)
	}
	testDeployCertificate(t, volume.Secret.SecretName, peers)
	return command
}

// testDeployCertificate tests that the certificate of a secret fits workers at these addresses.
func testDeployCertificate(t *testing.T, secret string, peers []string) {
	t.Helper()
	type issuer struct{ Name, Kind string }
	type object struct {
		Kind     string
		Metadata kubeMeta
		Spec     struct {
			SelfSigned *struct{} `yaml:"selfSigned"`
			CA         struct {
				SecretName string `yaml:"secretName"`
			} `yaml:"ca"`
			IsCA       bool     `yaml:"isCA"`
			SecretName string   `yaml:"secretName"`
			Names      []string `yaml:"dnsNames"`
			Usages     []string
			Issuer     issuer `yaml:"issuerRef"`
		}
	}
	made := map[issuer]object{}
	var last object
	for _, text := range strings.Split(readDeploy(t, "kubernetes/certificate.yaml"), "\n---\n") {
		last = object{}
		if err := yaml.Unmarshal([]byte(text), &last); err != nil {
			t.Fatal(err)
		}
		made[issuer{last.Metadata.Name, last.Kind}] = last
	}
	certificate := x509.Certificate{DNSNames: last.Spec.Names}
	for _, address := range peers {
		host, _, _ := net.SplitHostPort(address)
		if err := certificate.VerifyHostname(host); err != nil {
			t.Error(err)
		}
	}
	if last.Spec.SecretName != secret || !slices.Contains(last.Spec.Usages, "server auth") || !slices.Contains(last.Spec.Usages, "client auth") {
		t.Errorf("the certificate goes to %s, for %q", last.Spec.SecretName, last.Spec.Usages)
	}
	// The issuer signs with an authority, which signs itself.
	signs := made[last.Spec.Issuer]
	authority := made[issuer{signs.Spec.CA.SecretName, "Certificate"}]
	if !authority.Spec.IsCA || authority.Spec.SecretName != signs.Spec.CA.SecretName || made[authority.Spec.Issuer].Spec.SelfSigned == nil {
		t.Errorf("%+v is of %+v, with %+v", last.Spec, signs.Spec, authority.Spec)
	}
}

func TestDeploySystemd(t *testing.T) {
	unit := readDeploy(t, "systemd/gust-worker@.service")
	start := func(environment string) string {
		set := map[string]string{}
		for line := range strings.Lines(environment) {
			if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(line, "#") {
				set[name] = value
			}
		}
		for line := range strings.Lines(unit) {
			if command, ok := strings.CutPrefix(line, "ExecStart=/usr/bin/gust "); ok {
				return os.Expand(strings.NewReplacer("%i", "1", "%d", "/run/credentials").Replace(command), func(name string) string { return set[name] })
			}
		}
		return ""
	}
	environment := readDeploy(t, "systemd/worker.env")
	plain, secured := start(environment), start(strings.NewReplacer("TLS=\n", "", "# TLS=", "TLS=").Replace(environment))
	if rest, _, ok := cutTLS(secured); !ok || strings.TrimSpace(rest) != strings.TrimSpace(plain) {
		t.Errorf("with TLS: %s", secured)
	}
	o := deployed(t, strings.Fields(plain))
	if peers := peersOf(t, o); len(peers) != 3 || o.index != 1 || o.secret != "/run/credentials/secret" {
		t.Errorf("%s: worker %d of %q, with %s", plain, o.index, peers, o.secret)
	}

	analyze := testenv.Program(t, "systemd-analyze")
	verify := func(text string) (string, error) {
		name := filepath.Join(t.TempDir(), "gust-worker@1.service")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(analyze, "verify", name).CombinedOutput()
		return string(out), err
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	unit = strings.Replace(unit, "/usr/bin/gust", program, 1)
	if out, err := verify(unit); err != nil || out != "" {
		t.Errorf("systemd-analyze: %v\n%s", err, out)
	}
	if out, _ := verify(strings.Replace(unit, "KillMode=mixed", "KillMode=mxied", 1)); !strings.Contains(out, "mxied") {
		t.Errorf("systemd-analyze finds no mistake:\n%s", out)
	}
}
