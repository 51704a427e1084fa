package submit

import (
	"os"
	"path/filepath"
	"testing"

	"gust/internal/testenv"
)

func TestForgetOld(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"w-1-1700000001", "w-2-1700000002", "w-10-1700000003", "w-4-1700000004", "w-5-1700000005", "w-6-1700000006", "w-x-1-1600000000"} {
		testenv.Write(t, dir, map[string]string{name + ".zip": ""})
	}
	forgetOld(dir, "w")
	left, err := filepath.Glob(filepath.Join(dir, "*.zip"))
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 6 || filepath.Base(left[len(left)-1]) != "w-x-1-1600000000.zip" {
		t.Errorf("%q are left", left)
	}
	if _, err := os.Stat(filepath.Join(dir, "w-1-1700000001.zip")); err == nil {
		t.Error("the oldest is still there")
	}
}
