package virtualmachine

import (
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/gosc"
)

// descriptionsOf are the descriptions of everything in a block, by path.
func descriptionsOf(at string, block schema.Block) map[string]string {
	out := map[string]string{strings.TrimSuffix(at, "."): block.GetMarkdownDescription()}
	attributes, blocks := map[string]schema.Attribute{}, map[string]schema.Block{}
	switch b := block.(type) {
	case schema.SingleNestedBlock:
		attributes, blocks = b.Attributes, b.Blocks
	case schema.ListNestedBlock:
		attributes, blocks = b.NestedObject.Attributes, b.NestedObject.Blocks
	}
	for name, attribute := range attributes {
		out[at+name] = attribute.GetMarkdownDescription()
	}
	for name, inner := range blocks {
		maps.Copy(out, descriptionsOf(at+name+".", inner))
	}
	return out
}

// What not every vCenter takes says so where it is described.
func TestDescriptionsTellTheVersionsOfVSphere(t *testing.T) {
	t.Parallel()
	described := descriptionsOf("", bootstrapBlock())
	tried := 0
	for _, level := range gosc.Levels() {
		if level.Provider == "" {
			continue // it is about the network, and in the guide
		}
		tried++
		field, _, _ := strings.Cut(level.Field, " ")
		description, ok := described[level.Provider+"."+field]
		if !ok || !strings.Contains(description, "vSphere "+level.Since) {
			t.Errorf("%s of %s needs vSphere %s, and its description is %q", field, level.Provider, level.Since, description)
		}
	}
	if tried < 6 {
		t.Errorf("only %d levels were looked at", tried)
	}
}

// A sentence for everything that people write, which is the documentation.
func TestEverythingIsDescribed(t *testing.T) {
	t.Parallel()
	for root, block := range map[string]schema.Block{"bootstrap": bootstrapBlock(), "network": networkBlock(), "readiness_probe": readinessProbeBlock()} {
		for path, description := range descriptionsOf(root+".", block) {
			if !strings.HasSuffix(description, ".") || strings.Contains(description, "\n") {
				t.Errorf("%s is described by %q", path, description)
			}
		}
	}
}
