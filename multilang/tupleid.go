package multilang

// TupleID is the id of a tuple in flight to a bolt. On the wire it is a string of
// decimal digits, which is how Storm's ids look.
type TupleID uint64
