package slot

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"sync"

	"gust/storm/generated"
)

// CredentialsVariable names, in the environment of components, the file with the topology's
// credentials: a JSON object of what `storm upload-credentials` has been given, for the worker's
// user alone. There is no file while there are none. Java workers give credentials to components
// in Java only.
const CredentialsVariable = "STORM_CREDENTIALS_FILE"

// credentials is the path of that file.
func (l *Launch) credentials() string { return l.dir("credentials.json") }

// keepCredentials keeps the file of credentials as Nimbus has them, until ctx ends. It closes kept
// when it has the first ones.
func (s *session) keepCredentials(ctx context.Context, kept chan<- struct{}) {
	first := sync.OnceFunc(func() { close(kept) })
	changed := make(chan *generated.Credentials)
	go watchStruct(ctx, s.state, s.state.path("credentials", s.job.Topology), changed)
	for {
		select {
		case c := <-changed:
			if err := writeCredentials(s.job.credentials(), c); err != nil {
				s.log.Error().Msgf("cannot keep the topology's credentials: %v", err)
			}
			first()
		case <-ctx.Done():
			return
		}
	}
}

// writeCredentials replaces the file at once, so that nobody reads a part of it. There are no
// credentials if c is nil.
func writeCredentials(file string, c *generated.Credentials) error {
	if c == nil || len(c.Creds) == 0 {
		if err := os.Remove(file); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	text, err := json.Marshal(c.Creds)
	if err != nil {
		return err
	}
	next := file + ".new"
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) { // its mode may be another
		return err
	}
	if err := os.WriteFile(next, append(text, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(next, file)
}
