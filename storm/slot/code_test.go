package slot

import (
	"slices"
	"strings"
	"testing"

	"gust/conf"
	"gust/storm/generated"
	"gust/topology"
)

func shellObject(program, script string) *generated.ComponentObject {
	return &generated.ComponentObject{Shell: &generated.ShellComponent{ExecutionCommand: program, Script: script}}
}

// aForm is a topology of a spout and a bolt, in Storm's form.
func aForm() *generated.StormTopology {
	three, bolt := int32(3), `{"topology.tasks":4,"topology.multilang.serializer":"`+Serializer("msgpack")+`"}`
	none := &generated.NullStruct{}
	return &generated.StormTopology{
		Spouts: map[string]*generated.SpoutSpec{"words": {
			SpoutObject: shellObject("streamparse_run", "-s json words.Words"),
			Common: &generated.ComponentCommon{Streams: map[string]*generated.StreamInfo{
				"default": {OutputFields: []string{"word"}}, "ids": {OutputFields: []string{"id"}, Direct: true},
			}},
		}},
		Bolts: map[string]*generated.Bolt{"count": {
			BoltObject: shellObject("node", "count.js"),
			Common: &generated.ComponentCommon{ParallelismHint: &three, JSONConf: &bolt, Streams: map[string]*generated.StreamInfo{},
				Inputs: map[*generated.GlobalStreamId]*generated.Grouping{
					{ComponentId: "words", StreamId: "default"}: {Fields: []string{"word"}},
					{ComponentId: "words", StreamId: "ids"}:     {Direct: none},
				}},
		}},
	}
}

func TestTopologyOfStormsForm(t *testing.T) {
	c := &code{form: aForm(), conf: conf.Conf{conf.TopologyMultilangSerializer: "org.apache.storm.multilang.JsonSerializer"}}
	got, err := c.topology("w", "/code/resources")
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Validate(); err != nil {
		t.Fatal(err)
	}
	spout, bolt := got.Component("words"), got.Component("count")
	if spout.Kind != topology.Spout || spout.NumTasks() != 1 || spout.Serializer != "json" || spout.Dir != "/code/resources" {
		t.Errorf("got the spout %+v", spout)
	}
	if s := spout.Stream("ids"); s == nil || !s.Direct {
		t.Errorf("got the stream %+v", s)
	}
	if bolt.Parallelism != 3 || bolt.NumTasks() != 4 || bolt.Serializer != "msgpack" || strings.Join(bolt.Command, " ") != "node count.js" {
		t.Errorf("got the bolt %+v", bolt)
	}
	if in := bolt.Inputs; len(in) != 2 || in[0].Grouping.Type != topology.Fields || in[1].Grouping.Type != topology.Direct {
		t.Errorf("got the inputs %+v", in)
	}
}

// Java, in whatever place, is not gust's.
func TestJavaIsLeftToJava(t *testing.T) {
	for _, test := range []struct {
		name, want string
		change     func(*generated.StormTopology)
	}{
		{"a spout", `its spout "words" is Java`, func(f *generated.StormTopology) {
			f.Spouts["words"].SpoutObject = &generated.ComponentObject{SerializedJava: []byte{1}}
		}},
		{"a bolt", `its bolt "count" is Java`, func(f *generated.StormTopology) {
			f.Bolts["count"].BoltObject = &generated.ComponentObject{JavaObject: &generated.JavaObject{FullClassName: "a.B"}}
		}},
		{"a grouping", "by Java code", func(f *generated.StormTopology) {
			for _, g := range f.Bolts["count"].Common.Inputs {
				*g = generated.Grouping{CustomSerialized: []byte{1}}
			}
		}},
		{"a state spout", "state spouts", func(f *generated.StormTopology) {
			f.StateSpouts = map[string]*generated.StateSpoutSpec{"s": {}}
		}},
	} {
		c := &code{form: aForm()}
		test.change(c.form)
		if _, err := c.topology("w", "/"); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
}

func TestUnsupported(t *testing.T) {
	for _, test := range []struct {
		name string
		conf conf.Conf
		want string // the key that the error names; empty if there is none
	}{
		{"nothing set", conf.Conf{}, ""},
		{"Storm's defaults", conf.Conf{conf.TopologyEventLoggers: int64(0), conf.TopologyMetricsConsumers: nil, conf.ZooKeeperSSL: false,
			conf.StormClusterStateStore: "org.apache.storm.cluster.ZKStateStorageFactory", conf.ZooKeeperTopologyScheme: "digest"}, ""},
		{"event loggers", conf.Conf{conf.TopologyEventLoggers: int64(1)}, conf.TopologyEventLoggers},
		{"metrics consumers", conf.Conf{conf.TopologyMetricsConsumers: []any{map[string]any{"class": "a.B"}}}, conf.TopologyMetricsConsumers},
		{"Pacemaker", conf.Conf{conf.StormClusterStateStore: "org.apache.storm.pacemaker.PaceMakerStateStorageFactory"}, conf.StormClusterStateStore},
		{"TLS", conf.Conf{conf.ZooKeeperSSL: true}, conf.ZooKeeperSSL},
		{"Kerberos", conf.Conf{conf.ZooKeeperAuthScheme: "sasl"}, conf.ZooKeeperAuthScheme},
		{"Kerberos of topologies", conf.Conf{conf.ZooKeeperTopologyScheme: "sasl"}, conf.ZooKeeperTopologyScheme},
	} {
		err := Unsupported(test.conf)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want+" ")) {
			t.Errorf("%s: got %v, want an error about %q", test.name, err, test.want)
		}
	}
}

// What others have written for env stays as it is.
func TestWordsOfOthers(t *testing.T) {
	for _, script := range []string{"-S", "-Sa  b", "-Sa \"b c\"", "-Sa ${HOME}", "-S'a", "-S'a'b", "-Sa\\_b", "-SA=1", "-i", "-Sa ", "-Sa #b"} {
		if command, environment := Words("env", script); !slices.Equal(command, []string{"env", script}) || environment != nil {
			t.Errorf("env %s is %q with %q", script, command, environment)
		}
	}
}
