package conf

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// project reads a config.json with that content.
func project(t *testing.T, text string) (*Project, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return ReadProject(file)
}

func TestReadProject(t *testing.T) {
	p, err := project(t, `{"serializer": "msgpack", "topology_specs": "specs/", "envs": {
		"prod": {"virtualenv_path": "/data/venvs", "virtualenv_name": "shared", "nimbus": "n1"},
		"beta": {"virtualenv_root": "/data/v", "serializer": "json"}}}`)
	if err != nil {
		t.Fatal(err)
	}
	if p.Serializer != "msgpack" || p.TopologySpecs != "specs/" || p.VirtualenvSpecs != "virtualenvs/" {
		t.Errorf("got %+v", p)
	}
	if got, want := p.EnvironmentNames(), []string{"beta", "prod"}; !reflect.DeepEqual(got, want) {
		t.Errorf("environments: got %q, want %q", got, want)
	}
	prod, err := p.Environment("prod")
	if err != nil {
		t.Fatal(err)
	}
	if prod.Serializer != "msgpack" || prod.Virtualenv("wordcount") != "/data/venvs/shared" || prod.Settings["nimbus"] != "n1" {
		t.Errorf("prod: got %+v", prod)
	}
	beta, err := p.Environment("beta")
	if err != nil {
		t.Fatal(err)
	}
	if beta.Serializer != "json" || beta.Virtualenv("wordcount") != "/data/v/wordcount" {
		t.Errorf("beta: got %+v", beta)
	}
}

func TestProjectErrors(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"syntax", "{\n\"a\": 1,\n\"größe\" 2}", "line 3, column 9: invalid character '2' after object key"},
		{"trailing comma", "{\n\"größe\": 1,  \n}", "line 2, column 11: a trailing comma: JSON has commas only between values"},
		{"trailing comma in a list", "{\"a\": [1,]}", "line 1, column 9: a trailing comma"},
		{"two commas", "{\"a\": 1,,\"b\": 2}", "line 1, column 8: a trailing comma"},
		{"only a comma", "{,}", "line 1, column 2: invalid character ','"},
		{"empty", "", "line 1: unexpected end of file"},
		{"cut", "{\n\"a\": [", "line 2: unexpected end of file"},
		{"more", "{}\n{}", "line 2: unexpected data after"},
		{"no object", "[]", "must be a JSON object"},
		{"serializer", `{"serializer": 1}`, "serializer must be a string, not 1"},
		{"envs", `{"envs": []}`, "envs must be an object"},
		{"env", `{"envs": {"prod": 1}}`, "envs.prod must be an object, not 1"},
		{"options", `{"envs": {"prod": {"options": "x"}}}`, `envs.prod.options must be an object, not "x"`},
		{"log", `{"envs": {"prod": {"log": {"path": 3}}}}`, "envs.prod.log.path must be a string, not 3"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := project(t, test.text)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "config.json: ") {
				t.Errorf("got %v, want config.json: ...%s", err, test.want)
			}
		})
	}
	if _, err := ReadProject(filepath.Join(t.TempDir(), "config.json")); !os.IsNotExist(unwrapAll(err)) {
		t.Errorf("no file: got %v", err)
	}
}

func unwrapAll(err error) error {
	for {
		u, ok := err.(interface{ Unwrap() error })
		if !ok {
			return err
		}
		err = u.Unwrap()
	}
}

