package submit

// Explain words an error from Nimbus: a Java stack trace, which may contain what the
// component's process wrote to stderr. What is the error without the frames of Storm's
// own Java, hint its remedy if it is known, else empty.
func Explain(text string) (what, hint string) { return explain(text) }
