package stormtest

import (
	"context"
	"errors"

	"gust/storm/generated"
)

// refusing are the calls that a [Fake] refuses.
type refusing struct{}

var errRefused = errors.New("the fake does not have this call")

func (refusing) SetLogConfig(context.Context, string, *generated.LogConfig) error { return errRefused }

func (refusing) GetLogConfig(context.Context, string) (*generated.LogConfig, error) {
	return nil, errRefused
}

func (refusing) Debug(context.Context, string, string, bool, float64) error { return errRefused }

func (refusing) BeginBlobDownload(context.Context, string) (*generated.BeginDownloadResult_, error) {
	return nil, errRefused
}

func (refusing) DownloadBlobChunk(context.Context, string) ([]byte, error) { return nil, errRefused }

func (refusing) GetTopologyInfoWithOpts(context.Context, string, *generated.GetInfoOptions) (*generated.TopologyInfo, error) {
	return nil, errRefused
}

func (refusing) GetTopologyPageInfo(context.Context, string, string, bool) (*generated.TopologyPageInfo, error) {
	return nil, errRefused
}

func (refusing) GetSupervisorPageInfo(context.Context, string, string, bool) (*generated.SupervisorPageInfo, error) {
	return nil, errRefused
}

func (refusing) GetComponentPageInfo(context.Context, string, string, string, bool) (*generated.ComponentPageInfo, error) {
	return nil, errRefused
}

func (refusing) GetTopologyConf(context.Context, string) (string, error) { return "", errRefused }

func (refusing) GetTopology(context.Context, string) (*generated.StormTopology, error) {
	return nil, errRefused
}

func (refusing) GetUserTopology(context.Context, string) (*generated.StormTopology, error) {
	return nil, errRefused
}

func (refusing) SendSupervisorWorkerHeartbeat(context.Context, *generated.SupervisorWorkerHeartbeat) error {
	return errRefused
}
