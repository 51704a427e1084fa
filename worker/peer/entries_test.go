package peer

import "testing"

func TestEntries(t *testing.T) {
	var entries Entries[int]
	a, b := Entry{Incarnation: 1, Index: 5, Gen: 1}, Entry{Incarnation: 2, Index: 5, Gen: 1}
	entries.Forget(a, 1)
	if _, ok := entries.Find(a); ok {
		t.Error("an entry is mapped from the start")
	}
	entries.Map(a, 1)
	if r, ok := entries.Find(a); !ok || r != 1 {
		t.Error("an entry is not mapped")
	}
	if _, ok := entries.Find(b); ok {
		t.Error("an entry of another incarnation is mapped")
	}
	entries.Map(a, 2)
	entries.Forget(a, 1)
	if r, ok := entries.Find(a); !ok || r != 2 {
		t.Error("the end of an earlier proxy has unmapped the later one")
	}
	entries.Forget(a, 2)
	if entries.Len() != 0 {
		t.Error("an ended proxy is mapped")
	}
}
