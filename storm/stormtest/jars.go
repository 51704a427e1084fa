package stormtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// version is the Storm of pom.xml.
const version = "2.8.3"

// Jars is the folder below the top of the repository that `make storm` fills. It
// is an error where that has not been done, or where there is no Java.
func Jars(top string) (string, error) {
	if _, err := exec.LookPath(java()); err != nil {
		return "", fmt.Errorf("%w: install Java 17 or later to run the tests with a real Storm cluster", err)
	}
	dir := filepath.Join(top, ".deps", "storm")
	if _, err := os.Stat(filepath.Join(dir, version)); err != nil {
		return "", fmt.Errorf("%w: `make storm` fetches Storm for the tests", err)
	}
	return dir, nil
}
