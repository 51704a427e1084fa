package submit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"gust/conf"
	"gust/topology"
)

const topologyTasks = conf.TopologyTasks

// confOf is the configuration to submit: the topology's own, over the environment's,
// under the command line's. As with sparse, the default numbers of workers and ackers are
// that of the cluster's supervisors.
//
// A value that Storm would not accept as a whole number is an error that names the key.
func confOf(t *topology.Topology, options conf.Conf, supervisors int) (conf.Conf, error) {
	c := conf.Merge(t.Config, options)
	for _, key := range []string{conf.TopologyWorkers, conf.TopologyAckerExecutors} {
		if c[key] == nil {
			c[key] = int64(max(1, supervisors))
		}
	}
	for _, key := range wholeNumbers {
		if c[key] == nil {
			continue
		}
		n, err := c.Int(key, 0)
		if err != nil {
			return nil, err
		}
		c[key] = int64(n)
	}
	return conf.ApplyDebug(c)
}

// wholeNumbers are keys at which Nimbus fails, without a reason, if the number has a
// fraction, even ".0".
var wholeNumbers = []string{
	conf.TopologyWorkers, conf.TopologyAckerExecutors, conf.TopologyTasks, conf.TopologyMaxTaskParallelism,
	conf.TopologyMaxSpoutPending, conf.TopologyMessageTimeout, conf.TopologySubprocessTimeout,
	"topology.eventlogger.executors", "topology.executor.receive.buffer.size", "topology.shellbolt.max.pending",
	conf.TopologyMaxErrorReport, conf.TopologyErrorThrottle,
}

// merged is a map merged with another one, which overrides it.
func merged(under, over map[string]any) map[string]any {
	m := maps.Clone(under)
	if m == nil {
		m = map[string]any{}
	}
	maps.Copy(m, over)
	return m
}

// marshal writes a configuration as JSON, its keys sorted. Unlike encoding/json it writes
// 1.0 as 1.0: to Python and to Storm that is another number than 1. It leaves out the
// offer of packs, which only gust may make: Storm would not understand a component that
// accepted it.
func marshal(config map[string]any) (string, error) {
	if _, offered := config[conf.GustPacks]; offered {
		config = maps.Clone(config)
		delete(config, conf.GustPacks)
	}
	var b bytes.Buffer
	if err := write(&b, config); err != nil {
		return "", err
	}
	return b.String(), nil
}

func write(b *bytes.Buffer, v any) error {
	switch v := v.(type) {
	case map[string]any:
		return writeObject(b, v)
	case conf.Conf:
		return writeObject(b, v)
	case []any:
		b.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := write(b, item); err != nil {
				return err
			}
		}
		b.WriteByte(']')
		return nil
	case float64:
		return writeFloat(b, v)
	}
	text, err := json.Marshal(v)
	b.Write(text)
	return err
}

func writeObject(b *bytes.Buffer, object map[string]any) error {
	b.WriteByte('{')
	for i, key := range slices.Sorted(maps.Keys(object)) {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(key)
		if err != nil {
			return err
		}
		b.Write(name)
		b.WriteByte(':')
		if err := write(b, object[key]); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	b.WriteByte('}')
	return nil
}

func writeFloat(b *bytes.Buffer, f float64) error {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return fmt.Errorf("JSON does not have the number %v", f)
	}
	text := strconv.FormatFloat(f, 'g', -1, 64)
	b.WriteString(text)
	if f == math.Trunc(f) && !bytes.ContainsAny([]byte(text), ".e") {
		b.WriteString(".0")
	}
	return nil
}
