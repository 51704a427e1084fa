package check

import (
	"slices"

	"gust/topology"
)

// Severity is the effect of breaking a rule.
type Severity uint8

const (
	// Error breaks on Storm, on gust, or on both.
	Error Severity = iota
	// Warning works, but not as well as it could, or not everywhere.
	Warning
)

// String is "error" or "warning".
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// Rule is a requirement of the protocol, or of good practice.
type Rule struct {
	// ID is short and does not change.
	ID string
	// Text is the rule: what a program does.
	Text     string
	Severity Severity
	// Remedy is how to follow a rule that is broken.
	Remedy string
	// Doc is the section of the documentation that explains it.
	Doc string

	scope scope
}

// scope is the kinds and serializers to which a rule applies.
type scope uint8

const (
	everything scope = iota
	ofSpouts
	ofBolts
	ofJSON
	ofBoltsJSON
)

// applies reports whether the rule applies to such a program. kind is nil if it is
// unknown.
func (r *Rule) applies(kind *topology.Kind, serializer string) bool {
	isKind := func(k topology.Kind) bool { return kind == nil || *kind == k }
	switch r.scope {
	case ofSpouts:
		return isKind(topology.Spout)
	case ofBolts:
		return isKind(topology.Bolt)
	case ofJSON:
		return serializer == "json"
	case ofBoltsJSON:
		return isKind(topology.Bolt) && serializer == "json"
	}
	return true
}

// The rules' ids.
const (
	pid            = "pid"
	pidFirst       = "pid-first"
	pidOnce        = "pid-once"
	pidFile        = "pid-file"
	strayOutput    = "stray-output"
	wellFormed     = "well-formed"
	endLine        = "end-line"
	lineFeed       = "line-feed"
	flush          = "flush"
	knownCommand   = "known-command"
	fieldTypes     = "field-types"
	logLevel       = "log-level"
	metricName     = "metric-name"
	emitStream     = "emit-stream"
	emitValues     = "emit-values"
	emitDirect     = "emit-direct"
	taskIDs        = "task-ids"
	taskIDsQueue   = "task-ids-queue"
	heartbeat      = "heartbeat"
	heartbeatAck   = "heartbeat-ack"
	answer         = "answer"
	answerKnown    = "answer-known"
	answerOnce     = "answer-once"
	anchorHeld     = "anchor-held"
	tick           = "tick"
	activateSync   = "activate-sync"
	nextSync       = "next-sync"
	verdictSync    = "verdict-sync"
	deactivateSync = "deactivate-sync"
	extraSync      = "extra-sync"
	ahead          = "ahead"
	oneWrite       = "one-write"
	pieces         = "pieces"
	largeTuple     = "large-tuple"
	unknownFields  = "unknown-fields"
	unicodeText    = "unicode"
	surrogates     = "surrogates"
	bigIntegers    = "big-integers"
	floats         = "floats"
	nan            = "nan"
	inputEnd       = "input-end"
	terminate      = "terminate"
)

