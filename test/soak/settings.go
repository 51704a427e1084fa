package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"time"
)

// settings are the components' settings. They read them from settings.json in the run's
// folder.
type settings struct {
	// Seed is the seed of all random numbers.
	Seed uint64
	// Rate is how many new tuples a spout task emits in a second.
	Rate float64
	// FailOneIn and ForgetOneIn are how many tuples a bolt fails, or never answers, on
	// purpose: one in so many. 0 is none.
	FailOneIn, ForgetOneIn int
	// MessageTimeout is topology.message.timeout.secs.
	MessageTimeout time.Duration
	// HangTimeout is topology.subprocess.timeout.secs.
	HangTimeout time.Duration
	// Workers is how many processes of gust's the topology runs in.
	Workers int
	// Silence is gust.peer.silence.secs.
	Silence time.Duration
	// Drain is gust.drain.secs.
	Drain time.Duration
}

const settingsFile = "settings.json"

func (s settings) write(dir string) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, settingsFile), text, 0o644)
}

func readSettings(dir string) (s settings, err error) {
	text, err := os.ReadFile(filepath.Join(dir, settingsFile))
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(text, &s)
}
