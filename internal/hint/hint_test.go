package hint

import (
	"errors"
	"testing"
)

func TestText(t *testing.T) {
	plain := errors.New("cannot read it")
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"one line", plain, "cannot read it"},
		{"a hint", With(plain, "write it"), "cannot read it\nhint: write it"},
		{"details", New("bolt died\nTraceback:\n\n  File \"x\"", "fix it"), "bolt died\n    Traceback:\n\n      File \"x\"\nhint: fix it"},
		{"details with a margin", errors.New("bolt died\n    Traceback:\n    hint: fix it"), "bolt died\n    Traceback:\nhint: fix it"},
	} {
		if got := Text(tt.err); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	if !errors.Is(With(plain, "write it"), plain) {
		t.Error("the error with a hint is not the error")
	}
	if got := Join("no remedy is known", ""); got != "no remedy is known" {
		t.Errorf("Join = %q", got)
	}
}
