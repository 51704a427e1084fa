package rest

import (
	"net/http"

	"gust/internal/terminal"
)

// Supervisors are the cluster's supervisors: UIHelpers.getSupervisorSummary.
type Supervisors struct {
	Supervisors []Supervisor `json:"supervisors"`
	display
	logviewer
}

// SupervisorPage is a supervisor with its workers: UIHelpers.getSupervisorPageInfo.
type SupervisorPage struct {
	Supervisors
	Workers []Worker `json:"workers"`
}

// Supervisor is a supervisor: UIHelpers.getPrettifiedSupervisorMap.
type Supervisor struct {
	ID            string `json:"id"`
	Host          string `json:"host"`
	Uptime        string `json:"uptime"`
	UptimeSeconds int    `json:"uptimeSeconds"`
	Blacklisted   bool   `json:"blacklisted"`
	SlotsTotal    int    `json:"slotsTotal"`
	SlotsUsed     int    `json:"slotsUsed"`
	SlotsFree     int    `json:"slotsFree"`
	capacity
	UsedMem               double `json:"usedMem"`
	UsedCPU               double `json:"usedCpu"`
	TotalGenericResources string `json:"totalGenericResources"`
	UsedGenericResources  string `json:"usedGenericResources"`
	AvailGenericResources string `json:"availGenericResources"`
	LogLink               string `json:"logLink"`
	Version               string `json:"version"`
}

// supervisorID is the id of the only supervisor.
func (a *api) supervisorID() string { return "gust-" + a.host }

func (a *api) supervisors(r *http.Request) Supervisors {
	total, used, free := slotCounts(a.running())
	return Supervisors{logviewer: logviewerOf(r), Supervisors: []Supervisor{{
		ID: a.supervisorID(), Host: a.host, Uptime: terminal.Uptime(a.uptime()), UptimeSeconds: a.uptime(),
		SlotsTotal: total, SlotsUsed: used, SlotsFree: free, LogLink: daemonLogLink(r, supervisorLog), Version: StormVersion,
	}}}
}

func (a *api) supervisorSummary(r *http.Request) (any, error) { return a.supervisors(r), nil }

func (a *api) supervisorPage(r *http.Request) (any, error) {
	page := SupervisorPage{Supervisors: a.supervisors(r), Workers: []Worker{}}
	query := r.URL.Query()
	if id := query.Get("id"); id != "" && id != a.supervisorID() || id == "" && query.Get("host") != "" && query.Get("host") != a.host {
		page.Supervisors.Supervisors = []Supervisor{}
		return page, nil
	}
	for _, t := range a.running() {
		page.Workers = append(page.Workers, a.workers(t, r)...)
	}
	return page, nil
}
