package main

import (
	"reflect"
	"strings"
	"testing"

	"gust/conf"
)

// The values are those that streamparse gets from ruamel.yaml, except where
// the table says why not.
func TestOptionValues(t *testing.T) {
	tests := []struct {
		text string
		want any
	}{
		{"500", int64(500)},
		{"-5", int64(-5)},
		{"+1", int64(1)},
		{"010", int64(10)},
		{"1_000", int64(1000)},
		{"0x1f", int64(31)},
		{"0o17", int64(15)},
		{"9223372036854775808", 9223372036854775808.0}, // a Conf has no larger integers
		{"18446744073709551616", 18446744073709551616.0},
		{"1.0", 1.0},
		{"1.", 1.0},
		{".5", 0.5},
		{"1e3", 1000.0},
		{"0.1e-2", 0.001},
		{"true", true},
		{"False", false},
		{"yes", "yes"},
		{"on", "on"},
		{"", nil},
		{"~", nil},
		{"null", nil},
		{"word", "word"},
		{"two words", "two words"},
		{`'1'`, "1"},
		{`"x\ty"`, "x\ty"},
		{"!!str 1", "1"},
		{"1:30", "1:30"},
		{"100%", "100%"},
		{"http://host:80/", "http://host:80/"},
		{"a=b", "a=b"},
		{"a #comment", "a"},
		{"2001-01-01", "2001-01-01"}, // a date, for ruamel; no conf can hold one
		{"[1, two, 3.0]", []any{int64(1), "two", 3.0}},
		{"- x", []any{"x"}},
		{"{a: 1, b: {c: [true]}}", map[string]any{"a": int64(1), "b": map[string]any{"c": []any{true}}}},
		{"{2: b}", map[string]any{"2": "b"}}, // as JSON, in which it ends up, has no other keys
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			var l optionList
			if err := l.assign("some.key=" + tt.text); err != nil {
				t.Fatal(err)
			}
			if got := l.conf["some.key"]; !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %T %#v, want %T %#v", got, got, tt.want, tt.want)
			}
		})
	}
}

func TestWrongOptions(t *testing.T) {
	tests := []struct{ text, want string }{
		{"topology.debug", "want KEY=VALUE"},
		{"=5", "want KEY=VALUE"},
		{"k=[1", `k: "[1" is not a YAML value`},
		{"k=@host", `k: "@host" is not a YAML value`},
		{"k=.inf", "k: a component's conf cannot hold the number +Inf"},
		{"k=[.nan]", "k: a component's conf cannot hold the number NaN"},
		{"k=1e400", "k: the number 1e400 is too large"},
		{"gust.queue.bytes=-1", "gust.queue.bytes must be a whole number from 1 to 2147483647, not -1"},
		{"topology.message.timeout.secs=1e10", "topology.message.timeout.secs must be a number of seconds from 0 to"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			var l optionList
			err := l.assign(tt.text)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func FuzzOption(f *testing.F) {
	f.Add("k=[1, {a: b}]")
	f.Add("k=!!binary x")
	f.Add("k=&a [*a]")
	f.Fuzz(func(t *testing.T, text string) {
		var l optionList
		_ = l.assign(text) // may fail, must not panic
	})
}

// flagsOf parses a command line of `run`.
func flagsOf(t *testing.T, args ...string) (*runOptions, []string) {
	t.Helper()
	var o runOptions
	cmd := newRunCommand(newCLI("gust", nil, nil))
	cmd.ResetFlags()
	o.AddFlags(cmd.Flags())
	if err := cmd.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	return &o, takeDebugValue(cmd.Flags(), &o.options, cmd.Flags().Args())
}

func TestFlagsFillOneListInTheirOrder(t *testing.T) {
	tests := []struct {
		args  string
		want  conf.Conf
		words string
	}{
		{"-w 2 -o topology.workers=3", conf.Conf{conf.TopologyWorkers: int64(3)}, ""},
		{"-o topology.workers=3 -w 2", conf.Conf{conf.TopologyWorkers: int64(2)}, ""},
		{"--ackers 0 --workers=4", conf.Conf{conf.TopologyAckerExecutors: int64(0), conf.TopologyWorkers: int64(4)}, ""},
		{"-d", conf.Conf{conf.TopologyDebug: true}, ""},
		{"-d word.py", conf.Conf{conf.TopologyDebug: true}, "word.py"},
		{"-d false", conf.Conf{conf.TopologyDebug: false}, ""},
		{"--debug True word.py", conf.Conf{conf.TopologyDebug: true}, "word.py"},
		{"--debug=false", conf.Conf{conf.TopologyDebug: false}, ""},
		{"-d -o topology.debug=false", conf.Conf{conf.TopologyDebug: false}, ""},
		{"-n false", nil, ""},
		{"false", nil, "false"},
	}
	for _, tt := range tests {
		t.Run(tt.args, func(t *testing.T) {
			o, words := flagsOf(t, strings.Fields(tt.args)...)
			if !reflect.DeepEqual(o.options.conf, tt.want) {
				t.Errorf("got %v, want %v", o.options.conf, tt.want)
			}
			if got := strings.Join(words, " "); got != tt.words {
				t.Errorf("arguments %q, want %q", got, tt.words)
			}
		})
	}
}
