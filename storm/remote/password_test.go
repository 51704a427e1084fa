package remote_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"

	"gust/storm/remote"
)

// passwordServer accepts users with the password, and records what it gets.
type passwordServer struct {
	target remote.Target

	mu   sync.Mutex
	told []string
}

func newPasswordServer(t *testing.T, host, password string) *passwordServer {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		t.Fatal(err)
	}
	s := &passwordServer{target: remote.Target{Host: host, Port: l.Addr().(*net.TCPAddr).Port, User: "ann"}}
	config := &ssh.ServerConfig{PasswordCallback: func(_ ssh.ConnMetadata, told []byte) (*ssh.Permissions, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.told = append(s.told, string(told))
		if string(told) != password {
			return nil, errors.New("wrong")
		}
		return nil, nil
	}}
	config.AddHostKey(authority(t))
	var serving sync.WaitGroup
	t.Cleanup(func() {
		l.Close()
		serving.Wait()
	})
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer c.Close()
				conn, channels, requests, err := ssh.NewServerConn(c, config)
				if err != nil {
					return
				}
				go ssh.DiscardRequests(requests)
				go func() {
					for channel := range channels {
						_ = channel.Reject(ssh.Prohibited, "a test")
					}
				}()
				_ = conn.Wait()
			})
		}
	})
	return s
}

// was is what the server got since the last call.
func (s *passwordServer) was() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { s.told = nil }()
	return s.told
}

// user answers questions, each machine's in their order.
type user struct {
	answers map[string][]string // by the host
	asked   []string
}

func (u *user) ask(_ context.Context, question string, hidden bool) (string, error) {
	u.asked = append(u.asked, question)
	for host, answers := range u.answers {
		if strings.HasPrefix(question, "Password of ann at "+host) && len(answers) > 0 {
			u.answers[host] = answers[1:]
			return answers[0], nil
		}
	}
	return "", fmt.Errorf("unexpected question %q, hidden %v", question, hidden)
}

func (u *user) dialer(t *testing.T) *remote.Dialer {
	t.Setenv("SSH_AUTH_SOCK", "")
	return remote.New(remote.Options{ConfigFiles: []string{acceptNew(t)}, Ask: u.ask})
}

// acceptNew is an ssh_config in which new machines are let in, and not remembered.
func acceptNew(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(file, []byte("StrictHostKeyChecking accept-new\nUserKnownHostsFile none\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// A password is used for the machine that it was typed for, and for another one if the
// user agrees.
func TestPasswords(t *testing.T) {
	one, two, three := newPasswordServer(t, "127.0.0.1", "secret"), newPasswordServer(t, "127.0.0.2", "secret"), newPasswordServer(t, "127.0.0.3", "other")
	u := &user{answers: map[string][]string{
		"127.0.0.1": {"secrt", "secret"}, // mistyped at first
		"127.0.0.2": {""},                // the user agrees
		"127.0.0.3": {"", "other"},       // and it does not help
	}}
	d := u.dialer(t)
	for range 2 {
		err := d.Each(t.Context(), []remote.Target{one.target}, 1, func(context.Context, *remote.Machine) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"secrt", "secret", "secret"}; !reflect.DeepEqual(one.was(), want) {
		t.Errorf("the first machine was not told %q", want)
	}
	for _, s := range []*passwordServer{two, three} {
		m, err := d.Dial(t.Context(), s.target)
		if err != nil {
			t.Fatal(err)
		}
		m.Close()
	}
	if told := two.was(); !reflect.DeepEqual(told, []string{"secret"}) {
		t.Errorf("the second machine was told %q", told)
	}
	if told := three.was(); !reflect.DeepEqual(told, []string{"secret", "other"}) {
		t.Errorf("the third machine was told %q", told)
	}
	want := []string{
		"Password of ann at 127.0.0.1: ", "Password of ann at 127.0.0.1: ",
		"Password of ann at 127.0.0.2 (Enter tries the one that 127.0.0.1 accepted): ",
		"Password of ann at 127.0.0.3 (Enter tries the one that 127.0.0.2 accepted): ", "Password of ann at 127.0.0.3: ",
	}
	if !reflect.DeepEqual(u.asked, want) {
		t.Errorf("asked %q", u.asked)
	}
}

// A configured password is tried once for each method.
func TestWrittenPassword(t *testing.T) {
	s := newPasswordServer(t, "127.0.0.1", "secret")
	s.target.Password = "wrong"
	if _, err := (&user{}).dialer(t).Dial(t.Context(), s.target); err == nil {
		t.Error("it was let in")
	}
	if told := s.was(); !reflect.DeepEqual(told, []string{"wrong"}) {
		t.Errorf("the machine was told %q", told)
	}
}

// Machines that are dialled at once ask one after another: the second login knows what
// the first machine has accepted.
func TestPasswordsOfSeveral(t *testing.T) {
	one, two := newPasswordServer(t, "127.0.0.1", "secret"), newPasswordServer(t, "127.0.0.2", "secret")
	u := &user{answers: map[string][]string{"127.0.0.1": {"secret"}, "127.0.0.2": {"secret"}}}
	err := u.dialer(t).Each(t.Context(), []remote.Target{one.target, two.target}, 2, func(context.Context, *remote.Machine) error { return nil })
	if err != nil || len(u.asked) != 2 || strings.Contains(u.asked[0], "Enter tries") || !strings.Contains(u.asked[1], "Enter tries") {
		t.Errorf("asked %q, %v", u.asked, err)
	}
}

// If the user goes away, the next machine's password is not asked for.
func TestQuestionsEnd(t *testing.T) {
	one, two := newPasswordServer(t, "127.0.0.1", "secret"), newPasswordServer(t, "127.0.0.2", "secret")
	u := &user{}
	err := u.dialer(t).Each(t.Context(), []remote.Target{one.target, two.target}, 2, func(context.Context, *remote.Machine) error { return nil })
	if err == nil || len(u.asked) != 1 || strings.Count(err.Error(), "unexpected question") != 2 {
		t.Errorf("asked %q, %v", u.asked, err)
	}
}
