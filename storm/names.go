package storm

import "strings"

// AllTime is the window since a topology's submission or, for an executor, since its
// worker's start.
const AllTime = ":all-time"

// systemPrefix begins the names of Storm's own components and streams.
const systemPrefix = "__"

// IsSystem reports whether a component or a stream is Storm's own.
func IsSystem(name string) bool { return strings.HasPrefix(name, systemPrefix) }

// EventLogger is Storm's component that logs the tuples of `debug`.
const EventLogger = systemPrefix + "eventlogger"
