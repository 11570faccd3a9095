package provider_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider"
)

// secrets are the attributes whose values must not be shown.
var secrets = []string{
	"provider.password",
	"vmoperator_virtual_machine.bootstrap.secrets_wo",
	"vmoperator_virtual_machine.bootstrap.cloud_init.raw_cloud_config.value",
	"vmoperator_virtual_machine.bootstrap.cloud_init.cloud_config.user.passwd.value",
	"vmoperator_virtual_machine.bootstrap.cloud_init.cloud_config.user.hashed_passwd.value",
	"vmoperator_virtual_machine.bootstrap.linux_prep.password.value",
	"vmoperator_virtual_machine.bootstrap.linux_prep.script_text.value",
	"vmoperator_virtual_machine.bootstrap.sysprep.raw_sysprep.value",
	"vmoperator_virtual_machine.bootstrap.sysprep.sysprep.gui_unattended.password.value",
	"vmoperator_virtual_machine.bootstrap.sysprep.sysprep.identification.domain_admin_password.value",
	"vmoperator_virtual_machine.bootstrap.sysprep.sysprep.script_text.value",
	"vmoperator_virtual_machine.bootstrap.sysprep.sysprep.user_data.product_id.value",
}

// conventions holds a schema against what every schema of the provider keeps to.
type conventions struct {
	*testing.T
	sensitive []string
}

func (c *conventions) described(at, description string, kind tfprotov6.StringKind) {
	switch {
	case strings.TrimSpace(description) == "":
		c.Errorf("%s has no description", at)
	case description != strings.TrimSpace(description) || !strings.HasSuffix(description, "."):
		c.Errorf("%s: the description does not end with a full stop: %q", at, description)
	case kind != tfprotov6.StringKindMarkdown && !strings.Contains(at, ".timeouts."): // the framework's own
		c.Errorf("%s: the description is not Markdown", at)
	}
}

// block judges a block. A single block that is left out is an object without values, and core
// asks for the required attributes of it nevertheless: they are judged by the provider.
func (c *conventions) block(at string, block *tfprotov6.SchemaBlock, single bool) {
	c.described(at, block.Description, block.DescriptionKind)
	for _, attribute := range block.Attributes {
		c.attribute(at+"."+attribute.Name, attribute)
		if single && attribute.Required {
			c.Errorf("%s.%s is required in a block of which there may be none", at, attribute.Name)
		}
	}
	for _, nested := range block.BlockTypes {
		switch nested.Nesting {
		case tfprotov6.SchemaNestedBlockNestingModeSingle, tfprotov6.SchemaNestedBlockNestingModeList:
		default:
			c.Errorf("%s.%s: blocks are single or lists", at, nested.TypeName)
		}
		c.block(at+"."+nested.TypeName, nested.Block, nested.Nesting == tfprotov6.SchemaNestedBlockNestingModeSingle)
	}
}

func (c *conventions) attribute(at string, attribute *tfprotov6.SchemaAttribute) {
	c.described(at, attribute.Description, attribute.DescriptionKind)
	if attribute.Sensitive {
		c.sensitive = append(c.sensitive, at)
	}
	if attribute.WriteOnly && !attribute.Sensitive {
		c.Errorf("%s is write-only and not sensitive", at)
	}
	if attribute.NestedType == nil {
		return
	}
	if attribute.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeSet {
		// The framework cannot plan what is computed or has a default in a set.
		c.Errorf("%s is a set", at)
	}
	for _, nested := range attribute.NestedType.Attributes {
		c.attribute(at+"."+nested.Name, nested)
		if attribute.Computed && !attribute.Optional && !nested.Computed {
			c.Errorf("%s.%s is not computed, and what it is in is", at, nested.Name)
		}
	}
}

func TestSchemasKeepToTheConventions(t *testing.T) {
	t.Parallel()
	server := providerserver.NewProtocol6(provider.New("test", new(provider.Sessions))())()
	schema, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || len(schema.Diagnostics) > 0 {
		t.Fatalf("%v %v", err, schema.Diagnostics)
	}
	c := &conventions{T: t}
	c.block("provider", schema.Provider.Block, false)
	for name, resource := range schema.ResourceSchemas {
		c.block(name, resource.Block, false)
	}
	for name, source := range schema.DataSourceSchemas {
		c.block("data."+name, source.Block, false)
	}
	for name, function := range schema.Functions {
		at := "function " + name
		c.described(at, function.Description, function.DescriptionKind)
		if function.Summary == "" || strings.HasSuffix(function.Summary, ".") {
			c.Errorf("%s: the summary is a title: %q", at, function.Summary)
		}
		for _, parameter := range function.Parameters {
			c.described(at+"."+parameter.Name, parameter.Description, parameter.DescriptionKind)
		}
	}
	slices.Sort(c.sensitive)
	want := slices.Sorted(slices.Values(secrets))
	if !slices.Equal(c.sensitive, want) {
		t.Errorf("sensitive are\n%s\nwant\n%s", strings.Join(c.sensitive, "\n"), strings.Join(want, "\n"))
	}
}
