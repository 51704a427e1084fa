package storm

import (
	"maps"
	"strings"
	"testing"
)

func TestParseDirectives(t *testing.T) {
	tests := []struct {
		text string
		want map[string]string
	}{
		{`realm="localhost",nonce="a,b=c",charset=utf-8,algorithm=md5-sess,qop="auth"`,
			map[string]string{"realm": "localhost", "nonce": "a,b=c", "charset": "utf-8", "algorithm": "md5-sess", "qop": "auth"}},
		{`Nonce = "x" , qop="auth,auth-int"`, map[string]string{"nonce": "x", "qop": "auth,auth-int"}},
		{`nonce="a\"b\\c"`, map[string]string{"nonce": `a"b\c`}},
		{`realm="one",realm="two"`, map[string]string{"realm": "one"}},
		{`nonce="not closed`, map[string]string{"nonce": "not closed"}},
		{`nothing`, map[string]string{}},
		{``, map[string]string{}},
	}
	for _, test := range tests {
		if got := parseDirectives([]byte(test.text)); !maps.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.text, got, test.want)
		}
	}
}

func TestInvalidChallenges(t *testing.T) {
	for want, challenge := range map[string]map[string]string{
		"no nonce":                        {"realm": "x"},
		"quality of protection auth-conf": {"nonce": "x", "qop": "auth-conf"},
	} {
		if _, err := newDigestAnswer(&Digest{}, challenge, "c"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want ...%s", err, want)
		}
	}
}
