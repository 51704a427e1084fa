package stormtest

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// underWatch runs a program until standard input ends, and then kills its whole process
// group: a JVM, and for a supervisor also the workers and their components. The tests
// have the other end, so that nothing outlives them, even if they are killed.
const underWatch = `exec 3<&0; (cat <&3 >/dev/null; kill -KILL 0) & exec "$@" </dev/null 3<&-`

// daemon is one of a cluster's JVMs.
type daemon struct {
	name  string
	class string
	args  []string
	cmd   *exec.Cmd
	hold  *os.File      // what the daemon has started lives as long as this is open
	done  chan struct{} // closed when the JVM has ended
}

// start starts a JVM with the daemon of a class.
func (c *Cluster) start(o Options, name, class string, args ...string) error {
	words := append([]string{"-c", underWatch, "sh"}, c.jvm(name, "lib", "extlib-daemon")...)
	words = append(words, "-Djava.deserialization.disabled=true")
	// ZooKeeper would take the file as a request for a section of its own.
	if o.SASL != nil && name != "zookeeper" {
		words = append(words, "-Djava.security.auth.login.config="+o.SASL.JAAS)
	}
	if o.TLS != nil {
		words = append(words, "-Djava.security.properties="+c.file("conf", "java.security"))
	}
	out, err := os.OpenFile(c.file("logs", name+".out"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer out.Close()
	d := &daemon{name: name, cmd: exec.Command("/bin/sh", append(append(words, class), args...)...), done: make(chan struct{})}
	d.cmd.Dir, d.cmd.Env = c.home, o.Env
	if o.JavaHome != "" && slices.Contains(supervisorNames[:], name) {
		d.cmd.Env = append(d.cmd.Environ(), "JAVA_HOME="+c.file(o.JavaHome))
	}
	d.cmd.Stdout, d.cmd.Stderr = out, out
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, hold, err := os.Pipe()
	if err != nil {
		return err
	}
	defer stdin.Close()
	d.cmd.Stdin, d.hold = stdin, hold
	if err := d.cmd.Start(); err != nil {
		hold.Close()
		return fmt.Errorf("cannot start %s: %w", name, err)
	}
	d.class, d.args = class, args
	c.daemons = append(c.daemons, d)
	go func() {
		_ = d.cmd.Wait() // it is killed, or its log says why it ended
		close(d.done)
	}()
	return nil
}

// jvm is a JVM with the classes of libraries, up to the one to run. name is that of its log.
func (c *Cluster) jvm(name string, libs ...string) []string {
	var path strings.Builder
	for _, lib := range libs {
		path.WriteString(c.file(lib) + "/*:")
	}
	words := append([]string{c.javaOf(name)}, c.jvmOptions()...)
	return append(words,
		"-Djava.io.tmpdir="+c.home, // Nimbus puts a library of 15 MB there, which must be removed with the cluster
		"-Dstorm.home="+c.home, "-Dstorm.log.dir="+c.file("logs"), "-Dstorm.conf.file="+c.confFile(name), "-Dstorm.options=",
		"-Dlogfile.name="+name+".log", "-Dlog4j.configurationFile="+c.file("log4j2", "cluster.xml"),
		"-cp", path.String()+c.file("conf"))
}

// Command is one of Storm's own commands, as the program storm runs it: a class of Java, such as
// org.apache.storm.command.ListTopologies.
func (c *Cluster) Command(class string, args ...string) *exec.Cmd {
	lib := "lib-command"
	if c.release == Storm1 {
		lib = "lib"
	}
	words := append(append(c.jvm("command", lib, "extlib-daemon"), class), args...)
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Dir = c.home
	return cmd
}

// ended reports whether the JVM has ended.
func (d *daemon) ended() bool {
	select {
	case <-d.done:
		return true
	default:
		return false
	}
}

// stop kills the daemon with all that it has started.
func (d *daemon) stop() {
	_ = d.hold.Close()
	<-d.done
}

// kill kills the daemon alone: what it has started lives on.
func (d *daemon) kill() {
	_ = d.cmd.Process.Kill() // it may have ended
	<-d.done
}

// Kill kills a daemon with SIGKILL: "zookeeper", "nimbus", "supervisor" or "supervisor2".
// The workers of a supervisor live on.
func (c *Cluster) Kill(t testing.TB, name string) {
	t.Helper()
	c.running(t, name).kill()
}

// Restart starts a daemon again that was killed.
func (c *Cluster) Restart(t testing.TB, name string) {
	t.Helper()
	d := c.running(t, name)
	if err := c.start(c.options, d.name, d.class, d.args...); err != nil {
		t.Fatal(err)
	}
}

// running is the last daemon of that name.
func (c *Cluster) running(t testing.TB, name string) *daemon {
	t.Helper()
	for _, d := range slices.Backward(c.daemons) {
		if d.name == name {
			return d
		}
	}
	t.Fatalf("the cluster has no %s", name)
	return nil
}
