package library

import (
	"context"
	"errors"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// each reads something for every key, several at a time, and returns it in the order of the
// keys. What has vanished since its key was read is left out, and so is what cannot be read for
// a reason of its own, which is among the failures. err is a failure of the connection, which
// ends everything.
func each[K, V any](ctx context.Context, keys []K, read func(context.Context, K) (V, error)) (values []V, failures []error, err error) {
	values = make([]V, len(keys))
	errs := make([]error, len(keys))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i, key := range keys {
		group.Go(func() error {
			values[i], errs[i] = read(ctx, key)
			if concernsAll(errs[i]) {
				return errs[i]
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	kept := values[:0]
	for i, value := range values {
		if errs[i] == nil {
			kept = append(kept, value)
		}
	}
	failures = slices.DeleteFunc(errs, func(err error) bool { return err == nil || errors.Is(err, vsphere.ErrNotFound) })
	return kept, failures, nil
}

// ahead reads something for every key, several at a time, into what the catalogue remembers:
// who reads it one by one after that, finds it there. Failures are found there, too, or are
// asked for again.
func ahead[K, V any](ctx context.Context, keys []K, read func(context.Context, K) (V, error)) {
	if len(keys) > 1 {
		_, _, _ = each(ctx, keys, read)
	}
}

// concernsAll tells the failures of the connection, which concern every image, from those of
// one image, which make that one not ready and leave its neighbours alone.
func concernsAll(err error) bool {
	for _, cause := range []error{
		context.Canceled, context.DeadlineExceeded, vsphere.ErrUnreachable, vsphere.ErrUntrusted, vsphere.ErrInvalidLogin,
		vsphere.ErrInterrupted, vsphere.ErrTimeout, vsphere.ErrClosed,
	} {
		if errors.Is(err, cause) {
			return true
		}
	}
	return false
}
