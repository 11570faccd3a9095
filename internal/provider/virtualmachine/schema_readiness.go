package virtualmachine

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

func readinessProbeBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "What tells that the guest is ready: exactly one of `guest_heartbeat`, `guest_info` and `tcp_socket`. Creation and updates wait for it, at the most as long as `timeouts` says, " +
			"and `status.conditions` shows the result as `Ready`. Without this block they do not wait for the guest to be of use. Changed in place.",
		Attributes: map[string]schema.Attribute{
			"timeout_seconds": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "How long one attempt may take, in seconds, 1 to 60. Default `10`.",
				Validators:          []validator.Int64{int64validator.Between(1, 60)},
			},
			"period_seconds": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "Time from the start of one attempt to the start of the next, in seconds, 1 to 3600. Default `10`.",
				Validators:          []validator.Int64{int64validator.Between(1, 3600)},
			},
		},
		Blocks: map[string]schema.Block{
			"guest_heartbeat": schema.SingleNestedBlock{
				MarkdownDescription: "The guest is ready when VMware Tools' heartbeat is good enough.",
				Attributes: map[string]schema.Attribute{
					"threshold_status": schema.StringAttribute{
						Optional:            true,
						MarkdownDescription: "The lowest heartbeat that will do: `yellow` or `green`. Default `green`.",
						Validators:          []validator.String{stringvalidator.OneOf(heartbeatYellow, heartbeatGreen)},
					},
				},
			},
			"guest_info": schema.ListNestedBlock{
				MarkdownDescription: "The guest is ready when it has set a value, as `vmware-rpctool \"info-set guestinfo.<key> <value>\"` does. Where the block is repeated, all of them count.",
				NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
					"key": schema.StringAttribute{
						Required:            true,
						MarkdownDescription: "Name of the value, without the leading `guestinfo.`.",
						Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
					},
					"value": schema.StringAttribute{
						Optional:            true,
						MarkdownDescription: "Regular expression (RE2) that some of the value has to match; write `^` and `$` to match all of it. Default: any value will do, as long as there is one.",
						Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
					},
				}},
			},
			"tcp_socket": schema.SingleNestedBlock{
				MarkdownDescription: "The guest is ready when it accepts a TCP connection from where Terraform runs.",
				Attributes: map[string]schema.Attribute{
					"host": schema.StringAttribute{
						Optional:            true,
						MarkdownDescription: "Host name or IP address to connect to. Default: the guest's primary IPv4 address, else its primary IPv6 address.",
						Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
					},
					"port": schema.Int64Attribute{
						Optional:            true,
						MarkdownDescription: "TCP port, 1 to 65535. Needed where the block is there.",
						Validators:          []validator.Int64{int64validator.Between(1, 65535)},
					},
				},
			},
		},
	}
}
