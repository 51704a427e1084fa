package storm_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"strings"
	"testing"

	"gust/storm"
	"gust/storm/generated"
	"gust/storm/stormtest"
)

// A real Nimbus, from Storm's own jars, without a supervisor: these tests are about its
// answers.
func TestRealNimbus(t *testing.T) {
	t.Parallel()
	for _, release := range []stormtest.Release{stormtest.Storm1, stormtest.Storm2} {
		t.Run(string(release), func(t *testing.T) {
			t.Parallel()
			cluster := stormtest.New(t, stormtest.Options{Release: release, NimbusOnly: true})
			client, err := storm.Dial(t.Context(), storm.Options{Seeds: []string{cluster.Nimbus()}})
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			t.Run("upload", func(t *testing.T) { testUpload(t, client) })
			t.Run("errors", func(t *testing.T) { testErrors(t, release, client) })
			t.Run("tampered calls", func(t *testing.T) { testTamperedCalls(t, release, cluster) })
		})
	}
}

// login connects to a Nimbus as its user.
func login(t *testing.T, cluster *stormtest.Cluster, secrets *stormtest.Secrets) *storm.Client {
	t.Helper()
	digest, err := storm.ReadJAAS(secrets.JAAS)
	if err != nil {
		t.Fatal(err)
	}
	client, err := storm.Dial(t.Context(), storm.Options{Seeds: []string{cluster.Nimbus()}, Digest: digest})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

func TestSASL(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		release stormtest.Release
		want    string // without a login
	}{
		{stormtest.Storm1, "it wants SASL"},
		{stormtest.Storm2, "It may want SASL"},
	} {
		t.Run(string(test.release), func(t *testing.T) {
			t.Parallel()
			secrets := stormtest.NewSecrets(t)
			cluster := stormtest.New(t, stormtest.Options{Release: test.release, NimbusOnly: true, SASL: secrets})
			client := login(t, cluster, secrets)
			info, err := client.ClusterInfo(t.Context())
			if err != nil || len(info.Nimbuses) != 1 || !info.Nimbuses[0].IsLeader {
				t.Errorf("got %v, %v", info, err)
			}
			testUpload(t, client)
			testRefusedLogins(t, cluster, secrets, test.want)
		})
	}
}

func testRefusedLogins(t *testing.T, cluster *stormtest.Cluster, secrets *stormtest.Secrets, without string) {
	for _, test := range []struct {
		name   string
		digest *storm.Digest
		want   string
	}{
		{"wrong password", &storm.Digest{User: secrets.User, Password: "open barley"}, "it refuses the user"},
		{"unknown user", &storm.Digest{User: "kassim", Password: secrets.Password}, "it refuses the user"},
		{"none", nil, without},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := storm.Dial(t.Context(), storm.Options{Seeds: []string{cluster.Nimbus()}, Digest: test.digest})
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "\nhint: ") {
				t.Errorf("got %v, want ...%s", err, test.want)
			}
		})
	}
}

func testUpload(t *testing.T, client *storm.Client) {
	// More than one frame, and more than one chunk.
	jar := bytes.Repeat([]byte("jar "), 400_000)
	location, err := client.Upload(t.Context(), bytes.NewReader(jar), int64(len(jar)), nil)
	if err != nil || !strings.HasSuffix(location, ".jar") {
		t.Errorf("got %q, %v", location, err)
	}
}

