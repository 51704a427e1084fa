package record

import "time"

// Extension ends the name of every recording's file.
const Extension = ".rec"

// magic is the first line of a recording.
const magic = "gust recording 1\n"

// Header identifies the process of a recording.
type Header struct {
	Component string `json:"component"`
	// Kind is "spout" or "bolt".
	Kind string `json:"kind"`
	Task int    `json:"task"`
	// PID is that of the process that was started.
	PID int `json:"pid"`
	// Serializer is "json" or "msgpack".
	Serializer string `json:"serializer"`
	// Command, Dir and Env are how the process was started. Env is the environment beyond
	// that of gust, which is not recorded: it may contain secrets.
	Command []string          `json:"command"`
	Dir     string            `json:"dir"`
	Env     map[string]string `json:"env,omitempty"`
	// Begun is when the process was started, by the clock.
	Begun time.Time `json:"begun"`
	// Life and Part are numbered from 1: the processes of one task in a run, and
	// the files of one life.
	Life int `json:"life"`
	Part int `json:"part"`
	// Midway is set if the part begins within a message.
	Midway bool `json:"midway,omitempty"`
}
