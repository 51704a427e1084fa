package worker

import (
	"testing"

	"gust/conf"
	"gust/topology"
)

func TestLocalConfLayers(t *testing.T) {
	tests := []struct {
		name     string
		topology conf.Conf
		options  conf.Conf
		key      string
		want     any
	}{
		{"a default", nil, nil, conf.TopologyMessageTimeout, int64(30)},
		{"the topology over a default", conf.Conf{conf.TopologyMessageTimeout: int64(5)}, nil, conf.TopologyMessageTimeout, int64(5)},
		{"the command line over both", conf.Conf{conf.TopologyMessageTimeout: int64(5)}, conf.Conf{conf.TopologyMessageTimeout: int64(7)},
			conf.TopologyMessageTimeout, int64(7)},
		{"null takes a default away", nil, conf.Conf{conf.TopologyMessageTimeout: nil}, conf.TopologyMessageTimeout, nil},
		{"a key of the user's own", conf.Conf{"words.path": "a"}, conf.Conf{"words.path": "b"}, "words.path", "b"},
		{"the name", conf.Conf{conf.TopologyName: "x"}, conf.Conf{conf.TopologyName: "y"}, conf.TopologyName, "wordcount"},
		{"no log files", conf.Conf{conf.PystormLogPath: "/var/log/storm"}, nil, conf.PystormLogPath, nil},
		{"log files after all", conf.Conf{conf.PystormLogPath: "/var/log/storm"}, conf.Conf{conf.PystormLogPath: "/tmp"}, conf.PystormLogPath, "/tmp"},
		{"one worker", nil, nil, conf.TopologyWorkers, int64(1)},
		{"the topology's workers", conf.Conf{conf.TopologyWorkers: int64(8)}, nil, conf.TopologyWorkers, int64(8)},
		{"the command line's workers", conf.Conf{conf.TopologyWorkers: int64(8)}, conf.Conf{conf.TopologyWorkers: int64(1)}, conf.TopologyWorkers, int64(1)},
		{"an acker for each worker", conf.Conf{conf.TopologyWorkers: int64(8)}, nil, conf.TopologyAckerExecutors, int64(8)},
		{"one acker", nil, nil, conf.TopologyAckerExecutors, int64(1)},
		{"one acker for many", conf.Conf{conf.TopologyAckerExecutors: int64(4)}, nil, conf.TopologyAckerExecutors, int64(1)},
		{"no acker", conf.Conf{conf.TopologyAckerExecutors: int64(0)}, nil, conf.TopologyAckerExecutors, int64(0)},
		{"no acker after all", conf.Conf{conf.TopologyAckerExecutors: int64(0)}, conf.Conf{conf.TopologyAckerExecutors: int64(2)},
			conf.TopologyAckerExecutors, int64(1)},
		{"no debugging", nil, nil, conf.PystormLogLevel, nil},
		{"debugging lowers the library's log level", conf.Conf{conf.PystormLogLevel: "error"}, conf.Conf{conf.TopologyDebug: true}, conf.PystormLogLevel, "debug"},
		{"no debugging after all", conf.Conf{conf.TopologyDebug: true, conf.PystormLogLevel: "error"}, conf.Conf{conf.TopologyDebug: false},
			conf.PystormLogLevel, "error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			loaded := &topology.Topology{Name: "wordcount", Config: tt.topology}
			before := len(tt.topology)
			got, err := LocalConf(loaded, tt.options)
			if err != nil {
				t.Fatal(err)
			}
			if got[tt.key] != tt.want {
				t.Errorf("%s = %#v, want %#v", tt.key, got[tt.key], tt.want)
			}
			if len(loaded.Config) != before {
				t.Error("the topology was changed")
			}
		})
	}
}

func TestLocalConfNamesTheWrongKey(t *testing.T) {
	for key, value := range (conf.Conf{conf.TopologyAckerExecutors: "many", conf.TopologyDebug: "maybe"}) {
		_, err := LocalConf(&topology.Topology{}, conf.Conf{key: value})
		if wrong, ok := err.(*conf.KeyError); !ok || wrong.Key != key {
			t.Errorf("%s = %v: got %v, want an error of that key", key, value, err)
		}
	}
}
