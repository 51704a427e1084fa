// Package remote runs commands on other machines, and reaches what they reach,
// through SSH. It goes by what the user's own ssh goes by: ~/.ssh/config, the
// agent, the keys in ~/.ssh, and known_hosts. A machine whose key is not known
// there is not talked to, unless the user agrees; one whose key has changed never.
package remote
