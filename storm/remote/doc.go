// Package remote runs commands on other machines, and connects to what they can reach,
// through SSH. It uses the configuration of the user's own ssh: ~/.ssh/config, the agent,
// the keys in ~/.ssh, and known_hosts. It connects to a machine with an unknown key only
// if the user agrees, and never to one whose key has changed.
package remote
