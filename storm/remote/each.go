package remote

import (
	"context"
	"errors"
	"sync"
)

// Each connects to the targets, with as many connections at a time as the pool has
// places, and calls do for each. After an error of one target it continues with the
// others, and joins the errors in the targets' order.
func (d *Dialer) Each(ctx context.Context, targets []Target, pool int, do func(context.Context, *Machine) error) error {
	errs := make([]error, len(targets))
	places := make(chan struct{}, max(pool, 1))
	var working sync.WaitGroup
	for i, t := range targets {
		working.Go(func() {
			select {
			case places <- struct{}{}:
				defer func() { <-places }()
			case <-ctx.Done():
				errs[i] = context.Cause(ctx)
				return
			}
			m, err := d.Dial(ctx, t)
			if err == nil {
				err = do(ctx, m)
				_ = m.Close() // nothing depends any more on how it ends
			}
			errs[i] = err
		})
	}
	working.Wait()
	return errors.Join(errs...)
}
