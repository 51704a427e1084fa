package worker

import (
	"fmt"

	"gust/multilang"
	"gust/topology"
)

// taskOutput is an output stream as one task emits to it.
type taskOutput struct {
	*output
	count outputCount
	// origins are the tuples' envelopes, by codec.
	origins [len(multilang.Codecs)]multilang.Origin
	// turns are where the shuffle of each edge goes on.
	turns []uint32
}

func newTaskOutput(out *output, id topology.TaskID) taskOutput {
	to := taskOutput{output: out, count: outputCount{name: out.Name}, turns: make([]uint32, len(out.edges))}
	for i, codec := range multilang.Codecs {
		to.origins[i] = codec.NewOrigin(out.from, out.Name, int32(id))
	}
	for i := range to.turns {
		// Each emitter begins with another target, so that many emitters
		// of few tuples do not all send them to the first.
		to.turns[i] = uint32(id)
	}
	return to
}

// output is an output stream of a component, and who subscribes to it.
type output struct {
	*topology.Stream
	from  string // the component
	edges []*edge
	// misfit says that nobody subscribes, and that a tuple did not match the declaration.
	misfit bool
}

// edge is a subscription: it leads from a stream to the tasks of a bolt.
type edge struct {
	to       *component
	grouping topology.GroupingType
	fields   []int  // the indices of the grouping's fields in the stream's tuples
	in       int    // the index of its input in to.inputs
	given    uint64 // tuples that went over it
	cyclic   bool   // it lies on a cycle
	// perTuple is how many tuples go over it for one that a bolt reads, or that a
	// spout emits.
	perTuple ratio
}

// input is a stream that a bolt subscribes to.
type input struct {
	from   *component
	stream string
	out    int // the index of the stream in from.outputs
}

// String is the stream and its component.
func (in *input) String() string { return fmt.Sprintf("%q from %q", in.stream, in.from.name()) }
