package image

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

const (
	// progressPause is the least time between two lines of progress, and progressSilence the
	// longest while bytes flow.
	progressPause, progressSilence = time.Second, 10 * time.Second
	// progressStep is how many hundredths make a line of their own.
	progressStep = 5
)

// progress logs how far an upload is.
type progress struct {
	ctx  context.Context //nolint:containedctx // the log is in it
	name string

	percent int64
	last    time.Time
}

func newProgress(ctx context.Context, name string) *progress {
	return &progress{ctx: ctx, name: name, percent: -progressStep}
}

// report is told how many bytes of how many were sent.
func (p *progress) report(done, total int64) {
	now := time.Now()
	percent := int64(0)
	if total > 0 {
		percent = min(100*done/total, 100)
	}
	if !due(now.Sub(p.last), percent-p.percent, total > 0 && done >= total && p.percent < 100) {
		return
	}
	p.percent, p.last = percent, now
	fields := map[string]any{"image": p.name, "bytes": done}
	if total > 0 {
		fields["total_bytes"], fields["percent"] = total, percent
	}
	tflog.Info(p.ctx, "Uploading the image", fields)
}

// due tells whether a line of progress is to be written, so and so long and many hundredths after
// the last. The last of all is.
func due(since time.Duration, hundredths int64, end bool) bool {
	return end || since >= progressSilence || (since >= progressPause && hundredths >= progressStep)
}
