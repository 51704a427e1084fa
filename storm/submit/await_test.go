package submit

import (
	"bytes"
	"testing"

	"gust/internal/terminal"
	"gust/storm"
	"gust/storm/generated"
	"gust/storm/stormtest"
)

// runningOn is a topology of one component whose executors run on these ports.
func runningOn(ports ...int32) *generated.TopologyInfo {
	info := &generated.TopologyInfo{ID: "w-1-1", Name: "w", Status: "ACTIVE", Errors: map[string][]*generated.ErrorInfo{}}
	for i, port := range ports {
		task := int32(i + 1)
		info.Executors = append(info.Executors, &generated.ExecutorSummary{
			ComponentID: "words", Host: "w1", Port: port, UptimeSecs: 1,
			ExecutorInfo: &generated.ExecutorInfo{TaskStart: task, TaskEnd: task},
			Stats: &generated.ExecutorStats{
				Emitted:     map[string]map[string]int64{":all-time": {"default": 1}},
				Transferred: map[string]map[string]int64{},
				Specific: &generated.ExecutorSpecificStats{Spout: &generated.SpoutStats{
					Acked: map[string]map[string]int64{}, Failed: map[string]map[string]int64{}, CompleteMsAvg: map[string]map[string]float64{},
				}},
			},
		})
	}
	return info
}

func TestWatchWarnsOfFewerWorkers(t *testing.T) {
	const running = " executors on 2 workers; "
	tests := []struct {
		name string
		conf string
		info *generated.TopologyInfo
		used int32 // of four slots
		want string
	}{
		{"no slot left", `{"topology.workers": 3}`, runningOn(6700, 6701, 6701), 4,
			"gust: warning: w asks for 3 workers, but Storm gave it 2: all 4 slots of the cluster are used\n    hint: `gust slot_usage` shows who uses them\n"},
		{"slots left", `{"topology.workers": 3}`, runningOn(6700, 6701, 6701), 2, "gust: warning: w asks for 3 workers, but Storm gave it 2\n"},
		{"as many as asked for", `{"topology.workers": 2}`, runningOn(6700, 6701, 6701), 4, ""},
		{"as many as executors", `{"topology.workers": 9}`, runningOn(6700, 6701), 2, ""},
		{"nothing asked for", `{"topology.workers": null}`, runningOn(6700, 6701), 2, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fake := stormtest.NewFake(t)
			fake.SetSupervisors(&generated.SupervisorSummary{Host: "w1", SupervisorID: "a", NumWorkers: 4, NumUsedWorkers: test.used})
			fake.SetTopologyInfo("w-1-1", test.info)
			var said bytes.Buffer
			s := &submission{Job: Job{Voice: terminal.NewVoice("gust", &said)}, client: dial(t, fake), name: "w"}
			if err := s.watch(t.Context(), "w-1-1", &storm.Submission{Conf: test.conf}); err != nil {
				t.Fatal(err)
			}
			_, warned, _ := bytes.Cut(said.Bytes(), []byte("emitted so far\n"))
			if !bytes.Contains(said.Bytes(), []byte(running)) || string(warned) != test.want {
				t.Errorf("said %q, want ...%q after what runs", said.String(), test.want)
			}
		})
	}
}
