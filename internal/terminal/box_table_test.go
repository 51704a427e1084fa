package main

import (
	"slices"
	"testing"
)

// The tables are as sparse 5.0.1 draws the same values.
func TestBoxTable(t *testing.T) {
	tests := []struct {
		name  string
		table boxTable
		width int
		want  string
	}{
		{"it fits", boxTable{head: []string{"stream", "emitted", "transferred"}, right: []bool{false, true, true},
			rows: [][]string{{"default", "2608371", "0"}}}, 115,
			`+---------+---------+-------------+
| stream  | emitted | transferred |
+=========+=========+=============+
| default | 2608371 |           0 |
+---------+---------+-------------+
`},
		{"no rows", boxTable{head: []string{"windowPretty", "emitted"}, right: []bool{false, true}}, 115,
			`+--------------+---------+
| windowPretty | emitted |
+==============+=========+
+--------------+---------+
`},
		{"columns share what there is", boxTable{
			head:  []string{"id", "name", "num_tasks", "status"},
			right: make([]bool, 4),
			rows:  [][]string{{"wordcount-36-1795402567", "wordcount", "4", "ACTIVE"}}}, 33,
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
		{"no room at all", boxTable{head: []string{"ab"}, right: []bool{true}, rows: [][]string{{"1"}}}, 3,
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
			if got := tt.table.draw(tt.width); got != tt.want {
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

func TestUptime(t *testing.T) {
	for secs, want := range map[int]string{0: "0s", 59: "59s", 265: "4m 25s", 10800: "3h 0m 0s", 86400: "1d 0h 0m 0s", -3: "0s"} {
		if got := uptime(secs); got.text != want || got.value != max(secs, 0) {
			t.Errorf("uptime(%d) is %v, want %s", secs, got, want)
		}
	}
}

func TestCellText(t *testing.T) {
	for _, tt := range []struct {
		value any
		want  string
	}{
		{nil, "None"}, {int32(4), "4"}, {int64(2608371000), "2608371000"}, {0.0, "0"}, {7.8871, "7.887"}, {0.0001, "0"}, {512.0, "512"}, {"x", "x"},
	} {
		if got := cellText(tt.value); got != tt.want {
			t.Errorf("cellText(%v) = %q, want %q", tt.value, got, tt.want)
		}
	}
}
