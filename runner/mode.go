package runner

import "fmt"

// Mode is how to run a streamparse component.
type Mode string

// The modes, as the flag --runner and the key gust.runner spell them.
const (
	// Stock is pystorm as it is installed.
	Stock Mode = "stock"
	// Fast is the fast runner with any release of pystorm. pystorm still does what a
	// class has replaced, with a warning.
	Fast Mode = "fast"
	// Auto is Fast with the releases that it is tested with, and Stock with others. gust
	// logs the reason at debug.
	Auto Mode = "auto"
)

// ParseMode returns the mode of that name.
func ParseMode(name string) (Mode, error) {
	switch m := Mode(name); m {
	case Stock, Fast, Auto:
		return m, nil
	}
	return "", fmt.Errorf("want %s, %s or %s, not %q", Stock, Fast, Auto, name)
}
