package storm

import (
	"context"
	"errors"
	"fmt"
	"io"

	"gust/storm/generated"
)

// chunkSize is the part of a jar in one call. Storm's own client sends as much, and it
// fits into a frame of any sensible size.
const chunkSize = 300 << 10

// Upload uploads a jar to Nimbus and returns its place there, which Nimbus keeps for an
// hour (nimbus.inbox.jar.expiration.secs). After each part it calls progress, which may
// be nil, with the number of bytes so far.
//
// If the connection breaks, the upload starts from the beginning with the next leader: a
// part that arrived twice would corrupt the jar.
func (c *Client) Upload(ctx context.Context, jar io.ReaderAt, size int64, progress func(done int64)) (location string, err error) {
	if progress == nil {
		progress = func(int64) {}
	}
	for attempt := 1; ; attempt++ {
		location, err = c.uploadOnce(ctx, jar, size, progress)
		if _, lost := errors.AsType[*LostError](err); !lost || attempt == attempts {
			return location, err
		}
		if err := Pause(ctx, pauseBefore(attempt)); err != nil {
			return "", err
		}
	}
}

func (c *Client) uploadOnce(ctx context.Context, jar io.ReaderAt, size int64, progress func(done int64)) (string, error) {
	progress(0)
	// Another place does no harm: Nimbus deletes incomplete uploads.
	location, err := call(ctx, c, "beginFileUpload", repeatable, func(ctx context.Context, n *generated.NimbusClient) (string, error) {
		return n.BeginFileUpload(ctx)
	})
	if err != nil {
		return "", err
	}
	chunk := make([]byte, min(chunkSize, c.largestChunk(location)))
	for done := int64(0); done < size; {
		n, err := jar.ReadAt(chunk[:min(int64(len(chunk)), size-done)], done)
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("cannot read the jar: %w", err)
		}
		if n == 0 {
			return "", errors.New("the jar became shorter while it was uploaded")
		}
		if err := c.uploadChunk(ctx, location, chunk[:n]); err != nil {
			return "", err
		}
		done += int64(n)
		progress(done)
	}
	_, err = callHere(ctx, c, "finishFileUpload", func(ctx context.Context, n *generated.NimbusClient) (nothing, error) {
		return nothing{}, n.FinishFileUpload(ctx, location)
	})
	return location, err
}

func (c *Client) uploadChunk(ctx context.Context, location string, chunk []byte) error {
	_, err := callHere(ctx, c, "uploadChunk", func(ctx context.Context, n *generated.NimbusClient) (nothing, error) {
		return nothing{}, n.UploadChunk(ctx, location, chunk)
	})
	return err
}

// largestChunk is how much fits into a frame beside the call and the place.
func (c *Client) largestChunk(location string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	const call = 64
	return max(1, c.maxFrame-len(location)-call)
}

// SetMaxFrame sets the cluster's nimbus.thrift.max_buffer_size, in bytes, if it is not
// Storm's default. Nimbus's own conf has it ([Client.NimbusConf]).
func (c *Client) SetMaxFrame(size int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.maxFrame = size
	if c.conn != nil {
		c.conn.wire.maxFrame = size
	}
}

// callHere makes a call that only makes sense on this connection: the Nimbus that has
// begun an upload must get the rest of it.
func callHere[T any](ctx context.Context, c *Client, name string, f func(context.Context, *generated.NimbusClient) (T, error)) (T, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var none T
	if c.conn == nil {
		return none, &LostError{Nimbus: "the leader", Call: name, Err: errors.New("the connection is closed")}
	}
	address := c.conn.address
	answer, err := do(ctx, c.conn, f)
	if err == nil {
		return answer, nil
	}
	_, err = c.judge(ctx, name, once, address, err)
	return none, err
}
