package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The topology. Every grouping is there, a chain, a fan-out, two joins and a
// cycle:
//
//	                   shuffle      local_or_shuffle      fields(key)
//	orders ×2 ─┬──────────────▶ parse ×2 ──┬──▶ enrich ×2 ──┬──▶ COUNT ×3
//	clicks ×1 ─┤             (two parts    │ all            └──▶ join ×2 ──▶ PAIRS
//	           │              of each)     └──▶ AUDIT ×2       fields(id)
//	           │ shuffle
//	           ├──────────────▶ batch ──▶ ARCHIVE (global)
//	           │ fields(key)          shuffle
//	           └──────────────▶ lap ×2 ──────▶ turn     three times round, then
//	                             ▲  └──────────┼──▶ FINISH (none)
//	                             └── direct ───┘
//
// The sinks, in capitals, record what they get. join anchors a tuple to the two parts of
// one tree, batch to tuples of many trees.
const topologyText = `name = "soak"

[config]
topology.message.timeout.secs = @TIMEOUT@
topology.subprocess.timeout.secs = @HANG@
topology.max.spout.pending = @PENDING@
# The spouts are limited by their rate: asking an idle one a thousand times a
# second would measure nothing but that.
topology.spout.wait.progressive.level3.sleep.millis = 10
supervisor.worker.start.timeout.secs = @START@
gust.crash.loop.count = 0
gust.drain.secs = @DRAIN@
gust.peer.silence.secs = @SILENCE@

[spouts.orders]
command = @COMMAND@
parallelism = 2
outputs = ["id", "key", "attempt"]

[spouts.clicks]
command = @COMMAND@
outputs = ["id", "key", "attempt"]

[bolts.parse]
command = @COMMAND@
parallelism = 2
inputs = ["orders", "clicks"]
outputs = ["id", "key", "attempt", "part"]

[bolts.enrich]
command = @COMMAND@
parallelism = 2
inputs = { parse = "local_or_shuffle" }
outputs = ["id", "key", "attempt", "part"]

[bolts.count]
command = @COMMAND@
parallelism = 3
inputs = { enrich = { fields = ["key"] } }

[bolts.audit]
command = @COMMAND@
parallelism = 2
inputs = { parse = "all" }

[bolts.join]
command = @COMMAND@
parallelism = 2
inputs = { enrich = { fields = ["id"] } }
outputs = ["id", "attempt"]
[bolts.join.config]
topology.tick.tuple.freq.secs = 2

[bolts.pairs]
command = @COMMAND@
inputs = ["join"]

[bolts.batch]
command = @COMMAND@
inputs = ["orders", "clicks"]
outputs = ["members"]
[bolts.batch.config]
topology.tick.tuple.freq.secs = 1

[bolts.archive]
command = @COMMAND@
parallelism = 2
inputs = { batch = "global" }

[bolts.lap]
command = @COMMAND@
parallelism = 2
outputs = { on = ["id", "key", "attempt", "left"], done = ["id", "attempt"] }
inputs = [
    { from = "orders", fields = ["key"] },
    { from = "clicks", fields = ["key"] },
    { from = "turn/back", grouping = "direct" },
]

[bolts.turn]
command = @COMMAND@
inputs = ["lap/on"]
outputs = { back = { fields = ["id", "key", "attempt", "left"], direct = true } }

[bolts.finish]
command = @COMMAND@
inputs = { "lap/done" = "none" }
`

// tasks is how many processes the topology has, spoutTasks how many of them are spouts.
const (
	tasks      = 22
	spoutTasks = 3
)

// The topology as the verification needs it.
var (
	spoutNames = []string{"orders", "clicks"}
	// sinkParts is how many tuples of each attempt every task of a sink, or one
	// of them, is to get.
	sinkParts = map[string]int{"count": 2, "audit": 2, "pairs": 1, "archive": 1, "finish": 1}
	// sinkTasks is how many tasks get each of these tuples.
	sinkTasks = map[string]int{"count": 1, "audit": 2, "pairs": 1, "archive": 1, "finish": 1}
)

// keys is how many values the field "key" has.
const keys = 50

func keyOf(seq int) string { return fmt.Sprintf("k%d", seq*7919%keys) }

// writeTopology writes the topology's file, with this program as the command of
// all its components.
func writeTopology(dir string, command []string, s settings) (file string, err error) {
	quoted := make([]string, len(command))
	for i, word := range command {
		quoted[i] = fmt.Sprintf("%q", word)
	}
	file = filepath.Join(dir, "soak.toml")
	text := strings.NewReplacer(
		"@COMMAND@", "["+strings.Join(quoted, ", ")+"]",
		"@TIMEOUT@", seconds(s.MessageTimeout),
		"@HANG@", seconds(s.HangTimeout),
		"@START@", seconds(2*s.HangTimeout),
		"@DRAIN@", seconds(s.Drain),
		"@SILENCE@", seconds(s.Silence),
		"@PENDING@", fmt.Sprint(max(50, int(4*s.Rate))),
	).Replace(topologyText)
	return file, os.WriteFile(file, []byte(text), 0o644)
}

func seconds(d time.Duration) string { return fmt.Sprint(int(d.Seconds())) }
