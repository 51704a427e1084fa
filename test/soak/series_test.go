package main

import "testing"

func TestGrowth(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct {
		name  string
		at    func(i int) resources
		n     int
		grows bool
	}{
		{"level", func(int) resources { return resources{RSS: 20 * mib, Descriptors: 79} }, 100, false},
		{"up and down", func(i int) resources {
			return resources{RSS: int64(20+i%7) * mib, Descriptors: 79 - i%4}
		}, 100, false},
		{"a start that takes its time", func(i int) resources {
			return resources{RSS: int64(min(20, 10+i)) * mib, Descriptors: 79}
		}, 100, false},
		{"one descriptor with each death", func(i int) resources { return resources{RSS: 20 * mib, Descriptors: 79 + i/5} }, 100, true},
		{"a kilobyte for each of two hundred tuples a second", func(i int) resources {
			return resources{RSS: 20*mib + int64(i)*200<<10, Descriptors: 79}
		}, 120, true},
		{"too short to tell", func(i int) resources { return resources{RSS: int64(i) * 100 * mib} }, leastSamples - 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s series
			for i := range c.n {
				s.add(c.at(i))
			}
			found := &findings{}
			s.checkGrowth(found)
			if grows := len(found.Kinds) > 0; grows != c.grows {
				t.Errorf("grows: %v, want %v\n%s", grows, c.grows, found)
			}
		})
	}
}
