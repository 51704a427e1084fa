package topology

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// wordcount is a valid topology, which tests change.
func wordcount() *Topology {
	return &Topology{
		Name: "wordcount",
		Components: []*Component{
			{
				Name: "word_spout", Kind: Spout, Serializer: "json", Parallelism: 1, Command: []string{"sh"},
				Outputs: []Stream{
					{Name: "default", Fields: []string{"word"}},
					{Name: "errors", Fields: []string{"message"}},
					{Name: "aimed", Fields: []string{"x"}, Direct: true},
				},
			},
			{
				Name: "count_bolt", Kind: Bolt, Serializer: "msgpack", Parallelism: 2, Command: []string{"sh"},
				Outputs: []Stream{{Name: "default", Fields: []string{"word", "count"}}},
				Inputs: []Input{{Component: "word_spout", Stream: "default",
					Grouping: Grouping{Type: Fields, Fields: []string{"word"}}}},
			},
		},
	}
}

// bolt is a bolt that shuffles the default streams of its sources and emits one itself.
func bolt(name string, sources ...string) *Component {
	c := &Component{Name: name, Kind: Bolt, Serializer: "json", Parallelism: 1,
		Outputs: []Stream{{Name: "default", Fields: []string{"x"}}}}
	for _, source := range sources {
		c.Inputs = append(c.Inputs, Input{Component: source, Stream: "default"})
	}
	return c
}

