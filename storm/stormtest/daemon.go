package stormtest

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
)

// underWatch runs a program until standard input ends, and then kills its whole process
// group: a JVM, and for a supervisor also the workers and their components. The tests
// have the other end, so that nothing outlives them, even if they are killed.
const underWatch = `exec 3<&0; (cat <&3 >/dev/null; kill -KILL 0) & exec "$@" </dev/null 3<&-`

// daemon is one of a cluster's JVMs.
type daemon struct {
	name string
	cmd  *exec.Cmd
	hold io.WriteCloser // the daemon lives as long as this is open
	done chan struct{}  // closed when the JVM has ended
}

// start starts a JVM with the daemon of a class.
func (c *Cluster) start(o Options, name, class string, args ...string) error {
	words := append([]string{"-c", underWatch, "sh", c.java}, c.jvmOptions()...)
	words = append(words,
		"-Djava.io.tmpdir="+c.home, // Nimbus puts a library of 15 MB there, which must be removed with the cluster
		"-Dstorm.home="+c.home, "-Dstorm.log.dir="+c.file("logs"), "-Dstorm.conf.file=", "-Dstorm.options=",
		"-Dlogfile.name="+name+".log", "-Dlog4j.configurationFile="+c.file("log4j2", "cluster.xml"),
		"-Djava.deserialization.disabled=true", "-cp", c.file("lib")+"/*:"+c.file("conf"))
	// ZooKeeper would take the file as a request for a section of its own.
	if o.SASL != nil && name != "zookeeper" {
		words = append(words, "-Djava.security.auth.login.config="+o.SASL.JAAS)
	}
	if o.TLS != nil {
		words = append(words, "-Djava.security.properties="+c.file("conf", "java.security"))
	}
	out, err := os.Create(c.file("logs", name+".out"))
	if err != nil {
		return err
	}
	defer out.Close()
	d := &daemon{name: name, cmd: exec.Command("/bin/sh", append(append(words, class), args...)...), done: make(chan struct{})}
	d.cmd.Dir, d.cmd.Env = c.home, o.Env
	d.cmd.Stdout, d.cmd.Stderr = out, out
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if d.hold, err = d.cmd.StdinPipe(); err != nil {
		return err
	}
	if err := d.cmd.Start(); err != nil {
		return fmt.Errorf("cannot start %s: %w", name, err)
	}
	c.daemons = append(c.daemons, d)
	go func() {
		_ = d.cmd.Wait() // it is killed, or its log says why it ended
		close(d.done)
	}()
	return nil
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
