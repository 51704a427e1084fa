package remote_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gust/storm/remote/remotetest"
)

// A sudo that reads a password if it may, unless it does not need one.
const fakeSudo = `#!/bin/sh
case $1 in
-n) shift ;;
-S) shift 3; [ -e "${0%/*}/known" ] || { IFS= read -r password; [ "$password" = secret ] || exit 1; } ;;
esac
[ "$1 $3" = "-u --" ] || exit 2
echo "as $2:"
shift 3
exec "$@"
`

func TestAs(t *testing.T) {
	s := remotetest.Start(t)
	if err := os.WriteFile(filepath.Join(s.Bin, "sudo"), []byte(fakeSudo), 0o755); err != nil {
		t.Fatal(err)
	}
	known := filepath.Join(s.Bin, "known")
	tests := []struct {
		name, user, password string
		known                bool
		want                 string
	}{
		{"the login user", "", "secret", false, "it's input"},
		{"without a password", "storm", "", false, "as storm:\nit's input"},
		{"sudo asks", "storm", "secret", false, "as storm:\nit's input"},
		{"sudo does not ask", "storm", "secret", true, "as storm:\nit's input"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := os.RemoveAll(known); err != nil {
				t.Fatal(err)
			}
			if tt.known {
				if err := os.WriteFile(known, nil, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			to := target(s)
			to.Password = tt.password
			m := dial(t, options(t, s), to)
			command, input := m.As(tt.user, "printf \"it's \"; cat")
			var out, problems bytes.Buffer
			if err := m.Run(t.Context(), command, strings.NewReader(input+"input"), &out, &problems); err != nil {
				t.Fatalf("%v: %s", err, problems.String())
			}
			if out.String() != tt.want {
				t.Errorf("printed %q, want %q", out.String(), tt.want)
			}
		})
	}
}
