package virtualmachine

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

// Defaults of a readiness probe, which are VM Operator's.
const (
	defaultProbeTimeout = 10 * time.Second
	defaultProbePeriod  = 10 * time.Second
)

// Heartbeats that a readiness probe may ask for, from the worse to the better one. vSphere also
// knows red and gray, which stand for a guest that does not answer.
const (
	heartbeatYellow = "yellow"
	heartbeatGreen  = "green"
)

type readinessProbeModel struct {
	TimeoutSeconds types.Int64  `tfsdk:"timeout_seconds"`
	PeriodSeconds  types.Int64  `tfsdk:"period_seconds"`
	GuestHeartbeat types.Object `tfsdk:"guest_heartbeat"`
	GuestInfo      types.List   `tfsdk:"guest_info"`
	TCPSocket      types.Object `tfsdk:"tcp_socket"`
}

type guestHeartbeatModel struct {
	ThresholdStatus types.String `tfsdk:"threshold_status"`
}

type guestInfoModel struct {
	Key   types.String `tfsdk:"key"`
	Value types.String `tfsdk:"value"`
}

type tcpSocketModel struct {
	Host types.String `tfsdk:"host"`
	Port types.Int64  `tfsdk:"port"`
}

// probe asks whether a guest is ready, in exactly one of three ways.
type probe struct {
	// Heartbeat is the lowest heartbeat that will do, yellow or green; empty for another kind of
	// probe.
	Heartbeat string
	// GuestInfo are values that the guest has to have set, all of them.
	GuestInfo []probeInfo
	// TCP is a port that has to accept a connection; nil for another kind of probe.
	TCP *probeSocket
	// Timeout bounds one attempt, and Period is from the start of one to the start of the next.
	Timeout, Period time.Duration
}

// probeInfo is a value that the guest sets as guestinfo.<Key>.
type probeInfo struct {
	Key string
	// Value has to match some of the guest's value. Nil matches any, also an empty one; the key
	// has to be there all the same.
	Value *regexp.Regexp
}

// probeSocket is a TCP port of the guest.
type probeSocket struct {
	// Host is a host name or an address as it was written. Empty stands for the guest's primary
	// IPv4 address, and for its IPv6 address where it has no other.
	Host string
	Port int
}

var readinessPath = path.Root("readiness_probe")

// readiness decodes the readiness_probe block. It is absent without one.
func (m *model) readiness(ctx context.Context) (known.Value[probe], diag.Diagnostics) {
	block, diags := fwtypes.Block[readinessProbeModel](ctx, m.ReadinessProbe)
	if block.IsUnknown() {
		return known.Unknown[probe](), diags
	}
	written, ok := block.Get()
	if !ok {
		return known.Value[probe]{}, diags
	}
	out, more := written.probe(ctx)
	diags.Append(more...)
	return out, diags
}

// probe is unknown as a whole while any of it is. What is known is judged all the same.
func (m *readinessProbeModel) probe(ctx context.Context) (known.Value[probe], diag.Diagnostics) {
	d := probeDecoder{probe: probe{Timeout: defaultProbeTimeout, Period: defaultProbePeriod}}
	d.seconds(m.TimeoutSeconds, &d.probe.Timeout)
	d.seconds(m.PeriodSeconds, &d.probe.Period)
	d.heartbeat(ctx, m.GuestHeartbeat)
	d.guestInfo(ctx, m.GuestInfo)
	d.socket(ctx, m.TCPSocket)
	switch {
	case len(d.kinds) > 1:
		d.diags.AddAttributeError(d.last, "A readiness probe is of one kind",
			fmt.Sprintf("The block has %s, and a guest is probed in one way. Keep one of them.", strings.Join(d.kinds, " and ")))
	case len(d.kinds) == 0 && !d.mayHave:
		// A CLI finds the line of something in a block, and not that of a block of the resource.
		d.diags.AddAttributeError(readinessPath.AtName("guest_heartbeat"), "The readiness probe asks nothing",
			"The block has neither guest_heartbeat nor guest_info nor tcp_socket. Add the one that tells when the guest is ready, or remove the block.")
	}
	if d.unknown || d.mayHave {
		return known.Unknown[probe](), d.diags
	}
	return known.Of(d.probe), d.diags
}

// probeDecoder gathers what is known of a probe.
type probeDecoder struct {
	probe probe
	diags diag.Diagnostics
	// kinds are the blocks that are there, and last is where the last one of them is.
	kinds []string
	last  path.Path
	// mayHave says that another one may be there, unknown that a value is not known yet.
	mayHave, unknown bool
}

func (d *probeDecoder) seconds(value types.Int64, to *time.Duration) {
	switch {
	case value.IsUnknown():
		d.unknown = true
	case !value.IsNull():
		*to = time.Duration(value.ValueInt64()) * time.Second
	}
}

// text is the text of a value, empty while it is null or unknown.
func (d *probeDecoder) text(value types.String) string {
	d.unknown = d.unknown || value.IsUnknown()
	return value.ValueString()
}

func (d *probeDecoder) heartbeat(ctx context.Context, object types.Object) {
	block, diags := fwtypes.PossibleBlock[guestHeartbeatModel](ctx, object)
	d.diags.Append(diags...)
	d.mayHave = d.mayHave || block.IsUnknown()
	written, ok := block.Get()
	if !ok {
		return
	}
	d.kinds, d.last = append(d.kinds, "guest_heartbeat"), readinessPath.AtName("guest_heartbeat")
	if d.probe.Heartbeat = d.text(written.ThresholdStatus); written.ThresholdStatus.IsNull() {
		d.probe.Heartbeat = heartbeatGreen
	}
}

func (d *probeDecoder) guestInfo(ctx context.Context, list types.List) {
	blocks, diags := fwtypes.Blocks[guestInfoModel](ctx, list)
	d.diags.Append(diags...)
	d.mayHave = d.mayHave || blocks.IsUnknown()
	written, _ := blocks.Get()
	if len(written) == 0 {
		return
	}
	d.kinds, d.last = append(d.kinds, "guest_info"), readinessPath.AtName("guest_info").AtListIndex(0)
	for i, info := range written {
		expression := d.text(info.Value)
		entry := probeInfo{Key: d.text(info.Key)}
		if expression != "" {
			var err error
			if entry.Value, err = regexp.Compile(expression); err != nil {
				d.diags.AddAttributeError(readinessPath.AtName("guest_info").AtListIndex(i).AtName("value"), "Not a regular expression",
					fmt.Sprintf("The value is a regular expression that some of the guest's value has to match, and %q is none: %s. "+
						"Write a backslash before characters that stand for themselves, as in \"1\\\\.0\".", expression, err))
			}
		}
		d.probe.GuestInfo = append(d.probe.GuestInfo, entry)
	}
}

func (d *probeDecoder) socket(ctx context.Context, object types.Object) {
	block, diags := fwtypes.PossibleBlock[tcpSocketModel](ctx, object)
	d.diags.Append(diags...)
	d.mayHave = d.mayHave || block.IsUnknown()
	written, ok := block.Get()
	if !ok {
		return
	}
	d.kinds, d.last = append(d.kinds, "tcp_socket"), readinessPath.AtName("tcp_socket")
	d.unknown = d.unknown || written.Port.IsUnknown()
	if written.Port.IsNull() {
		d.diags.AddAttributeError(readinessPath.AtName("tcp_socket"), "Missing port",
			"The block has no port. Set port to the TCP port that the guest listens at once it is ready.")
	}
	d.probe.TCP = &probeSocket{Host: d.text(written.Host), Port: int(written.Port.ValueInt64())}
}
