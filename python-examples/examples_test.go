// Package examples_test runs the examples with gust as a user would, with real
// streamparse components, and compares the results.
package examples_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gust/internal/testenv"
	"gust/internal/testrun"
)

// gust is the path of the program that the tests run; TestMain builds it.
var gust string

func TestMain(m *testing.M) {
	os.Exit(testrun.Main(m, &gust))
}

// project copies an example into a new folder and sets its serializer.
func project(t *testing.T, name, serializer string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	if err := os.CopyFS(dir, os.DirFS(name)); err != nil {
		t.Fatal(err)
	}
	setSerializer(t, dir, serializer)
	return dir
}

func setSerializer(t *testing.T, dir, serializer string) {
	t.Helper()
	file := filepath.Join(dir, "config.json")
	config, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const written = `"serializer": "json"`
	if !strings.Contains(string(config), written) {
		t.Fatalf("%s does not say %s", file, written)
	}
	changed := strings.Replace(string(config), written, fmt.Sprintf(`"serializer": %q`, serializer), 1)
	if err := os.WriteFile(file, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
}

// eachSerializer runs a test of streamparse components once for each.
func eachSerializer(t *testing.T, test func(t *testing.T, serializer, python string)) {
	for _, serializer := range []string{"json", "msgpack"} {
		t.Run(serializer, func(t *testing.T) {
			t.Parallel()
			python := testenv.Python(t, "msgpack")
			test(t, serializer, python)
		})
	}
}
