package stormtest

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// layOut makes a storm.home: the files that a node of Storm needs beside its jars.
func (c *Cluster) layOut(o Options, jars string) error {
	for _, dir := range []string{"conf", "logs", "log4j2", "extlib-daemon"} {
		if err := os.Mkdir(c.file(dir), 0o755); err != nil {
			return err
		}
	}
	for _, lib := range []string{"lib", "lib-worker", "lib-command"} {
		if err := os.Symlink(filepath.Join(jars, lib), c.file(lib)); err != nil {
			return err
		}
	}
	names, err := hosts()
	if err != nil {
		return err
	}
	settings := c.settings()
	if o.SASL != nil {
		maps.Copy(settings, o.SASL.saslSettings())
	}
	if o.TLS != nil {
		maps.Copy(settings, o.TLS.tlsSettings(c.ports.secureNimbus))
	}
	maps.Copy(settings, o.Settings)
	maps.Copy(settings, c.supervisorSettings(0))
	second := maps.Clone(settings)
	maps.Copy(second, c.supervisorSettings(1))
	for name, text := range map[string]string{
		"conf/supervisor2.yaml": yaml(second),
		"conf/hosts":            names,
		"conf/java.security":    javaSecurity,
		"conf/storm.yaml":       yaml(settings),
		"conf/zoo.cfg":          c.zooCfg(),
		"log4j2/cluster.xml":    log4j("${sys:storm.log.dir}/${sys:logfile.name}"),
		"log4j2/worker.xml":     log4j("${sys:workers.artifacts}/${sys:storm.id}/${sys:worker.port}/${sys:logfile.name}"),
	} {
		if err := os.WriteFile(c.file(name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// hosts are names for JVMs: their own machine's, because the address for which it stands
// is the one at which Nimbus listens for TLS, and one with which ZooKeeper 3.4 runs on Java 14
// and later. Its client looks the server up by what Java prints for
// an unresolved address, which is more than the name today (ZOOKEEPER-3779).
func hosts() (string, error) {
	name, err := os.Hostname()
	return fmt.Sprintf("%s localhost %s %[1]s/<unresolved>\n", host, name), err
}

// jvmOptions make JVMs start quickly and use little memory.
func (c *Cluster) jvmOptions() []string {
	options := []string{"-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
		"-XX:+UnlockDiagnosticVMOptions", "-XX:-BytecodeVerificationRemote"} // a sixth of what a Nimbus takes to start
	if c.release.oldZooKeeper() || c.tls {
		options = append(options, "-Djdk.net.hosts.file="+c.file("conf", "hosts"))
	}
	if c.release.oldZooKeeper() {
		// It would manage a Log4j that Storm's jars do not have.
		options = append(options, "-Dzookeeper.jmx.log4j.disable=true")
	}
	if c.release.managed() {
		// Java 23 does not report its user unless one is allowed.
		options = append(options, "-Djava.security.manager=allow")
	}
	return options
}

// settings are the lines of storm.yaml. The intervals are short: a test should
// not have to wait for those of production.
func (c *Cluster) settings() map[string]string {
	return map[string]string{
		"storm.log.dir":                         quoted(c.file("logs")),
		"storm.workers.artifacts.dir":           quoted(c.file("logs", "workers")),
		"storm.local.hostname":                  quoted(host),
		"storm.zookeeper.servers":               fmt.Sprintf("[%q]", host),
		"storm.zookeeper.port":                  fmt.Sprint(c.ports.zookeeper),
		"storm.blobstore.replication.factor":    "1",
		"storm.daemon.metrics.reporter.plugins": "[]",
		"nimbus.seeds":                          fmt.Sprintf("[%q]", host),
		"nimbus.thrift.port":                    fmt.Sprint(c.ports.nimbus),
		"nimbus.thrift.threads":                 "8",
		"nimbus.monitor.freq.secs":              "1",
		"nimbus.task.launch.secs":               "45", // until a worker that did not start is restarted
		"ui.port":                               fmt.Sprint(c.ports.ui),
		"logviewer.port":                        fmt.Sprint(c.ports.logviewer),
		"supervisor.heartbeat.frequency.secs":   "1",
		"supervisor.monitor.frequency.secs":     "1",
		"supervisor.worker.shutdown.sleep.secs": "1",
		"executor.metrics.frequency.secs":       "1",
		"task.heartbeat.frequency.secs":         "1", // the same, in 1.x
		"worker.heap.memory.mb":                 "256",
		"worker.childopts":                      quoted(strings.Join(c.jvmOptions(), " ")),
		"topology.worker.logwriter.childopts":   quoted("-Xmx16m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"),
	}
}

// supervisorSettings are the lines of storm.yaml in which the supervisors differ. Nimbus and the
// rest read those of the first.
func (c *Cluster) supervisorSettings(i int) map[string]string {
	slots := make([]string, cmp.Or(c.options.Slots, len(c.ports.slots[i])))
	for j := range slots {
		slots[j] = fmt.Sprint(c.ports.slots[i][j])
	}
	return map[string]string{
		"storm.local.dir":        quoted(c.file([]string{"data", "data2"}[i])),
		"supervisor.thrift.port": fmt.Sprint(c.ports.supervisors[i]),
		"supervisor.slots.ports": "[" + strings.Join(slots, ", ") + "]",
	}
}

// confFile is the file of settings that a daemon reads; empty is storm.yaml.
func (c *Cluster) confFile(daemon string) string {
	if daemon == supervisorNames[1] {
		return "supervisor2.yaml"
	}
	return ""
}

// javaOf is the program of a daemon's JVM.
func (c *Cluster) javaOf(daemon string) string {
	if c.options.JavaHome != "" && slices.Contains(supervisorNames[:], daemon) {
		return c.file(c.options.JavaHome, "bin", "java")
	}
	return c.java
}

// yaml is a document of one key to a line.
func yaml(settings map[string]string) string {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		fmt.Fprintf(&b, "%s: %s\n", key, settings[key])
	}
	return b.String()
}

// quoted is a string in YAML.
func quoted(text string) string { return fmt.Sprintf("%q", text) }

func (c *Cluster) zooCfg() string {
	return fmt.Sprintf("tickTime=2000\ndataDir=%s\nclientPortAddress=%s\nclientPort=%d\nmaxClientCnxns=0\nadmin.enableServer=false\n",
		c.file("zk"), host, c.ports.zookeeper)
}

// log4j writes everything into one file. It is a rolling file: the logviewer of Storm 1.x
// does not find others.
func log4j(file string) string {
	return `<Configuration shutdownHook="disable"><Appenders>
<RollingFile name="A1" fileName="` + file + `" filePattern="` + file + `.%i">
<PatternLayout pattern="%d{HH:mm:ss.SSS} %c{1.} %t [%p] %msg%n"/><SizeBasedTriggeringPolicy size="1 GB"/>
</RollingFile></Appenders>
<Loggers><Root level="info"><AppenderRef ref="A1"/></Root></Loggers></Configuration>
`
}
