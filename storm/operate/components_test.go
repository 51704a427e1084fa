package operate

import "testing"

func TestAmong(t *testing.T) {
	tests := []struct {
		name  string
		known []string
		want  string
	}{
		{"cuont", []string{"count", "words"}, `: did you mean "count"?`},
		{"other", []string{"count", "words"}, ": it has count and words"},
		{"count", nil, " yet: it has no workers"},
	}
	for _, test := range tests {
		if got := among(test.name, test.known); got != test.want {
			t.Errorf("%s among %q: got %q, want %q", test.name, test.known, got, test.want)
		}
	}
}
