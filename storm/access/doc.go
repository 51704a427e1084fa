// Package access finds a Storm cluster and its machines, from the command line, an
// environment of config.json and storm.yaml. It connects to Nimbus directly or through
// SSH, and to the machines through SSH.
package access
