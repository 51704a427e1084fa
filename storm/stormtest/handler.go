package stormtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"

	"gust/storm/generated"
)

// handler executes the calls of a [Fake]. Calls that it does not have fail, as those of a
// Nimbus in trouble do.
type handler struct {
	refusing
	fake *Fake
}

// SetTopologies sets the fake's topologies.
func (f *Fake) SetTopologies(topologies ...*generated.TopologySummary) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.topologies = topologies
}

// Topologies are the names of the topologies that the fake has.
func (f *Fake) Topologies() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var names []string
	for _, t := range f.topologies {
		names = append(names, t.Name)
	}
	return names
}

// Submitted is the topology that was last submitted under a name, or nil.
func (f *Fake) Submitted(name string) *generated.StormTopology {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.submitted[name]
}

// SetSupervisors sets the fake's supervisors: one by default.
func (f *Fake) SetSupervisors(supervisors ...*generated.SupervisorSummary) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.supervisors = supervisors
}

// SetTopologyInfo sets the fake's info of the topology of that id.
func (f *Fake) SetTopologyInfo(id string, info *generated.TopologyInfo) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.infos[id] = info
}

// SetConf sets the JSON object that the fake returns as its configuration.
func (f *Fake) SetConf(json string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.conf = json
}

// Upload is the content that was uploaded to a place.
func (f *Fake) Upload(location string) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.uploads[location]
}

// summary is how a fake presents itself.
func (f *Fake) summary(leads bool) *generated.NimbusSummary {
	name, port, _ := net.SplitHostPort(f.Address())
	number, _ := strconv.Atoi(port)
	return &generated.NimbusSummary{Host: name, Port: int32(number), UptimeSecs: 1, IsLeader: leads, Version: f.Version}
}

func (h *handler) GetLeader(context.Context) (*generated.NimbusSummary, error) {
	h.fake.mu.Lock()
	defer h.fake.mu.Unlock()
	if h.fake.Leads == nil {
		return nil, errors.New("no leader")
	}
	return h.fake.Leads.summary(true), nil
}

func (h *handler) GetClusterInfo(context.Context) (*generated.ClusterSummary, error) {
	h.fake.mu.Lock()
	defer h.fake.mu.Unlock()
	nimbuses := []*generated.NimbusSummary{h.fake.summary(h.fake.Leads == h.fake)}
	if h.fake.Leads != nil && h.fake.Leads != h.fake {
		nimbuses = append(nimbuses, h.fake.Leads.summary(true))
	}
	return &generated.ClusterSummary{Supervisors: slices.Clone(h.fake.supervisors), Topologies: slices.Clone(h.fake.topologies), Nimbuses: nimbuses}, nil
}

func (h *handler) GetNimbusConf(context.Context) (string, error) {
	h.fake.mu.Lock()
	defer h.fake.mu.Unlock()
	return h.fake.conf, nil
}

func (h *handler) IsTopologyNameAllowed(_ context.Context, name string) (bool, error) {
	return h.find(name) == nil, nil
}

func (h *handler) BeginFileUpload(context.Context) (string, error) {
	h.fake.mu.Lock()
	defer h.fake.mu.Unlock()
	location := fmt.Sprintf("inbox/stormjar-%d.jar", len(h.fake.uploads)+1)
	h.fake.uploads[location] = nil
	return location, nil
}

func (h *handler) UploadChunk(_ context.Context, location string, chunk []byte) error {
	h.fake.mu.Lock()
	defer h.fake.mu.Unlock()
	if _, ok := h.fake.uploads[location]; !ok {
		return errors.New("no such upload")
	}
	h.fake.uploads[location] = append(h.fake.uploads[location], chunk...)
	return nil
}

func (h *handler) FinishFileUpload(context.Context, string) error { return nil }

func (h *handler) SubmitTopologyWithOpts(_ context.Context, name, jar, _ string, topology *generated.StormTopology, _ *generated.SubmitOptions) error {
	if h.find(name) != nil {
		return &generated.AlreadyAliveException{Msg: name + " is already alive"}
	}
	h.fake.mu.Lock()
	defer h.fake.mu.Unlock()
	if _, ok := h.fake.uploads[jar]; !ok {
		return errors.New("no such jar")
	}
	id := fmt.Sprintf("%s-%d-1", name, len(h.fake.topologies)+1)
	h.fake.topologies = append(h.fake.topologies, &generated.TopologySummary{ID: id, Name: name, Status: "ACTIVE"})
	h.fake.submitted[name] = topology
	return nil
}

func (h *handler) KillTopologyWithOpts(_ context.Context, name string, _ *generated.KillOptions) error {
	if h.find(name) == nil {
		return notAlive(name)
	}
	h.fake.mu.Lock()
	defer h.fake.mu.Unlock()
	h.fake.topologies = slices.DeleteFunc(h.fake.topologies, func(t *generated.TopologySummary) bool { return t.Name == name })
	return nil
}

func (h *handler) Activate(_ context.Context, name string) error {
	return h.setStatus(name, "ACTIVE")
}

func (h *handler) Deactivate(_ context.Context, name string) error {
	return h.setStatus(name, "INACTIVE")
}

func (h *handler) Rebalance(_ context.Context, name string, _ *generated.RebalanceOptions) error {
	return h.setStatus(name, "ACTIVE")
}

func (h *handler) GetTopologyInfo(_ context.Context, id string) (*generated.TopologyInfo, error) {
	h.fake.mu.Lock()
	defer h.fake.mu.Unlock()
	if info := h.fake.infos[id]; info != nil {
		return info, nil
	}
	return nil, &generated.NotAliveException{Msg: id}
}

// find returns the topology of that name, or nil.
func (h *handler) find(name string) *generated.TopologySummary {
	h.fake.mu.Lock()
	defer h.fake.mu.Unlock()
	for _, t := range h.fake.topologies {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// setStatus replaces a topology's summary by one with another status. It does not change
// the old one, which an answer in progress may still use.
func (h *handler) setStatus(name, status string) error {
	h.fake.mu.Lock()
	defer h.fake.mu.Unlock()
	for i, t := range h.fake.topologies {
		if t.Name == name {
			changed := *t
			changed.Status = status
			h.fake.topologies[i] = &changed
			return nil
		}
	}
	return notAlive(name)
}

func notAlive(name string) error { return &generated.NotAliveException{Msg: name + " is not alive"} }
