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

// layOut makes a storm.home: what a node of Storm finds beside its jars.
func (c *Cluster) layOut(o Options) error {
	jars, err := filepath.Abs(o.Jars)
	if err != nil {
		return err
	}
	for _, dir := range []string{"conf", "logs", "log4j2"} {
		if err := os.Mkdir(c.file(dir), 0o755); err != nil {
			return err
		}
	}
	for _, lib := range []string{"lib", "lib-worker"} {
		if err := os.Symlink(filepath.Join(jars, lib), c.file(lib)); err != nil {
			return err
		}
	}
	settings := c.settings(o)
	if o.Secrets != nil {
		maps.Copy(settings, o.Secrets.settings())
	}
	maps.Copy(settings, o.Conf)
	for name, text := range map[string]string{
		"conf/storm.yaml":    yaml(settings),
		"conf/zoo.cfg":       c.zooCfg(),
		"log4j2/cluster.xml": log4j("${sys:storm.log.dir}/${sys:logfile.name}"),
		"log4j2/worker.xml":  log4j("${sys:workers.artifacts}/${sys:storm.id}/${sys:worker.port}/${sys:logfile.name}"),
	} {
		if err := os.WriteFile(c.file(name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// jvmOptions make for JVMs that start quickly and take little.
const jvmOptions = "-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"

// settings are the lines of storm.yaml. The intervals are short: a test should
// not have to wait for those of production.
func (c *Cluster) settings(o Options) map[string]string {
	slots := make([]string, cmp.Or(o.Slots, len(c.ports.slots)))
	for i := range slots {
		slots[i] = fmt.Sprint(c.ports.slots[i])
	}
	return map[string]string{
		"storm.local.dir":                       quoted(c.file("data")),
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
		"supervisor.thrift.port":                fmt.Sprint(c.ports.supervisor),
		"supervisor.slots.ports":                "[" + strings.Join(slots, ", ") + "]",
		"supervisor.heartbeat.frequency.secs":   "1",
		"supervisor.monitor.frequency.secs":     "1",
		"supervisor.worker.shutdown.sleep.secs": "1",
		"executor.metrics.frequency.secs":       "1",
		"worker.heap.memory.mb":                 "256",
		"worker.childopts":                      quoted(jvmOptions),
		"topology.worker.logwriter.childopts":   quoted("-Xmx16m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"),
	}
}

// yaml is a document of one key to a line.
func yaml(settings map[string]string) string {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		fmt.Fprintf(&b, "%s: %s\n", key, settings[key])
	}
	return b.String()
}

// quoted is a text in YAML.
func quoted(text string) string { return fmt.Sprintf("%q", text) }

func (c *Cluster) zooCfg() string {
	return fmt.Sprintf("tickTime=2000\ndataDir=%s\nclientPortAddress=%s\nclientPort=%d\nmaxClientCnxns=0\nadmin.enableServer=false\n",
		c.file("zk"), host, c.ports.zookeeper)
}

// log4j writes everything into one file.
func log4j(file string) string {
	return `<Configuration shutdownHook="disable"><Appenders><File name="A1" fileName="` + file + `" createOnDemand="true">
<PatternLayout pattern="%d{HH:mm:ss.SSS} %c{1.} %t [%p] %msg%n"/></File></Appenders>
<Loggers><Root level="info"><AppenderRef ref="A1"/></Root></Loggers></Configuration>
`
}
