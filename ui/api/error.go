package api

import (
	"fmt"
	"net/http"
)

// statusError is an error with its HTTP status. All other errors are the client's: 400.
type statusError struct {
	code int
	text string
}

func (e *statusError) Error() string { return e.text }

func notFound(format string, args ...any) error {
	return &statusError{http.StatusNotFound, fmt.Sprintf(format, args...)}
}

func conflict(format string, args ...any) error {
	return &statusError{http.StatusConflict, fmt.Sprintf(format, args...)}
}
