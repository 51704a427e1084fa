package worker

// outputCount counts what a task emits to one output stream. Acked and failed
// count the verdicts on a spout's trees, completed how long the acked ones took.
type outputCount struct {
	name                                string // of the stream
	emitted, transferred, acked, failed uint64
	completed                           int64 // nanoseconds, of all that were acked
}

// inputCount counts what a task of a bolt does with one input stream.
type inputCount struct {
	*input
	executed, acked, failed uint64
	worked                  int64 // nanoseconds for which the bolt has worked on those that it has answered
	processed               int64 // nanoseconds from the delivery to the answer, of the same
}
