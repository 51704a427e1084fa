package load

import (
	"context"
	"reflect"
	"testing"

	"gust/internal/testenv"
	"gust/topology"
)

func TestJavaObjects(t *testing.T) {
	python := testenv.Python(t)
	dir := testenv.Files(t, map[string]string{
		"config.json": `{"envs": {"prod": {}}}`,
		"topologies/java.py": `
from streamparse import Grouping, JavaBolt, JavaSpout, Topology

class Java(Topology):
    words = JavaSpout.spec(full_class_name="com.acme.Words", args_list=[1, 1 << 40, "a", True, 1.5], outputs=["word"])
    count = JavaBolt.spec(serialized_java=b"\x00\xff", inputs={words: Grouping.custom_object("com.acme.Group", ["x"])})
`,
	})
	loaded, err := Load(context.Background(), Request{Dir: dir, Python: python})
	if err != nil {
		t.Fatal(err)
	}
	words, count := loaded.Topology.Component("words"), loaded.Topology.Component("count")
	if o := words.JavaObject; o == nil || o.Class != "com.acme.Words" || len(o.Args) != 5 {
		t.Fatalf("words is made of %+v", o)
	}
	if args := words.JavaObject.Args; args[2] != "a" || args[3] != true || args[4] != 1.5 || args[1] != int64(1<<40) {
		t.Errorf("the arguments are %#v", args)
	}
	if want := (&topology.JavaObject{Serialized: []byte{0, 255}}); !reflect.DeepEqual(count.JavaObject, want) {
		t.Errorf("count is made of %+v, want %+v", count.JavaObject, want)
	}
	want := &topology.JavaObject{Class: "com.acme.Group", Args: []any{"x"}}
	if got := count.Inputs[0].Grouping.Object; !reflect.DeepEqual(got, want) {
		t.Errorf("the grouping is made of %+v, want %+v", got, want)
	}
	if err := loaded.Topology.ValidateForStorm(); err != nil {
		t.Errorf("for Storm it is sound: %v", err)
	}
	if err := loaded.Topology.Validate(); err == nil {
		t.Error("a custom grouping cannot run without a JVM")
	}
}
