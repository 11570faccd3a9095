package virtualmachine

import (
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

func resourcesBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Processors and memory of the machine, without `class_name` or over what the class says. What is not written here is what the class says, else what the image says.",
		Blocks: map[string]schema.Block{
			"size": amountsBlock("What the machine has. The guest sees this.",
				"Number of processors, such as `4`. More of them are added to a running machine that was made to take them; every other change needs the machine powered off, which `allow_power_cycle` permits.",
				"Memory, such as `8Gi`, a multiple of `1Mi`. More of it is added to a running machine that was made to take it; every other change needs the machine powered off, which `allow_power_cycle` permits."),
			"requests": amountsBlock("What is reserved for the machine on its host, which it is not powered on without.",
				"Reserved processor time in MHz, such as `2000`; `0` reserves none. At most `limits.cpu`. Changed in place, also on a running machine.",
				"Reserved memory, such as `4Gi`, a multiple of `1Mi`; `0` reserves none. At most `limits.memory` and `size.memory`. Changed in place, also on a running machine."),
			"limits": amountsBlock("What the machine gets of its host at the most, also where more is free.",
				"Most processor time in MHz, such as `4000`; `-1` is no limit. Changed in place, also on a running machine.",
				"Most memory of the host, such as `8Gi`, a multiple of `1Mi`; `-1` is no limit. Changed in place, also on a running machine."),
		},
	}
}

func amountsBlock(description, cpu, memory string) schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: description,
		Attributes: map[string]schema.Attribute{
			"cpu":    quantityAttribute(cpu),
			"memory": quantityAttribute(memory),
		},
	}
}

// quantityAttribute is judged when it is decoded, where its unit is known.
func quantityAttribute(description string) schema.StringAttribute {
	return schema.StringAttribute{CustomType: fwtypes.QuantityType{}, Optional: true, MarkdownDescription: description}
}
