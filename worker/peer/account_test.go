package peer

import (
	"errors"
	"testing"
)

func TestWindow(t *testing.T) {
	for _, tt := range []struct {
		queue, senders int
		want           uint64
	}{
		{1 << 20, 1, 4 << 20}, {1 << 20, 4, 1 << 20}, {1 << 20, 1000, 64 << 10}, {1, 1, 64 << 10}, {1 << 20, 0, 4 << 20},
	} {
		if got := Window(tt.queue, tt.senders); got != tt.want {
			t.Errorf("queues of %d bytes, %d senders: %d, want %d", tt.queue, tt.senders, got, tt.want)
		}
	}
}

// A tuple of any size goes while there is credit, and none when it is overdrawn.
func TestAccountMayBeOverdrawn(t *testing.T) {
	a := NewAccount(100)
	a.Sent(99)
	if !a.MaySend() {
		t.Error("the last byte of the window cannot be used")
	}
	a.Sent(1 << 30)
	if a.MaySend() {
		t.Error("the account can be overdrawn twice")
	}
	if err := a.Returned(1 << 30); err != nil || !a.MaySend() {
		t.Error("what has returned cannot be used:", err)
	}
	if err := a.Returned(100); !errors.Is(err, ErrMalformed) || a.Spent() != 99 {
		t.Error("more has returned than was sent:", err)
	}
	a.Reset()
	if a.Spent() != 0 {
		t.Error("what a lost connection had is still spent")
	}
}

func TestDebtIsDue(t *testing.T) {
	const window, share = 100, 8
	for _, tt := range []struct {
		name         string
		bytes, taken uint64
		empty        bool
		want         bool
	}{
		{"nothing", 0, 0, true, false},
		{"few bytes", 24, 1, false, false},
		{"a quarter of the bytes", 25, 0, false, true},
		{"a quarter of the tuples", 1, 2, false, true},
		{"few bytes and an empty queue", 1, 0, true, true},
		{"a tuple without bytes and an empty queue", 0, 1, true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := Debt{told: share}
			d.Drained(tt.bytes)
			d.Took(tt.taken)
			if got := d.Due(window, share, tt.empty); got != tt.want {
				t.Errorf("due: %v, want %v", got, tt.want)
			}
		})
	}
	var d Debt
	if !d.Due(window, share, false) {
		t.Error("the first share is not due")
	}
	d.Append(nil, 1, share)
	if d.Due(window, share+share/8, false) || !d.Due(window, share+share/8+1, false) || !d.Due(window, share-share/8-1, false) {
		t.Error("a share is due if it has changed by more than an eighth, and only then")
	}
}

// The shares of all senders are no more than the window, or one tuple each.
func TestShare(t *testing.T) {
	for _, tt := range []struct {
		window  uint64
		senders int
		want    uint64
	}{
		{100, 1, 100}, {100, 8, 12}, {8, 8, 1}, {2, 8, 1}, {7, 2, 3}, {2, 0, 2},
	} {
		if got := Share(tt.window, tt.senders); got != tt.want {
			t.Errorf("a window of %d tuples, %d senders: %d, want %d", tt.window, tt.senders, got, tt.want)
		}
	}
}