func TestEnvironmentChoice(t *testing.T) {
	tests := []struct{ name, text, choose, want, err string }{
		{name: "the only one", text: `{"envs": {"prod": {}}}`, want: "prod"},
		{name: "by name", text: `{"envs": {"prod": {}, "beta": {}}}`, choose: "beta", want: "beta"},
		{name: "several", text: `{"envs": {"prod": {}, "beta": {}}}`, err: "has several environments (beta, prod): choose one with -e NAME"},
		{name: "unknown", text: `{"envs": {"prod": {}, "beta": {}}}`, choose: "prdo", err: `has no environment "prdo": it has beta, prod`},
		{name: "none declared", text: `{}`},
		{name: "empty envs", text: `{"envs": {}}`},
		{name: "null envs", text: `{"envs": null}`},
		{name: "none to choose", text: `{}`, choose: "prod", err: `has no environments: omit -e, or add "prod"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, err := project(t, test.text)
			if err != nil {
				t.Fatal(err)
			}
			e, err := p.Environment(test.choose)
			switch {
			case test.err != "":
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("got %v, want ...%s", err, test.err)
				}
			case err != nil:
				t.Error(err)
			case e.Name != test.want:
				t.Errorf("got %q, want %q", e.Name, test.want)
			}
		})
	}
}

func TestEnvironmentConf(t *testing.T) {
	tests := []struct {
		name, text string
		want       Conf
	}{
		{"nothing", `{}`, Conf{}},
		{"options", `{"options": {"topology.workers": 2, "x": 1.5}}`, Conf{"topology.workers": int64(2), "x": 1.5}},
		{"log", `{"log": {"path": "/var/log", "file": "a.log", "max_bytes": 10, "backup_count": 3, "level": "WARN"}}`, Conf{
			PystormLogPath: "/var/log", PystormLogFile: "a.log", PystormLogMaxBytes: int64(10),
			PystormLogBackupCount: int64(3), PystormLogLevel: "warn"}},
		{"old log", `{"log_path": "/old", "log_file": "old.log"}`, Conf{PystormLogPath: "/old", PystormLogFile: "old.log"}},
		{"new log before old", `{"log_path": "/old", "log": {"path": "/new"}}`, Conf{PystormLogPath: "/new"}},
		{"empty log path", `{"log": {"path": "", "level": 3, "max_bytes": "x"}}`, Conf{}},
		{"log over options", `{"options": {"pystorm.log.level": "info"}, "log": {"level": "debug"}}`, Conf{PystormLogLevel: "debug"}},
		{"virtualenv and user", `{"use_virtualenv": false, "virtualenv_root": "/v", "user": "storm", "nimbus": "n"}`,
			Conf{"use_virtualenv": false, "virtualenv_root": "/v", SudoUser: "storm"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, err := project(t, `{"envs": {"prod": `+test.text+`}}`)
			if err != nil {
				t.Fatal(err)
			}
			e, err := p.Environment("prod")
			if err != nil {
				t.Fatal(err)
			}
			if got := e.Conf(); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestApplyDebug(t *testing.T) {
	c := Conf{TopologyDebug: true, PystormLogLevel: "info"}
	debugged, err := ApplyDebug(c)
	if err != nil || debugged[PystormLogLevel] != "debug" {
		t.Errorf("got %v, %v", debugged, err)
	}
	if c[PystormLogLevel] != "info" {
		t.Error("the conf that was given has changed")
	}
	if quiet, err := ApplyDebug(Conf{PystormLogLevel: "info"}); err != nil || quiet[PystormLogLevel] != "info" {
		t.Errorf("without debug: got %v, %v", quiet, err)
	}
	if _, err := ApplyDebug(Conf{TopologyDebug: 3}); err == nil {
		t.Error("topology.debug 3: want an error")
	}
}

func TestParseJSON(t *testing.T) {
	tests := []struct {
		text string
		want any
	}{
		{`9223372036854775807`, int64(math.MaxInt64)},
		{`9223372036854775808`, float64(1 << 63)},
		{`1.0`, 1.0},
		{`1e3`, 1000.0},
		{`[1, {"a": [2, null, true, "x"]}]`, []any{int64(1), map[string]any{"a": []any{int64(2), nil, true, "x"}}}},
	}
	for _, test := range tests {
		if got, err := ParseJSON([]byte(test.text)); err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %#v, %v, want %#v", test.text, got, err, test.want)
		}
	}
}

func TestMerge(t *testing.T) {
	under, over := Conf{"a": 1, "b": 1}, Conf{"b": nil, "c": 2}
	if got, want := Merge(under, nil, over), (Conf{"a": 1, "b": nil, "c": 2}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if len(under) != 2 {
		t.Error("a layer has changed")
	}
}

func TestGetters(t *testing.T) {
	c := Conf{"text": "x", "yes": "True", "n": int64(3), "half": 0.5, "neg": -1, "nil": nil, "map": map[string]any{"A": int64(1)}, "huge": 1e300}
	check := func(name string, got any, err error, want any, wantErr string) {
		t.Helper()
		text := ""
		if err != nil {
			text = err.Error()
		}
		if !reflect.DeepEqual(got, want) || text != wantErr {
			t.Errorf("%s: got %v, %q, want %v, %q", name, got, text, want, wantErr)
		}
	}
	b, err := c.Bool("yes", false)
	check("Bool", b, err, true, "")
	b, err = c.Bool("text", true)
	check("Bool", b, err, true, `text must be true or false, not "x"`)
	n, err := c.Int("n", 7)
	check("Int", n, err, 3, "")
	n, err = c.Int("nil", 7)
	check("Int", n, err, 7, "")
	n, err = c.Int("half", 7)
	check("Int", n, err, 7, "half must be a whole number, not 0.5")
	d, err := c.Seconds("half", 0)
	check("Seconds", d.Milliseconds(), err, int64(500), "")
	_, err = c.Seconds("neg", 0)
	check("Seconds", nil, err, nil, "neg must be a number of seconds from 0 to 3153600000, not -1")
	_, err = c.Seconds("huge", 0)
	check("Seconds", nil, err, nil, "huge must be a number of seconds from 0 to 3153600000, not 1e+300")
	d, err = c.Millis("n", 0)
	check("Millis", d.Milliseconds(), err, int64(3), "")
	s, err := c.String("text", "")
	check("String", s, err, "x", "")
	s, err = c.String("n", "fallback")
	check("String", s, err, "fallback", "n must be a string, not 3")
	m, err := c.StringMap("map")
	check("StringMap", m, err, map[string]string{"A": "1"}, "")
}
