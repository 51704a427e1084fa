package rest

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"gust/status"
	"gust/status/served"
)

// Node is a component of the graph in Storm's UI: UIHelpers.getVisualizationData. The keys
// come from Clojure.
type Node struct {
	Type        string      `json:":type"`
	Capacity    double      `json:":capacity"`
	Latency     double      `json:":latency"` // of a spout the complete latency, of a bolt the process latency
	Transferred uint64      `json:":transferred"`
	Stats       []NodeStats `json:":stats"`
	Link        string      `json:":link"`
	Inputs      []NodeInput `json:":inputs"`
}

// NodeStats are an executor's part of a Node: UIHelpers.getStatMapFromExecutorSummary.
type NodeStats struct {
	Host        string                       `json:":host"`
	Port        int                          `json:":port"`
	UptimeSecs  int                          `json:":uptime_secs"`
	Transferred map[string]map[string]uint64 `json:":transferred"` // by window and stream
}

// NodeInput is an edge to a Node: UIHelpers.getInputMap.
type NodeInput struct {
	Component  string `json:":component"`
	Stream     string `json:":stream"`
	SaniStream string `json:":sani-stream"`
	Grouping   string `json:":grouping"`
}

// VisualizationTable are the streams that Storm's UI offers to hide, four in a row.
type VisualizationTable struct {
	VisualizationTable []StreamRow `json:"visualizationTable"`
}

// StreamRow is a row of them.
type StreamRow struct {
	Row []StreamBox `json:":row"`
}

// StreamBox is a stream: UIHelpers.getStreamBox.
type StreamBox struct {
	Stream     string `json:":stream"`
	SaniStream string `json:":sani-stream"`
	Checked    bool   `json:":checked"`
}

const streamsInRow = 4

func (a *api) visualization(s served.Served, r *http.Request) (any, error) {
	window, err := windowOf(r)
	if err != nil {
		return nil, err
	}
	t := a.showOver(s, window)
	nodes := map[string]Node{}
	for _, c := range componentsOf(t, r) {
		node := Node{
			Type: c.Kind, Transferred: c.Counts.Transferred, Stats: []NodeStats{}, Inputs: []NodeInput{},
			Link: "/component.html?id=" + url.QueryEscape(c.Name) + "&topology_id=" + url.QueryEscape(t.ID),
		}
		if c.Kind == "spout" {
			node.Latency = double(c.Counts.CompleteMillis())
		} else {
			node.Latency, node.Capacity = double(c.Counts.ProcessMillis()), double(c.Capacity)
		}
		for _, in := range c.Inputs {
			grouping, _, _ := strings.Cut(in.Grouping, "(")
			node.Inputs = append(node.Inputs, NodeInput{in.Component, in.Stream, sanitized(in.Stream), grouping})
		}
		node.Stats = a.nodeStats(s, t, c)
		nodes[c.Name] = node
	}
	return nodes, nil
}

// nodeStats are what each executor of a component has transferred, in all windows.
func (a *api) nodeStats(s served.Served, t topology, c status.ComponentView) []NodeStats {
	list := []NodeStats{}
	for _, w := range status.StormWindows {
		tasks := s.Tasks(c.Name, w)
		for i, e := range executorsOf(&c, tasks) {
			if i == len(list) {
				host, port := a.place(t, e.worker)
				list = append(list, NodeStats{host, port, int(e.uptime), map[string]map[string]uint64{}})
			}
			streams := map[string]uint64{}
			for _, task := range tasks {
				for _, out := range task.Outputs {
					if task.Task >= e.first && task.Task <= e.last {
						streams[sanitized(out.Stream)] += out.Counts.Transferred
					}
				}
			}
			list[i].Transferred[windowName(w)] = streams
		}
	}
	return list
}

func (a *api) visualizationInit(s served.Served, _ *http.Request) (any, error) {
	answer := VisualizationTable{VisualizationTable: []StreamRow{}}
	var streams []string
	for _, c := range s.Topology().Components {
		for _, in := range c.Inputs {
			streams = append(streams, in.Stream)
		}
	}
	slices.Sort(streams)
	for row := range slices.Chunk(slices.Compact(streams), streamsInRow) {
		var boxes []StreamBox
		for _, stream := range row {
			boxes = append(boxes, StreamBox{stream, sanitized(stream), !strings.HasPrefix(stream, "__")})
		}
		answer.VisualizationTable = append(answer.VisualizationTable, StreamRow{boxes})
	}
	return answer, nil
}

var unsafeInStream = regexp.MustCompile(`[^A-Za-z_\-:.]`)

// sanitized is a stream's name as a name of HTML: UIHelpers.sanitizeStreamName.
func sanitized(stream string) string {
	if stream == "" || !(stream[0] >= 'A' && stream[0] <= 'Z' || stream[0] >= 'a' && stream[0] <= 'z') {
		stream = "_s" + stream
	}
	return unsafeInStream.ReplaceAllString(stream, "_")
}
