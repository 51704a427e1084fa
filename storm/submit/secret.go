package submit

import (
	"crypto/rand"
	"maps"
	"regexp"

	"gust/conf"
)

// loginForm is what ZooKeeper's digest authentication takes: a user and a password.
var loginForm = regexp.MustCompile(`^\S+:\S+$`)

// withSecret adds the login with which the topology's workers authenticate themselves at ZooKeeper,
// and nobody else. As with Storm's own client, each topology has one of its own, and Nimbus drops
// it if the cluster's ZooKeeper wants none.
func withSecret(c conf.Conf) conf.Conf {
	if payload, _ := c[conf.ZooKeeperTopologyPayload].(string); loginForm.MatchString(payload) {
		return c
	}
	c = maps.Clone(c)
	c[conf.ZooKeeperTopologyScheme] = "digest"
	c[conf.ZooKeeperTopologyPayload] = rand.Text() + ":" + rand.Text()
	return c
}
