package storm

import (
	"context"
	"fmt"

	"gust/conf"
)

// NimbusSettings is the configuration of Nimbus.
func (c *Client) NimbusSettings(ctx context.Context) (conf.Conf, error) {
	text, err := c.NimbusConf(ctx)
	if err != nil {
		return nil, err
	}
	return parseConf("Nimbus' configuration", text)
}

// TopologySettings is the configuration of a topology. It takes the id.
func (c *Client) TopologySettings(ctx context.Context, id string) (conf.Conf, error) {
	text, err := c.TopologyConf(ctx, id)
	if err != nil {
		return nil, err
	}
	return parseConf("the topology's configuration", text)
}

// parseConf reads a configuration that Nimbus has sent.
func parseConf(what, text string) (conf.Conf, error) {
	document, err := conf.ParseJSON([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	settings, ok := document.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s is not a JSON object", what)
	}
	return settings, nil
}
