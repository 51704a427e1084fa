// Package access says how to reach a Storm cluster and its machines: by the command
// line, an environment of config.json and storm.yaml. Nimbus is reached directly or
// through SSH, the machines through SSH.
package access
