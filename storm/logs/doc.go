// Package logs reads the log files of a topology from the machines that it runs on:
// from their logviewers, or through SSH.
package logs
