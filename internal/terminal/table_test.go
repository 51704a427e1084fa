package terminal

import "testing"

func TestTableLeavesEmptyColumnsOut(t *testing.T) {
	table := Table{Head: []string{"name", "never", "n"}, Texts: 1}
	table.Add("a", "", "1")
	table.Add("lang", "", "1,000")
	table.Add("ü")
	want := "" +
		"name      n\n" +
		"a         1\n" +
		"lang  1,000\n" +
		"ü\n"
	if got := table.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
