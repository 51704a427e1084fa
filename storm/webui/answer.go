package webui

import (
	"encoding/json"
	"fmt"
	"strconv"

	"gust/storm/generated"
)

// The types below are the parts of the answers that the client reads. Some releases of Storm
// write numbers as strings, and unknown ones as null, "" or "N/A".

// number is such a number.
type number float64

// UnmarshalJSON reads it.
func (n *number) UnmarshalJSON(data []byte) error {
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		return err
	}
	switch v := value.(type) {
	case nil:
	case float64:
		*n = number(v)
	case string:
		if v == "" || v == "N/A" {
			break
		}
		f, err := strconv.ParseFloat(v, 64)
		if err != nil {
			return fmt.Errorf("%q is not a number", v)
		}
		*n = number(f)
	default:
		return fmt.Errorf("%s is not a number", data)
	}
	return nil
}

type nimbus struct {
	Host, Status, Version     string
	Port, NimbusUpTimeSeconds number
}

type supervisor struct {
	ID, Host, Version                    string
	UptimeSeconds, SlotsTotal, SlotsUsed number
}

type topology struct {
	ID, Name, Status, Owner                                 string
	UptimeSeconds, TasksTotal, ExecutorsTotal, WorkersTotal number
	ReplicationCount                                        number
	RequestedMemOnHeap, RequestedMemOffHeap, RequestedCPU   number
	AssignedMemOnHeap, AssignedMemOffHeap, AssignedCPU      number
}

type topologyPage struct {
	topology
	TopologyStats []windowRow
	Spouts        []spout
	Bolts         []bolt
}

type componentPage struct {
	ID, Name, ComponentType string
	Executors, Tasks        number
	SpoutSummary, BoltStats []windowRow
	InputStats              []inputRow
	OutputStats             []outputRow
	ExecutorStats           []executorRow
	ComponentErrors         []componentError
}

// figures are the numbers of all kinds of rows; each row has those that apply to it.
type figures struct {
	Executors, Tasks, Emitted, Transferred, Acked, Failed, Executed number
	CompleteLatency, ExecuteLatency, ProcessLatency, Capacity       number
}

type windowRow struct {
	Window string
	figures
}

type inputRow struct {
	Component, Stream string
	figures
}

type outputRow struct {
	Stream string
	figures
}

type executorRow struct {
	ID, Host            string
	Port, UptimeSeconds number
	WorkerLogLink       string
	figures
}

type spout struct {
	SpoutID string
	figures
	lastError
}

type bolt struct {
	BoltID string
	figures
	lastError
}

// lastError is the last error of a component on its topology's page.
type lastError struct {
	LastError, ErrorHost string
	ErrorPort, ErrorTime number
}

// info is the error, or nil.
func (e lastError) info() *generated.ErrorInfo {
	if e.LastError == "" {
		return nil
	}
	return &generated.ErrorInfo{Error: e.LastError, ErrorTimeSecs: int32(e.ErrorTime), Host: &e.ErrorHost, Port: new(int32(e.ErrorPort))}
}

type componentError struct {
	Error, ErrorHost     string
	ErrorPort, ErrorTime number
}

// stats are the figures in Thrift's form.
func (f figures) stats(spout bool) *generated.ComponentAggregateStats {
	stats := &generated.ComponentAggregateStats{
		CommonStats: &generated.CommonAggregateStats{
			NumExecutors: new(int32(f.Executors)), NumTasks: new(int32(f.Tasks)), Emitted: new(int64(f.Emitted)),
			Transferred: new(int64(f.Transferred)), Acked: new(int64(f.Acked)), Failed: new(int64(f.Failed)),
		},
		SpecificStats: &generated.SpecificAggregateStats{},
	}
	if spout {
		stats.SpecificStats.Spout = &generated.SpoutAggregateStats{CompleteLatencyMs: new(float64(f.CompleteLatency))}
	} else {
		stats.SpecificStats.Bolt = &generated.BoltAggregateStats{
			ExecuteLatencyMs: new(float64(f.ExecuteLatency)), ProcessLatencyMs: new(float64(f.ProcessLatency)),
			Executed: new(int64(f.Executed)), Capacity: new(float64(f.Capacity)),
		}
	}
	return stats
}
