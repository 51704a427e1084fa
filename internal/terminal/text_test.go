package terminal

import (
	"testing"
	"time"
)

func TestWords(t *testing.T) {
	for n, want := range map[int]string{
		0: "0", 7: "7", 999: "999", 1000: "1,000", 123456: "123,456", 1234567: "1,234,567", -1000: "-1,000", -100: "-100",
	} {
		if got := Thousands(n); got != want {
			t.Errorf("Thousands(%d) = %q, want %q", n, got, want)
		}
	}
	if got := Thousands(^uint64(0)); got != "18,446,744,073,709,551,615" {
		t.Errorf("Thousands of the largest number: %s", got)
	}
	for got, want := range map[string]string{
		Count(1, "process"): "1 process", Count(2, "process"): "2 processes",
		Count(0, "bolt"): "0 bolts", Count(uint64(1000), "line"): "1,000 lines",
		Shorten("abc", 3): "abc", Shorten("äbcd", 3): "äb…",
		Listed([]string{"a", "b", "c"}): "a, b and c", Listed([]string{"a"}): "a", Bytes(999): "999 B", Bytes(1500): "1.5 kB",
		Millis(1234.5): "1,234.500", Span(2 * time.Minute): "2m", Span(500 * time.Millisecond): "500ms", Span(time.Hour): "1h",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
