// Package logs reads the log files of a topology from the machines that it runs on,
// through their logviewers or SSH.
package logs
