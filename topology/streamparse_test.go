package topology

import (
	"reflect"
	"strings"
	"testing"
)

func TestStreamparse(t *testing.T) {
	for command, want := range map[string][2]string{
		"/v/bin/streamparse_run|-s json a.B":    {"/v/bin/streamparse_run", "-s json a.B"},
		"streamparse_run|a.B|--serializer|json": {"streamparse_run", "a.B|--serializer|json"},
		"python3|-m|streamparse.run|a.B":        {"python3|-m|streamparse.run", "a.B"},
		"python3|-u|-m|streamparse.run|a.B":     {"python3|-u|-m|streamparse.run", "a.B"},
		"streamparse_run":                       {},
		"python3|-m|streamparse.run":            {},
		"python3|streamparse.run|a.B":           {},
		"-m|streamparse.run|a.B":                {},
		"node|x.js":                             {},
		"":                                      {},
	} {
		run, script, ok := Streamparse(strings.Split(command, "|"))
		got := [2]string{strings.Join(run, "|"), strings.Join(script, "|")}
		if !reflect.DeepEqual(got, want) || ok != (want[0] != "") {
			t.Errorf("%s: got %q, %v, want %q", command, got, ok, want)
		}
	}
}
