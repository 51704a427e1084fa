package hook

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"gust/conf"
	"gust/storm/slot"
)

// Finding is something that was checked.
type Finding struct {
	// What was checked, such as "plug-in".
	What string `json:"what"`
	// Text is what was found.
	Text string `json:"text"`
	// Remedy is what to do about it, empty if all is well.
	Remedy string `json:"remedy,omitempty"`
}

// Doctor checks whether the node's supervisor has gust's workers.
func (n *Node) Doctor() ([]Finding, error) {
	findings := []Finding{{What: "Storm", Text: fmt.Sprintf("%s in %s", n.Release, n.Dir)}}
	if n.Release.Plugin() {
		findings = append(findings, n.checkPlugin())
	} else {
		findings = append(findings, n.checkStandIn())
	}
	settings, err := n.Settings()
	if err != nil {
		return nil, err
	}
	for _, s := range settings {
		findings = append(findings, n.checkSetting(s))
	}
	cluster, err := n.checkCluster()
	if err != nil {
		return nil, err
	}
	return append(findings, cluster, n.checkSupervisor()), nil
}

const installIt = "run gust storm-workers install"

func (n *Node) checkPlugin() Finding {
	f := Finding{What: "plug-in", Text: n.plugin()}
	switch data, err := os.ReadFile(n.plugin()); {
	case err != nil:
		f.Text, f.Remedy = err.Error(), installIt
	case !bytes.Equal(data, plugin):
		f.Text, f.Remedy = n.plugin()+" is that of another release of gust", installIt
	}
	return f
}

func (n *Node) checkStandIn() Finding {
	java := filepath.Join(n.standIn(), "bin", "java")
	f := Finding{What: "stand-in for java", Text: java}
	target, err := os.Readlink(java)
	if err == nil {
		_, err = os.Stat(filepath.Join(n.standIn(), slot.RealJava, "bin", "java"))
	}
	switch {
	case err != nil:
		f.Text, f.Remedy = err.Error(), installIt
	case target != n.Gust:
		f.Text, f.Remedy = fmt.Sprintf("%s is %s, not %s", java, target, n.Gust), installIt
	}
	return f
}

func (n *Node) checkSetting(s Setting) Finding {
	f := Finding{What: filepath.Base(n.SettingsFile()), Text: s.Line}
	switch {
	case s.Found == "":
		f.Text = s.Key + " is not set"
	case s.Key == executableKey && !s.Done():
		if info, err := os.Stat(s.Found); err == nil && info.Mode()&0o111 != 0 {
			f.Text = s.Key + ": " + s.Found
			return f // another gust than this one
		}
		f.Text = fmt.Sprintf("%s is %s, which cannot be executed", s.Key, s.Found)
	case !s.Done():
		f.Text = fmt.Sprintf("%s is %s", s.Key, s.Found)
	default:
		return f
	}
	f.Remedy = fmt.Sprintf("write this line into %s: %s", n.SettingsFile(), s.Line)
	return f
}

// checkCluster looks for settings of the whole cluster with which gust's workers cannot run.
func (n *Node) checkCluster() (Finding, error) {
	f := Finding{What: "cluster", Text: "nothing in storm.yaml that gust's workers do not support"}
	settings, err := n.stormYAML()
	if err != nil {
		return f, err
	}
	if err := slot.Unsupported(conf.Merge(settings)); err != nil {
		f.Text, f.Remedy = err.Error(), "without a change there, Storm's own workers run all topologies"
	}
	return f, nil
}

// checkSupervisor finds out whether the supervisor has been restarted since.
func (n *Node) checkSupervisor() Finding {
	f := Finding{What: "supervisor"}
	pid, started := n.supervisor()
	if pid == 0 {
		f.Text, f.Remedy = "not running, as far as this user can see", "start the supervisor"
		return f
	}
	f.Text = fmt.Sprintf("running with pid %d since %s", pid, started.Format(time.DateTime))
	for _, file := range []string{n.plugin(), n.standIn(), n.SettingsFile()} {
		if info, err := os.Stat(file); err == nil && info.ModTime().After(started) {
			f.Text += ", which is before the last change of " + file
			f.Remedy = "restart the supervisor; its workers go on meanwhile"
			return f
		}
	}
	return f
}

// supervisor finds the process of the node's supervisor, on systems with /proc.
func (n *Node) supervisor() (pid int, started time.Time) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return 0, time.Time{}
	}
	for _, entry := range entries {
		id, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		line, err := os.ReadFile(filepath.Join("/proc", entry.Name(), "cmdline"))
		if err != nil {
			continue
		}
		words := strings.Split(string(line), "\x00")
		ours := false
		for _, word := range words {
			ours = ours || word == "-Dstorm.home="+n.Dir
		}
		if !ours || words[max(0, len(words)-2)] != supervisorClass { // after the last word is a zero byte, too
			continue
		}
		if info, err := os.Stat(filepath.Join("/proc", entry.Name())); err == nil {
			return id, info.ModTime()
		}
	}
	return 0, time.Time{}
}

const supervisorClass = "org.apache.storm.daemon.supervisor.Supervisor"
