package library

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// each reads the objects of the given ids, several at a time, and returns them in the order
// of the ids. One that has vanished since its id was read is left out.
func each[V any](ctx context.Context, ids []string, read func(context.Context, string) (V, error)) ([]V, error) {
	values := make([]V, len(ids))
	there := make([]bool, len(ids))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i, id := range ids {
		group.Go(func() error {
			value, err := read(ctx, id)
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
