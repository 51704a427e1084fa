package terminal

import "testing"

func TestPlainTable(t *testing.T) {
	table := PlainTable{
		Head:   []string{"bolt id", "complete ms", "executed", "empty", "last error"},
		Right:  []bool{false, true, true, false, false},
		Yields: make([]bool, 5),
		Rows: [][]string{
			{"count", "0.123", "1,234,567", "", ""},
			{"split_sentences", "20", "8", "", "ValueError: not a sentence, but something that is much longer than that"},
		},
	}
	for _, tt := range []struct {
		width int
		want  string
	}{
		{120, `                 complete
bolt id                ms   executed  last error
count               0.123  1,234,567
split_sentences        20          8  ValueError: not a sentence, but something that is much longer than that
`},
		{60, `                 complete
bolt id                ms   executed
count               0.123  1,234,567
split_sentences        20          8
    last error: ValueError: not a sentence, but something
      that is much longer than that
`},
		{26, `                 complete
bolt id                ms
count               0.123
    executed: 1,234,567
split_sentences        20
    executed: 8
    last error:
      ValueError: not a
      sentence, but
      something that is
      much longer than
      that
`},
	} {
		if got := table.Draw(tt.width); got != tt.want {
			t.Errorf("%d wide:\n%swant\n%s", tt.width, got, tt.want)
		}
	}
}
