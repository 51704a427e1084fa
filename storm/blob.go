package storm

import (
	"context"
	"fmt"
	"io"

	"gust/storm/generated"
)

// DownloadJar writes the jar of a running topology, by its id, to w. After an error, w
// may have a part of it.
func (c *Client) DownloadJar(ctx context.Context, id string, w io.Writer) error {
	key := id + "-stormjar.jar"
	download, err := call(ctx, c, "beginBlobDownload", repeatable, func(ctx context.Context, n *generated.NimbusClient) (*generated.BeginDownloadResult_, error) {
		return n.BeginBlobDownload(ctx, key)
	})
	if err != nil {
		return err
	}
	for {
		chunk, err := callHere(ctx, c, "downloadBlobChunk", func(ctx context.Context, n *generated.NimbusClient) ([]byte, error) {
			return n.DownloadBlobChunk(ctx, download.Session)
		})
		if err != nil {
			return err
		}
		if len(chunk) == 0 {
			return nil
		}
		if _, err := w.Write(chunk); err != nil {
			return fmt.Errorf("cannot keep the jar: %w", err)
		}
	}
}
