package remotetest

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// hostVariable makes this test binary start a server, print its address, and run until it
// is killed.
const hostVariable = "GUST_TEST_SSHD_HOST"

// host is the other process.
func host(t *testing.T) {
	s := Start(t)
	conn, err := net.Dial("tcp", s.Address()) // a session that is open at the end
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Println("listens at " + s.Address())
	select {}
}

// Nothing listens any more when a test process has been killed, which runs no cleanup.
func TestServerEndsWithAKilledTest(t *testing.T) {
	if os.Getenv(hostVariable) != "" {
		host(t)
	}
	findSSHD(t)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	host := exec.Command(program, "-test.run=^"+t.Name()+"$", "-test.v")
	host.Env = append(os.Environ(), hostVariable+"=yes", "TMPDIR="+t.TempDir())
	out, err := host.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := host.Start(); err != nil {
		t.Fatal(err)
	}
	defer host.Wait()
	defer host.Process.Kill()
	address := ""
	for lines := bufio.NewScanner(out); address == "" && lines.Scan(); {
		_, address, _ = strings.Cut(lines.Text(), "listens at ")
	}
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatalf("the server at %q: %v", address, err)
	}
	defer conn.Close()
	if greeting, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.HasPrefix(greeting, "SSH-2.0-") {
		t.Fatalf("the server says %q, %v", greeting, err)
	}
	if err := host.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		c, err := net.Dial("tcp", address)
		if err != nil {
			return
		}
		c.Close()
		if time.Now().After(deadline) {
			t.Fatal("it listens, 30 s after its test was killed")
		}
	}
}