func TestValidate(t *testing.T) {
	// spoil makes the topology invalid: w is its spout, c its bolt.
	tests := []struct {
		name  string
		spoil func(t *Topology, w, c *Component)
		want  []string
	}{
		{"sound", func(*Topology, *Component, *Component) {}, nil},
		{"fed cycle", func(t *Topology, w, c *Component) {
			t.Components = append(t.Components, bolt("a", "count_bolt", "b"), bolt("b", "a"))
		}, nil},
		{"java", func(t *Topology, w, c *Component) {
			w.Java, w.Outputs, w.Serializer = "com.acme.Spout", nil, ""
		}, nil},
		{"java with streams", func(t *Topology, w, c *Component) {
			w.Java, w.Outputs = "com.acme.Spout", w.Outputs[1:]
		}, []string{`bolt "count_bolt" subscribes to stream "default" of spout "word_spout", which declares "errors", "aimed"`}},
		{"unknown component", func(t *Topology, w, c *Component) { c.Inputs[0].Component = "word-spuot" },
			[]string{`bolt "count_bolt" subscribes to "word-spuot", but there is no such component: did you mean "word_spout"?`}},
		{"unlike component", func(t *Topology, w, c *Component) { c.Inputs[0].Component = "kafka" },
			[]string{`bolt "count_bolt" subscribes to "kafka", but there is no such component`}},
		{"unknown stream", func(t *Topology, w, c *Component) { c.Inputs[0].Stream = "error" },
			[]string{`bolt "count_bolt" subscribes to stream "error" of spout "word_spout", which declares "default", "errors", "aimed": did you mean "errors"?`}},
		{"no streams", func(t *Topology, w, c *Component) { w.Outputs = nil },
			[]string{`bolt "count_bolt" subscribes to stream "default" of spout "word_spout", which declares no streams`}},
		{"unknown field", func(t *Topology, w, c *Component) { c.Inputs[0].Grouping.Fields = []string{"Word"} },
			[]string{`bolt "count_bolt" groups stream "default" of "word_spout" by field "Word", but its fields are "word": did you mean "word"?`}},
		{"fields without fields", func(t *Topology, w, c *Component) { c.Inputs[0].Grouping.Fields = nil },
			[]string{`bolt "count_bolt" has a fields grouping without fields on stream "default" of "word_spout"`}},
		{"direct on other", func(t *Topology, w, c *Component) { c.Inputs[0].Grouping = Grouping{Type: Direct} },
			[]string{`bolt "count_bolt" has a direct grouping on stream "default" of "word_spout", which is not declared direct`}},
		{"other on direct", func(t *Topology, w, c *Component) {
			c.Inputs[0] = Input{Component: "word_spout", Stream: "aimed", Grouping: Grouping{Type: LocalOrShuffle}}
		}, []string{`bolt "count_bolt" has a local_or_shuffle grouping on stream "aimed" of "word_spout", which is direct: only a direct grouping can read it`}},
		{"direct on direct", func(t *Topology, w, c *Component) {
			c.Inputs[0] = Input{Component: "word_spout", Stream: "aimed", Grouping: Grouping{Type: Direct}}
		}, nil},
		{"custom grouping", func(t *Topology, w, c *Component) {
			c.Inputs[0].Grouping = Grouping{Type: Custom, Class: "com.acme.Group"}
		}, []string{`bolt "count_bolt" groups stream "default" of "word_spout" by the custom grouping com.acme.Group, which needs a JVM: submit it to a Storm cluster`}},
		{"no inputs", func(t *Topology, w, c *Component) { c.Inputs = nil },
			[]string{`bolt "count_bolt" has no inputs: it would never get a tuple`}},
		{"spout with inputs", func(t *Topology, w, c *Component) {
			w.Inputs = []Input{{Component: "count_bolt", Stream: "default"}}
		}, []string{`spout "word_spout" has inputs: a spout only emits; make it a bolt`}},
		{"no spout", func(t *Topology, w, c *Component) {
			t.Components = []*Component{bolt("a", "b"), bolt("b", "a")}
		}, []string{
			`topology "wordcount" has no spout: nothing would ever be emitted`,
			`bolt "a" cannot be reached from any spout: it gets tuples only from "b"`,
			`bolt "b" cannot be reached from any spout: it gets tuples only from "a"`,
		}},
		{"empty", func(t *Topology, w, c *Component) { t.Components = nil },
			[]string{`topology "wordcount" has no spout: nothing would ever be emitted`}},
		{"unfed cycle", func(t *Topology, w, c *Component) {
			t.Components = append(t.Components, bolt("a", "b"), bolt("b", "a"), bolt("tail", "b", "b2"), bolt("b2", "a"))
		}, []string{
			`bolt "a" cannot be reached from any spout: it gets tuples only from "b"`,
			`bolt "b" cannot be reached from any spout: it gets tuples only from "a"`,
			`bolt "tail" cannot be reached from any spout: it gets tuples only from "b", "b2"`,
			`bolt "b2" cannot be reached from any spout: it gets tuples only from "a"`,
		}},
		{"after an invalid bolt", func(t *Topology, w, c *Component) {
			t.Components = append(t.Components, bolt("a", "nobody"), bolt("b", "a"))
		}, []string{`bolt "a" subscribes to "nobody", but there is no such component`}},
		{"duplicate component", func(t *Topology, w, c *Component) { c.Name = "word_spout" },
			[]string{`bolt "word_spout" has the same name as another spout: component names must be unique`}},
		{"duplicate stream", func(t *Topology, w, c *Component) { w.Outputs[1].Name = "default" },
			[]string{`spout "word_spout" declares stream "default" twice`}},
		{"duplicate field", func(t *Topology, w, c *Component) { w.Outputs[0].Fields = []string{"word", "word"} },
			[]string{`spout "word_spout" declares field "word" of stream "default" twice`}},
		{"duplicate input", func(t *Topology, w, c *Component) { c.Inputs = append(c.Inputs, c.Inputs[0]) },
			[]string{`bolt "count_bolt" subscribes to stream "default" of "word_spout" twice`}},
		{"names", func(t *Topology, w, c *Component) {
			c.Name = "__count"
			w.Outputs[1].Name, w.Outputs[2].Name = "", "__x"
		}, []string{
			`bolt "__count" has a reserved name: names must not start with "__"`,
			`spout "word_spout" declares a stream without a name`,
			`spout "word_spout" declares stream "__x": names that start with "__" are reserved`,
		}},
		{"no name", func(t *Topology, w, c *Component) { c.Name = "" },
			[]string{`bolt "" has no name: give it one`}},
		{"numbers", func(t *Topology, w, c *Component) { c.Parallelism, c.Tasks = 0, -1 },
			[]string{
				`bolt "count_bolt" has a parallelism of 0: it must be at least 1`,
				`bolt "count_bolt" has topology.tasks -1: it must not be negative`,
			}},
		{"serializer", func(t *Topology, w, c *Component) { c.Serializer = "kryo" },
			[]string{`bolt "count_bolt" has unknown serializer "kryo" (want json or msgpack)`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			topology := wordcount()
			test.spoil(topology, topology.Components[0], topology.Components[1])
			err := topology.Validate()
			got := ""
			if err != nil {
				got = err.Error()
			}
			if want := strings.Join(test.want, "\n"); got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func TestProblemsNameTheirComponent(t *testing.T) {
	topology := wordcount()
	topology.Components[1].Parallelism = 0
	var problems Problems
	if !errors.As(topology.Validate(), &problems) || len(problems) != 1 || problems[0].Component != "count_bolt" {
		t.Errorf("got %#v, want one problem of count_bolt", problems)
	}
}

func TestJavaComponents(t *testing.T) {
	topology := wordcount()
	if java := topology.JavaComponents(); java != nil {
		t.Errorf("got %v, want none", java)
	}
	topology.Components[1].Java = "com.acme.Count"
	if java := topology.JavaComponents(); len(java) != 1 || java[0] != topology.Components[1] {
		t.Errorf("got %v, want count_bolt", java)
	}
}

func TestAssignTasks(t *testing.T) {
	spout := func(name string, parallelism, tasks int) *Component {
		return &Component{Name: name, Parallelism: parallelism, Tasks: tasks}
	}
	tests := []struct {
		name        string
		components  []*Component
		ackers, max int
		want        string // component names by task id
		capped      []string
	}{
		{name: "sorted, ackers first", components: []*Component{spout("b", 2, 0), spout("a", 1, 0)}, ackers: 1,
			want: "__acker a b b"},
		{name: "capitals before ackers", components: []*Component{spout("Words", 1, 0), spout("a", 1, 0), spout("9", 1, 0)}, ackers: 2,
			want: "9 Words __acker __acker a"},
		{name: "no ackers", components: []*Component{spout("a", 1, 0)}, want: "a"},
		{name: "tasks over parallelism", components: []*Component{spout("a", 1, 3)}, want: "a a a"},
		{name: "capped", components: []*Component{spout("a", 5, 0), spout("b", 2, 0), spout("c", 1, 4)}, ackers: 3, max: 2,
			want: "__acker __acker a a b b c c", capped: []string{"__acker", "a", "c"}},
		{name: "own cap", components: []*Component{
			{Name: "a", Parallelism: 5, Config: map[string]any{"topology.max.task.parallelism": int64(3)}},
			{Name: "b", Parallelism: 5},
		}, max: 1, want: "a a a b", capped: []string{"a", "b"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			topology := Topology{Components: test.components}
			tasks, capped := topology.AssignTasks(test.ackers, test.max)
			var names []string
			for i, task := range tasks {
				if task.ID != TaskID(i+1) {
					t.Errorf("task %d has id %d", i, task.ID)
				}
				names = append(names, task.Component)
			}
			if got := strings.Join(names, " "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if !reflect.DeepEqual(capped, test.capped) {
				t.Errorf("capped %q, want %q", capped, test.capped)
			}
		})
	}
}

func TestTasksOf(t *testing.T) {
	tasks, _ := wordcount().AssignTasks(1, 0)
	for component, want := range map[string][]TaskID{"__acker": {1}, "count_bolt": {2, 3}, "word_spout": {4}, "nobody": nil} {
		if got := tasks.Of(component); !reflect.DeepEqual(got, want) {
			t.Errorf("tasks of %s: got %v, want %v", component, got, want)
		}
	}
}

func TestDidYouMean(t *testing.T) {
	tests := []struct {
		word  string
		known []string
		want  string
	}{
		{"word_spuot", []string{"count_bolt", "word_spout"}, "word_spout"},
		{"Word-Spout", []string{"word_spout"}, "word_spout"},
		{"paralelism", []string{"parallelism", "tasks"}, "parallelism"},
		{"word", []string{"words", "wordy"}, "words"},
		{"count", []string{"word_spout", "count_bolt"}, "count_bolt"},
		{"co", []string{"count_bolt"}, ""},
		{"kafka", []string{"word_spout"}, ""},
		{"ab", []string{"cd"}, ""},
		{"", []string{"a"}, ""},
		{"x", nil, ""},
	}
	for _, test := range tests {
		want := ""
		if test.want != "" {
			want = fmt.Sprintf(": did you mean %q?", test.want)
		}
		if got := DidYouMean(test.word, test.known); got != want {
			t.Errorf("DidYouMean(%q, %q) = %q, want %q", test.word, test.known, got, want)
		}
	}
}
