package rest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gust/status"
	"gust/status/served"
	"gust/ui/rest"
)

// contract is the keys of an answer and the types of their values, of a file in
// testdata/answers. A line is a path, the types, and "2.8" or "gust" unless the key was
// recorded from Storm 1.2.4. In a path, [] is the elements of a list, and * any key.
// A key with the type "absent" may be missing.
type contract map[string][]string

func readContract(t *testing.T, name string) contract {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "answers", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	c := contract{}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] != "#" {
			c[fields[0]] = strings.Split(fields[1], "|")
		}
	}
	return c
}

// keys are those of the objects at a path.
func (c contract) keys(path string) []string {
	var keys []string
	for p := range c {
		p = strings.TrimSuffix(p, "[]")
		rest, within := p, path == ""
		if path != "" {
			rest, within = strings.CutPrefix(p, path+".")
		}
		if key, _, _ := strings.Cut(rest, "."); within {
			key, _, _ = strings.Cut(key, "[]")
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// check compares an answer with the contract, and notes which paths it has seen.
func (c contract) check(t *testing.T, path string, value any, seen map[string]bool) {
	t.Helper()
	is := func(kind string) {
		seen[path] = true
		if !slices.Contains(c[path], kind) {
			t.Errorf("%s is of type %s, want %s", path, kind, strings.Join(c[path], " or "))
		}
	}
	join := func(key string) string { return strings.TrimPrefix(path+"."+key, ".") }
	switch v := value.(type) {
	case map[string]any:
		keys := c.keys(path)
		switch {
		case path != "" && len(keys) == 0: // an object that may have any keys
			is("object")
		case slices.Equal(keys, []string{"*"}):
			for _, inner := range v {
				c.check(t, join("*"), inner, seen)
			}
		default:
			for key, inner := range v {
				if !slices.Contains(keys, key) {
					t.Errorf("unknown key %s", join(key))
					continue
				}
				c.check(t, join(key), inner, seen)
			}
			for _, key := range keys {
				if _, has := v[key]; !has && !slices.Contains(c[join(key)], "absent") {
					t.Errorf("no key %s", join(key))
				}
			}
		}
	case []any:
		if path != "" {
			is("list")
		}
		for _, inner := range v {
			c.check(t, path+"[]", inner, seen)
		}
	case json.Number:
		if strings.Contains(v.String(), ".") {
			is("double")
		} else {
			is("int")
		}
	case string:
		is("string")
	case bool:
		is("bool")
	case nil:
		is("null")
	default:
		panic(fmt.Sprintf("%T in JSON", value))
	}
}

// decodeExactly decodes JSON, and distinguishes whole numbers from others.
func (a answer) decodeExactly(t *testing.T) any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(a.body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil || a.code != 200 {
		t.Fatalf("HTTP status %d, %v: %s", a.code, err, a.body)
	}
	return value
}

// answers are the addresses of the contracts, for a topology.
func answers(id, owner string) map[string]string {
	one := "topology/" + id
	return map[string]string{
		"cluster-summary":    "cluster/summary",
		"nimbus-summary":     "nimbus/summary",
		"supervisor-summary": "supervisor/summary",
		"supervisor":         "supervisor",
		"owner-resources":    "owner-resources",
		"owner-resource":     "owner-resources/" + owner,
		"history":            "history/summary",
		"topology-summary":   "topology/summary",
		"topology-workers":   "topology-workers/" + id,
		"topology":           one,
		"metrics":            one + "/metrics",
		"component-spout":    one + "/component/words",
		"component-bolt":     one + "/component/count",
		"visualization":      one + "/visualization",
		"visualization-init": one + "/visualization-init",
		"search":             "search?search-string=died&num-matches=1&file=" + id + "/6700/worker.log",
		"deep-search":        "deepSearch/" + id + "?search-string=died",
	}
}

func TestKeysAndTypes(t *testing.T) {
	live := failing(t)
	s := serve(t, live.Served)
	files, err := os.ReadDir(filepath.Join("testdata", "answers"))
	if err != nil || len(files) != len(answers("", "")) {
		t.Fatalf("%d contracts for %d answers, %v", len(files), len(answers("", "")), err)
	}
	var owners rest.Owners
	s.get(t, "/api/v1/owner-resources", &owners)
	for name, path := range answers(live.ID(), owners.Owners[0].Owner) {
		t.Run(name, func(t *testing.T) {
			c := readContract(t, name)
			seen := map[string]bool{}
			for _, query := range []string{"", "sys=1", "window=600"} {
				value := s.do(t, "GET", "/api/v1/"+withQuery(path, query), "").decodeExactly(t)
				c.check(t, "", value, seen)
			}
			for _, path := range slices.Sorted(maps.Keys(c)) {
				if !seen[path] && !strings.HasSuffix(path, "[]") {
					t.Errorf("no answer has %s", path)
				}
			}
		})
	}
}

func withQuery(path, query string) string {
	if strings.Contains(path, "?") {
		return path + "&" + query
	}
	return path + "?" + query
}

func TestKeysAndTypesOfOtherStates(t *testing.T) {
	live := ended(t, "words")
	young := served.Served{Status: status.New(live.Topology(), live.Conf(), live.View(status.AllTime).Started)}
	for _, tt := range []struct {
		name       string
		topologies []served.Served
	}{{"no topology", nil}, {"before the first snapshot", []served.Served{young}}, {"after the end", []served.Served{live.Served}}} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, tt.topologies...)
			for name, path := range answers(live.ID(), "somebody") {
				if tt.topologies == nil && strings.Contains(path, live.ID()) && name != "deep-search" {
					s.do(t, "GET", "/api/v1/"+path, "").fails(t, 404, "")
					continue
				}
				readContract(t, name).check(t, "", s.do(t, "GET", "/api/v1/"+path, "").decodeExactly(t), map[string]bool{})
			}
		})
	}
}
