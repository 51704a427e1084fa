package submit

// Explain words an error as Nimbus keeps it: a Java stack trace, in whose middle
// there may be what the component's process wrote to stderr. What is the error
// without the frames of Storm's own Java, hint its remedy where it is a known
// one, else empty.
func Explain(text string) (what, hint string) { return explain(text) }