// Every error of Nimbus, as the user sees it. The topologies include some that gust would
// not send.
func testErrors(t *testing.T, release stormtest.Release, client *storm.Client) {
	const text = "not a zip, but Nimbus does not look"
	jar, err := client.Upload(t.Context(), strings.NewReader(text), int64(len(text)), nil)
	if err != nil {
		t.Fatal(err)
	}
	submit := func(change func(*storm.Submission)) func(context.Context) error {
		return func(ctx context.Context) error {
			s := storm.Submission{Name: "errors", Jar: jar, Conf: "{}", Topology: wordcount()}
			change(&s)
			return client.Submit(ctx, s)
		}
	}
	if err := submit(func(s *storm.Submission) { s.Name = "dup" })(t.Context()); err != nil {
		t.Fatalf("a sound topology: %v", err)
	}
	const (
		ghost    = `no topology "ghost" runs on the cluster`
		internal = "failed in submitTopologyWithOpts"
		taken    = "1.x takes it"
	)
	tests := []struct {
		name string
		call func(context.Context) error
		want string
		old  string // of 1.x, if it differs
	}{
		{"name in use", submit(func(s *storm.Submission) { s.Name = "dup" }), `a topology "dup" already runs on the cluster`, ""},
		{"name with a slash", submit(func(s *storm.Submission) { s.Name = "a/b" }),
			"Nimbus refuses the topology: Topology name 'a/b' is not valid", "Nimbus refuses the topology: Topology name cannot contain any of the following:"},
		{"empty name", submit(func(s *storm.Submission) { s.Name = "" }), "Nimbus refuses the topology: Topology name '' is not valid", internal},
		{"no such jar", submit(func(s *storm.Submission) { s.Jar = "/nowhere.jar" }), internal, ""},
		{"empty jar", submit(func(s *storm.Submission) { s.Jar = "" }), internal, ""},
		{"missing stream", submit(input("word_spout", "nope", "word")),
			"Nimbus refuses the topology: Component: [count_bolt] subscribes from non-existent stream: [nope] of component [word_spout]", ""},
		{"missing component", submit(input("ghost", "default", "word")), "Component: [count_bolt] subscribes from non-existent component [ghost]", ""},
		{"missing field", submit(input("word_spout", "default", "nofield")), "with non-existent fields: [nofield]", `with non-existent fields: #{"nofield"}`},
		{"reserved component", submit(func(s *storm.Submission) { s.Topology.Bolts["__x"] = s.Topology.Bolts["count_bolt"] }), "__x is not a valid component id", ""},
		{"reserved stream", submit(func(s *storm.Submission) {
			common := s.Topology.Spouts["word_spout"].Common
			common.Streams["__s"] = common.Streams["default"]
		}), "__s is not a valid stream id", ""},
		{"id of a spout and a bolt", submit(func(s *storm.Submission) { s.Topology.Bolts["word_spout"] = s.Topology.Bolts["count_bolt"] }),
			"Duplicate component ids: [word_spout]", "subscribes from non-existent stream"},
		{"spout with inputs", submit(func(s *storm.Submission) {
			s.Topology.Spouts["word_spout"].Common.Inputs = s.Topology.Bolts["count_bolt"].Common.Inputs
		}), "May not declare inputs for a spout", ""},
		{"tasks without executors", submit(func(s *storm.Submission) {
			common := s.Topology.Spouts["word_spout"].Common
			common.ParallelismHint, common.JSONConf = new(int32), ptr(`{"topology.tasks": 3}`)
		}), "Number of executors must be greater than 0 when number of tasks is greater than 0", ""},
		{"conf of a wrong type", submit(func(s *storm.Submission) { s.Conf = `{"topology.workers": "two"}` }), "Field TOPOLOGY_WORKERS must be an Integer within type range.", ""},
		{"whole number with a fraction", submit(func(s *storm.Submission) { s.Conf = `{"topology.workers": 1.0}` }), internal, taken},
		{"conf that is a list", submit(func(s *storm.Submission) { s.Conf = `[]` }), internal, taken},
		{"empty conf", submit(func(s *storm.Submission) { s.Conf = "" }), internal, taken},
		{"conf that is null", submit(func(s *storm.Submission) { s.Conf = "null" }), internal, taken},
		{"conf that is not JSON", submit(func(s *storm.Submission) { s.Conf = "{" }), internal, ""},
		{"component's conf that is not JSON", submit(func(s *storm.Submission) {
			s.Topology.Spouts["word_spout"].Common.JSONConf = ptr("{")
		}), internal, taken},
		{"frame too large", submit(func(s *storm.Submission) { s.Conf = `{"x": "` + strings.Repeat("x", 1<<20) + `"}` }), "nimbus.thrift.max_buffer_size", ""},
		{"kill of an unknown name", func(ctx context.Context) error { return client.Kill(ctx, "ghost", 0) }, ghost, ""},
		{"activate of an unknown name", func(ctx context.Context) error { return client.Activate(ctx, "ghost") }, ghost, ""},
		{"deactivate of an unknown name", func(ctx context.Context) error { return client.Deactivate(ctx, "ghost") }, ghost, ""},
		{"rebalance of an unknown name", func(ctx context.Context) error { return client.Rebalance(ctx, "ghost", 0, 1, nil) }, ghost, ""},
		{"debugging of an unknown name", func(ctx context.Context) error { return client.Debug(ctx, "ghost", "", true, 1) }, ghost, ""},
		{"info of an unknown id", func(ctx context.Context) error { return errorOf(client.TopologyInfo(ctx, "ghost")) }, ghost, ""},
		{"conf of an unknown id", func(ctx context.Context) error { return errorOf(client.TopologyConf(ctx, "ghost")) }, ghost, ""},
		{"page of an unknown id", func(ctx context.Context) error {
			return errorOf(client.TopologyPage(ctx, "ghost", ":all-time", false))
		}, ghost, ""},
		{"page of an unknown component", func(ctx context.Context) error { return unknownComponent(ctx, client) }, "failed in getComponentPageInfo", ""},
	}
	for _, test := range tests {
		want := test.want
		if release == stormtest.Storm1 {
			want = cmp.Or(test.old, want)
		}
		if want == taken {
			continue
		}
		t.Run(test.name, func(t *testing.T) {
			if err := test.call(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want ...%s", err, want)
			}
		})
	}
	if allowed, err := client.TopologyNameAllowed(t.Context(), "dup"); allowed || err != nil {
		t.Errorf("a name that is taken: got %v, %v", allowed, err)
	}
	if _, ok := errors.AsType[*storm.NotAliveError](errorOf(client.Topology(t.Context(), "errors"))); !ok {
		t.Error("one of the refused topologies was submitted all the same")
	}
}

