package guard

import (
	"fmt"
	"os"
)

// Own starts a guard whose process is this program, which calls [Main] then. All
// goes on without that process: it is there for the case that gust is killed.
// What goes wrong with it is a warning. closed ends the guard.
func Own(warn func(text string)) (g *Guard, closed func()) {
	executable, err := os.Executable()
	if err == nil {
		g, err = Start(executable)
	}
	if err != nil {
		warn(fmt.Sprintf("if gust is killed, its components may keep running: %v", err))
	}
	return g, func() {
		if err := g.Close(); err != nil {
			warn(err.Error())
		}
	}
}