// rules are all rules, in the order of a program's life. They do not change.
var rules = []Rule{
	{pid, "answers the handshake with its pid", Error,
		`Read the handshake from stdin, then write {"pid": N} to stdout, and flush it.`, "handshake", everything},
	{pidFirst, "sends nothing before its pid", Error,
		"Send the pid before initialising anything that logs or emits: Storm takes the first message for the pid, whatever it is.", "handshake", everything},
	{pidOnce, "sends its pid once", Error,
		"Send the pid once, as the answer to the handshake: later it is a message without a command, and Storm ends the worker.", "handshake", everything},
	{pidFile, "creates an empty file named by its pid in pidDir", Warning,
		"Create the file pidDir/PID before sending the pid: Storm's supervisor kills what is left of a worker by these files.", "handshake", everything},

	{strayOutput, "writes nothing but messages to stdout", Error,
		"Print to stderr, or send a log message. Redirect what libraries print to stderr, too.", "framing", everything},
	{wellFormed, "writes messages that are well-formed", Error,
		"Write each message with a library for the serializer, and as one object.", "framing", everything},
	{endLine, "ends each message with the line `end`", Error,
		`Write a line feed, the three letters "end" and a line feed after each message, and nothing else.`, "framing", ofJSON},
	{lineFeed, "ends lines with only a line feed", Warning,
		`Write "\n" and not "\r\n": open stdout in binary mode if the system translates line endings.`, "framing", ofJSON},
	{flush, "flushes stdout after each message", Error,
		"Flush stdout after each message: most languages buffer pipes in blocks, and the host waits for the answer.", "framing", everything},

	{knownCommand, "sends only known commands", Error,
		"Use emit, log, error, metrics and sync, and in a bolt ack and fail.", "messages", everything},
	{fieldTypes, "gives each field the type that it has", Error,
		"Write the fields with the types in this section: Storm casts them, and a failed cast ends the worker.", "messages", everything},
	{logLevel, "logs at levels from 0 to 4", Warning,
		"Use 0 trace, 1 debug, 2 info, 3 warn or 4 error.", "messages", everything},
	{metricName, "names its metrics", Error,
		"Give each metrics message a name that is not empty.", "messages", everything},

	{emitStream, "emits to streams that it declares", Error,
		"Declare the stream in the topology (here: --outputs), or fix the emit's stream.", "emits", everything},
	{emitValues, "emits as many values as the stream has fields", Error,
		"Emit one value for each field that the stream declares (here: --outputs).", "emits", everything},
	{emitDirect, "names a task on direct streams, and only there", Error,
		"Set task to one of the subscribers' ids in the context on a stream that is declared direct (here: --direct), and leave it out everywhere else.", "emits", everything},
	{taskIDs, "reads the task ids that it is sent for its emits", Error,
		"Read the list of task ids after each emit, or send need_task_ids: false with it.", "task-ids", everything},
	{taskIDsQueue, "keeps what comes before the task ids for later", Error,
		"While waiting for a list, queue every message that is not a list, and empty the queue before reading more.", "task-ids", ofBolts},

	{heartbeat, "answers heartbeats with sync", Error,
		`Send {"command": "sync"} for a tuple with task -1 and stream "__heartbeat". Storm kills a worker whose bolt does not respond.`, "bolts", ofBolts},
	{heartbeatAck, "does not ack or fail heartbeats", Error,
		"Check the stream before processing the tuple: answer a heartbeat with sync, and never ack it.", "bolts", ofBolts},
	{answer, "acks or fails every tuple", Error,
		"Send ack or fail with the tuple's id when it is done; otherwise it times out. If the bolt expects other tuples, give one with --fields and --tuple.", "bolts", ofBolts},
	{answerKnown, "acks and fails the ids that it was given", Error,
		"Send the tuple's id back unchanged, as a string: ids are 64 bits wide, too wide for a float.", "bolts", ofBolts},
	{answerOnce, "acks or fails each tuple once", Error,
		"Remove one of the two: if a library acks automatically, the bolt must not.", "bolts", ofBolts},
	{anchorHeld, "anchors to tuples that it has not yet acked or failed", Error,
		"Emit before acking, and anchor to the tuple's id unchanged.", "bolts", ofBolts},
	{tick, "acks tick tuples", Warning,
		`Treat a tuple of component "__system" and stream "__tick" as a tick, and ack it. This matters if topology.tick.tuple.freq.secs is set.`, "bolts", ofBolts},

	{activateSync, "answers activate with sync", Error,
		`Send {"command": "sync"} for every command. If the program cannot be changed, set gust.spout.activate to false.`, "spouts", ofSpouts},
	{nextSync, "answers next with sync", Error,
		`Send {"command": "sync"} for every next, whether something was emitted or not, and do not wait for input in it.`, "spouts", ofSpouts},
	{verdictSync, "answers ack and fail with sync", Error,
		`Send {"command": "sync"} for every ack and fail.`, "spouts", ofSpouts},
	{deactivateSync, "answers deactivate with sync", Error,
		`Send {"command": "sync"} for every command.`, "spouts", ofSpouts},
	{extraSync, "sends no unsolicited sync", Warning,
		"Send one sync for each command or heartbeat: an extra one counts as the next answer, and all later ones are one step late.", "messages", everything},
	{ahead, "accepts several next commands at once", Warning,
		"Answer the commands in order as they arrive. If the program cannot, set gust.spout.max.next.ahead to 1.", "spouts", ofSpouts},

	{oneWrite, "accepts several messages at once", Error,
		"Process what is left in the read buffer after a message before reading again.", "input", ofBolts},
	{pieces, "accepts a message in pieces", Error,
		"Keep reading until the message is complete: a read may end anywhere, even within a character.", "input", everything},
	{largeTuple, "accepts a tuple of 1 MiB", Error,
		"Let the read buffer grow with the message.", "input", ofBolts},
	{unknownFields, "ignores unknown fields", Warning,
		"Read the needed fields by name, and ignore the others: Storm has added some over the years.", "input", everything},

	{unicodeText, "passes strings on unchanged", Error,
		"Read stdin and write stdout as UTF-8, whatever the locale says.", "values", ofBolts},
	{surrogates, "passes half surrogate pairs on unchanged", Warning,
		`Escape what is not valid UTF-8 on output: "\ud800" and the like are strings in JSON.`, "values", ofBoltsJSON},
	{bigIntegers, "passes big integers on unchanged", Warning,
		"Read numbers without a fraction as integers of any size, or have them sent as strings.", "values", ofBolts},
	{floats, "passes floats on unchanged", Warning,
		"Write a float as a float: 1.0 is not 1 to a component that tells them apart.", "values", ofBolts},
	{nan, "passes NaN and Infinity on unchanged", Warning,
		"Make the parser accept NaN and Infinity: Python's json writes them, and Storm reads them.", "values", ofBolts},

	{inputEnd, "ends when its stdin ends", Error,
		"Exit at the end of stdin: it is the only sign that the host is gone.", "end", everything},
	{terminate, "ends on SIGTERM", Warning,
		"Do not ignore SIGTERM, or exit in its handler: otherwise it is killed a few seconds later.", "end", everything},
}

// Rules are all rules, in the order of a program's life.
func Rules() []Rule { return slices.Clone(rules) }
