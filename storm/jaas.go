package storm

import (
	"fmt"
	"os"
	"regexp"
)

// jaasClient is the section of a JAAS file with the client's name and password:
// StormClient { SomeLoginModule required username="u" password="p"; };
var (
	jaasComment = regexp.MustCompile(`(?s:/\*.*?\*/)|(?m:^\s*//.*$)`)
	jaasClient  = regexp.MustCompile(`(?s)\bStormClient\s*\{(.*?)\}\s*;`)
	jaasOption  = regexp.MustCompile(`\b(username|password)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;]+)`)
	jaasEscape  = regexp.MustCompile(`\\(.)`)
)

// ReadJAAS reads the user and the password of a Storm client from the file that
// java.security.auth.login.config names, as DigestSaslTransportPlugin does.
func ReadJAAS(file string) (*Digest, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("cannot read the login configuration: %w", err)
	}
	section := jaasClient.FindSubmatch(jaasComment.ReplaceAll(text, nil))
	if section == nil {
		return nil, fmt.Errorf("%s has no section StormClient { ... };", file)
	}
	options := map[string]string{}
	for _, option := range jaasOption.FindAllSubmatch(section[1], -1) {
		value := string(option[2])
		if value[0] == '"' {
			value = jaasEscape.ReplaceAllString(value[1:len(value)-1], "$1")
		}
		options[string(option[1])] = value
	}
	if options["username"] == "" {
		return nil, fmt.Errorf("%s has no username in its section StormClient: gust logs in with a name and a password (DIGEST-MD5), not with Kerberos", file)
	}
	return &Digest{User: options["username"], Password: options["password"]}, nil
}
