package library

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// each reads something for every key, several at a time, and returns it in the order of the
// keys. What has vanished since its key was read is left out.
func each[K, V any](ctx context.Context, keys []K, read func(context.Context, K) (V, error)) ([]V, error) {
	values := make([]V, len(keys))
	there := make([]bool, len(keys))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i, key := range keys {
		group.Go(func() error {
			value, err := read(ctx, key)
			if errors.Is(err, vsphere.ErrNotFound) {
				return nil
			}
			values[i], there[i] = value, err == nil
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	kept := values[:0]
	for i, value := range values {
		if there[i] {
			kept = append(kept, value)
		}
	}
	return kept, nil
}
