package operate

import (
	"testing"

	"gust/storm"
	"gust/storm/generated"
	"gust/storm/stormtest"
)

func TestKill(t *testing.T) {
	for _, deed := range []stormtest.Deed{stormtest.Answer, stormtest.DropAfter} {
		fake := stormtest.NewFake(t)
		fake.SetTopologies(&generated.TopologySummary{ID: "w-1-1", Name: "w", Status: "ACTIVE"})
		fake.Next("killTopologyWithOpts", deed)
		client, err := storm.Dial(t.Context(), storm.Options{Seeds: []string{fake.Address()}})
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		if err := Kill(t.Context(), client, "w", 0); err != nil {
			t.Errorf("got %v", err)
		}
		if left := fake.Topologies(); len(left) > 0 {
			t.Errorf("%q are left", left)
		}
	}
}
