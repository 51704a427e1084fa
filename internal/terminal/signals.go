package terminal

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// stopSignals are the signals that end a run: Ctrl-C, kill, and a terminal that
// is closed. Those that gust was started to ignore, as nohup and a shell's &
// want it, stay ignored.
func stopSignals() []os.Signal {
	var wanted []os.Signal
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			wanted = append(wanted, s)
		}
	}
	return wanted
}

// UntilSignal is a context that the first of these signals cancels, until they
// are released.
func UntilSignal(ctx context.Context) (_ context.Context, release func()) {
	wanted := stopSignals()
	if len(wanted) == 0 {
		return ctx, func() {} // NotifyContext without signals would take all
	}
	return signal.NotifyContext(ctx, wanted...)
}

// CatchSignals takes these signals, until they are released.
func CatchSignals() (signals <-chan os.Signal, release func()) {
	caught := make(chan os.Signal, 2)
	if wanted := stopSignals(); len(wanted) > 0 {
		signal.Notify(caught, wanted...)
	}
	return caught, func() { signal.Stop(caught) }
}