// Messages that violate Storm's IDL. Nimbus answers even these, and the connection stays
// usable.
func testTamperedCalls(t *testing.T, release stormtest.Release, cluster *stormtest.Cluster) {
	jar := strings.NewReader("jar")
	submit := func(field string) (*storm.Client, error) {
		client := tamper(t, cluster, "submitTopologyWithOpts", submitWithout(field))
		location, err := client.Upload(t.Context(), jar, jar.Size(), nil)
		if err != nil {
			t.Fatal(err)
		}
		return client, client.Submit(t.Context(), storm.Submission{Name: "tampered", Jar: location, Conf: "{}", Topology: wordcount()})
	}
	internal := "Nimbus at " + cluster.Nimbus() + " failed in "
	const hint = "\nhint: the reason is in nimbus.log on that machine"
	noOptions := "Nimbus refuses the topology: Cannot submitTopologyWithOpts: SubmitOptions parameter value is null"
	if release == stormtest.Storm1 {
		noOptions = "the connection to Nimbus at " + cluster.Nimbus() + " broke during submitTopologyWithOpts"
	}
	tests := []struct {
		name string
		call func() (*storm.Client, error)
		want []string
	}{
		{"jar unset", func() (*storm.Client, error) { return submit("uploadedJarLocation") },
			[]string{internal + "submitTopologyWithOpts", hint}},
		{"state_spouts unset", func() (*storm.Client, error) { return submit("state_spouts") },
			[]string{internal + "submitTopologyWithOpts (Required field 'state_spouts' is unset! Struct:", "…)" + hint}},
		{"SubmitOptions unset", func() (*storm.Client, error) { return submit("options") }, []string{noOptions}},
		{"upload to an unknown path", func() (*storm.Client, error) {
			client := tamper(t, cluster, "uploadChunk", uploadTo("/nowhere.jar"))
			return client, errorOf(client.Upload(t.Context(), jar, jar.Size(), nil))
		}, []string{internal + "uploadChunk", hint}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client, err := test.call()
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want ...%s", err, want)
				}
			}
			if _, ok := errors.AsType[*storm.NotAliveError](errorOf(client.Topology(t.Context(), "tampered"))); !ok {
				t.Error("the topology was submitted all the same, or the connection is unusable")
			}
		})
	}
}

func unknownComponent(ctx context.Context, client *storm.Client) error {
	t, err := client.Topology(ctx, "dup")
	if err != nil {
		return err
	}
	return errorOf(client.ComponentPage(ctx, t.ID, "ghost", ":all-time", false))
}

func errorOf[T any](_ T, err error) error { return err }

func ptr[T any](v T) *T { return &v }

// input changes the bolt's subscription.
func input(component, stream, field string) func(*storm.Submission) {
	return func(s *storm.Submission) {
		s.Topology.Bolts["count_bolt"].Common.Inputs = map[*generated.GlobalStreamId]*generated.Grouping{
			{ComponentId: component, StreamId: stream}: {Fields: []string{field}},
		}
	}
}

// wordcount is a sound topology.
func wordcount() *generated.StormTopology {
	program := func() *generated.ComponentObject {
		return &generated.ComponentObject{Shell: &generated.ShellComponent{ExecutionCommand: "python3", Script: "x.py"}}
	}
	streams := func(field string) map[string]*generated.StreamInfo {
		return map[string]*generated.StreamInfo{"default": {OutputFields: []string{field}}}
	}
	t := empty()
	t.Spouts["word_spout"] = &generated.SpoutSpec{SpoutObject: program(), Common: &generated.ComponentCommon{
		Inputs: map[*generated.GlobalStreamId]*generated.Grouping{}, Streams: streams("word"), ParallelismHint: ptr(int32(1)),
	}}
	t.Bolts["count_bolt"] = &generated.Bolt{BoltObject: program(), Common: &generated.ComponentCommon{
		Inputs: map[*generated.GlobalStreamId]*generated.Grouping{
			{ComponentId: "word_spout", StreamId: "default"}: {Fields: []string{"word"}},
		},
		Streams: streams("n"), ParallelismHint: ptr(int32(1)),
	}}
	return t
}
