//go:build !linux

package worker

func setUnsentLow(int) {}
