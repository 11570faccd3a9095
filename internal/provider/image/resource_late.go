package image

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// limit is how long an operation may take, with the argument that says so.
type limit struct {
	argument string
	time     time.Duration
}

// late adds to an error which timeout it is that has ended, where one has.
func (l limit) late(ctx context.Context, err error) error {
	if err == nil || (!errors.Is(err, context.DeadlineExceeded) && !errors.Is(ctx.Err(), context.DeadlineExceeded)) {
		return err
	}
	return fmt.Errorf("%w\n\nIt took longer than %s, %s. Allow more time there.", withStop(err), l.argument, l.time) //nolint:revive,staticcheck // sentences for people
}
