package storm

import "strings"

// AllTime is the window of all that has happened since a topology's submission, or in
// the figures of an executor since its worker's start.
const AllTime = ":all-time"

// systemPrefix begins the names of Storm's own components and streams.
const systemPrefix = "__"

// IsSystem tells whether a component or a stream is Storm's own.
func IsSystem(name string) bool { return strings.HasPrefix(name, systemPrefix) }

// EventLogger is Storm's component that writes the events of `debug`.
const EventLogger = systemPrefix + "eventlogger"
