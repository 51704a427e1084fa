package remote

import (
	"encoding/json"
	"time"

	"gust/worker"
)

// About says which worker it is.
type About struct {
	Topology    string    `json:"topology"`
	Worker      int       `json:"worker"`
	Incarnation uint64    `json:"incarnation"`
	Host        string    `json:"host"`
	PID         int       `json:"pid"`
	Started     time.Time `json:"started"`
}

// message is a line of the worker's. One of its parts is there.
type message struct {
	About    *About           `json:"about,omitempty"`
	Log      json.RawMessage  `json:"log,omitempty"`
	Ready    bool             `json:"ready,omitempty"`
	Ended    *ended           `json:"ended,omitempty"`
	Answer   uint64           `json:"answer,omitempty"` // the id of a request
	Snapshot *worker.Snapshot `json:"snapshot,omitempty"`
	Error    string           `json:"error,omitempty"` // of the answer
}

// ended is how a worker's run has ended.
type ended struct {
	Error    string           `json:"error,omitempty"` // with hints
	Snapshot *worker.Snapshot `json:"snapshot"`
}

// request is a line of the viewer's.
type request struct {
	ID        uint64            `json:"id,omitempty"` // 0 wants no answer
	Do        action            `json:"do"`
	Component string            `json:"component,omitempty"`
	Task      int               `json:"task,omitempty"`
	Worker    int               `json:"worker,omitempty"`
	On        bool              `json:"on,omitempty"`
	Percent   float64           `json:"percent,omitempty"`
	Level     string            `json:"level,omitempty"`
	Injection *worker.Injection `json:"injection,omitempty"`
}

// action is what a viewer requests.
type action string

const (
	doSnapshot    action = "snapshot"
	doLogs        action = "logs" // from now on
	doActivate    action = "activate"
	doDeactivate  action = "deactivate"
	doRestart     action = "restart"
	doRestartTask action = "restart task"
	doDebug       action = "debug"
	doSampling    action = "sampling"
	doInject      action = "inject"
	doLevel       action = "log level"
	doForsake     action = "forsake"
	doStop        action = "stop" // in order
	doEnd         action = "end"  // in order, without the tuples in flight
	doAbort       action = "abort"
)
