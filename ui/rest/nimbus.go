package rest

import (
	"net/http"

	"gust/internal/terminal"
)

// Nimbuses are the cluster's Nimbus: UIHelpers.getNimbusSummary.
type Nimbuses struct {
	Nimbuses []Nimbus `json:"nimbuses"`
}

// Nimbus is the one that leads.
type Nimbus struct {
	Host                string `json:"host"`
	Port                int    `json:"port"`
	Status              string `json:"status"`
	Version             string `json:"version"`
	NimbusUpTime        string `json:"nimbusUpTime"`
	NimbusUpTimeSeconds int    `json:"nimbusUpTimeSeconds"`
	NimbusLogLink       string `json:"nimbusLogLink"`
}

// nimbusPort is Storm's nimbus.thrift.port.
const nimbusPort = 6627

func (a *api) nimbusSummary(r *http.Request) (any, error) {
	return Nimbuses{[]Nimbus{{
		Host: a.host, Port: nimbusPort, Status: "Leader", Version: StormVersion,
		NimbusUpTime: terminal.Uptime(a.uptime()), NimbusUpTimeSeconds: a.uptime(), NimbusLogLink: daemonLogLink(r, nimbusLog),
	}}}, nil
}
