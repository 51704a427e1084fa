package terminal

import (
	"slices"
	"testing"
)

// The tables are as sparse 5.0.1 draws the same values.
func TestBoxTable(t *testing.T) {
	tests := []struct {
		name  string
		table BoxTable
		width int
		want  string
	}{
		{"it fits", BoxTable{Head: []string{"stream", "emitted", "transferred"}, Right: []bool{false, true, true},
			Rows: [][]string{{"default", "2608371", "0"}}}, 115,
			`+---------+---------+-------------+
| stream  | emitted | transferred |
+=========+=========+=============+
| default | 2608371 |           0 |
+---------+---------+-------------+
`},
		{"no rows", BoxTable{Head: []string{"windowPretty", "emitted"}, Right: []bool{false, true}}, 115,
			`+--------------+---------+
| windowPretty | emitted |
+==============+=========+
+--------------+---------+
`},
		{"columns share what there is", BoxTable{
			Head:  []string{"id", "name", "num_tasks", "status"},
			Right: make([]bool, 4),
			Rows:  [][]string{{"wordcount-36-1795402567", "wordcount", "4", "ACTIVE"}}}, 33,
			`+-------+-------+-------+-------+
|  id   | name  | num_t | statu |
|       |       | asks  |   s   |
+=======+=======+=======+=======+
| wordc | wordc | 4     | ACTIV |
| ount- | ount  |       | E     |
| 36-   |       |       |       |
| 17954 |       |       |       |
| 02567 |       |       |       |
+-------+-------+-------+-------+
`},
		{"no room at all", BoxTable{Head: []string{"ab"}, Right: []bool{true}, Rows: [][]string{{"1"}}}, 3,
			`+---+
| a |
| b |
+===+
| 1 |
+---+
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.table.Draw(tt.width); got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
		})
	}
}

// The lines are as Python's textwrap breaks them.
func TestWrap(t *testing.T) {
	tests := []struct {
		text  string
		width int
		want  []string
	}{
		{"", 6, []string{""}},
		{"num_tasks", 6, []string{"num_ta", "sks"}},
		{"to be broken", 6, []string{"to be", "broken"}},
		{"org.apache.storm.NoOutput: Pipe to subprocess", 6,
			[]string{"org.ap", "ache.s", "torm.N", "oOutpu", "t:", "Pipe", "to sub", "proces", "s"}},
		{"left-hand side", 6, []string{"left-", "hand", "side"}},
		{"wordcount-36-1795402567", 10, []string{"wordcount-", "36-", "1795402567"}},
	}
	for _, tt := range tests {
		if got := wrap(tt.text, tt.width); !slices.Equal(got, tt.want) {
			t.Errorf("wrap(%q, %d) = %q, want %q", tt.text, tt.width, got, tt.want)
		}
	}
}
