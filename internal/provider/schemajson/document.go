package main

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The JSON document, member for member as the command lines print it.
type (
	document struct {
		FormatVersion string                    `json:"format_version"`
		Schemas       map[string]providerSchema `json:"provider_schemas"`
	}

	providerSchema struct {
		Provider           *schema              `json:"provider,omitempty"`
		Resources          map[string]*schema   `json:"resource_schemas,omitempty"`
		DataSources        map[string]*schema   `json:"data_source_schemas,omitempty"`
		EphemeralResources map[string]*schema   `json:"ephemeral_resource_schemas,omitempty"`
		ListResources      map[string]*schema   `json:"list_resource_schemas,omitempty"`
		Actions            map[string]*action   `json:"action_schemas,omitempty"`
		Functions          map[string]*function `json:"functions,omitempty"`
		Identities         map[string]*identity `json:"resource_identity_schemas,omitempty"`
	}

	schema struct {
		Version int64  `json:"version"`
		Block   *block `json:"block,omitempty"`
	}

	action struct {
		Block *block `json:"block,omitempty"`
	}

	block struct {
		Attributes      map[string]*attribute   `json:"attributes,omitempty"`
		BlockTypes      map[string]*nestedBlock `json:"block_types,omitempty"`
		Description     string                  `json:"description,omitempty"`
		DescriptionKind string                  `json:"description_kind,omitempty"`
		Deprecated      bool                    `json:"deprecated,omitempty"`
	}

	nestedBlock struct {
		NestingMode string `json:"nesting_mode,omitempty"`
		Block       *block `json:"block,omitempty"`
		MinItems    int64  `json:"min_items,omitempty"`
		MaxItems    int64  `json:"max_items,omitempty"`
	}

	attribute struct {
		Type            tftypes.Type `json:"type,omitempty"`
		NestedType      *nestedType  `json:"nested_type,omitempty"`
		Description     string       `json:"description,omitempty"`
		DescriptionKind string       `json:"description_kind,omitempty"`
		Deprecated      bool         `json:"deprecated,omitempty"`
		Required        bool         `json:"required,omitempty"`
		Optional        bool         `json:"optional,omitempty"`
		Computed        bool         `json:"computed,omitempty"`
		Sensitive       bool         `json:"sensitive,omitempty"`
		WriteOnly       bool         `json:"write_only,omitempty"`
	}

	nestedType struct {
		Attributes  map[string]*attribute `json:"attributes,omitempty"`
		NestingMode string                `json:"nesting_mode,omitempty"`
	}

	function struct {
		Description        string       `json:"description,omitempty"`
		Summary            string       `json:"summary,omitempty"`
		DeprecationMessage string       `json:"deprecation_message,omitempty"`
		ReturnType         tftypes.Type `json:"return_type"`
		Parameters         []*parameter `json:"parameters,omitempty"`
		VariadicParameter  *parameter   `json:"variadic_parameter,omitempty"`
	}

	parameter struct {
		Name        string       `json:"name,omitempty"`
		Description string       `json:"description,omitempty"`
		IsNullable  bool         `json:"is_nullable,omitempty"`
		Type        tftypes.Type `json:"type"`
	}

	identity struct {
		Version    int64                         `json:"version"`
		Attributes map[string]*identityAttribute `json:"attributes,omitempty"`
	}

	identityAttribute struct {
		Type              tftypes.Type `json:"type"`
		Description       string       `json:"description,omitempty"`
		RequiredForImport bool         `json:"required_for_import,omitempty"`
		OptionalForImport bool         `json:"optional_for_import,omitempty"`
	}
)

func fromProvider(s *tfprotov6.GetProviderSchemaResponse, i *tfprotov6.GetResourceIdentitySchemasResponse) providerSchema {
	return providerSchema{
		Provider:           fromSchema(s.Provider),
		Resources:          each(s.ResourceSchemas, fromSchema),
		DataSources:        each(s.DataSourceSchemas, fromSchema),
		EphemeralResources: each(s.EphemeralResourceSchemas, fromSchema),
		ListResources:      each(s.ListResourceSchemas, fromSchema),
		Actions:            each(s.ActionSchemas, fromAction),
		Functions:          each(s.Functions, fromFunction),
		Identities:         each(i.IdentitySchemas, fromIdentity),
	}
}

func each[From, To any](from map[string]*From, convert func(*From) *To) map[string]*To {
	to := make(map[string]*To, len(from))
	for name, value := range from {
		to[name] = convert(value)
	}
	return to
}

func fromSchema(s *tfprotov6.Schema) *schema {
	if s == nil {
		return nil
	}
	return &schema{Version: s.Version, Block: fromBlock(s.Block)}
}

func fromAction(a *tfprotov6.ActionSchema) *action {
	if a.Schema == nil {
		return &action{}
	}
	return &action{Block: fromBlock(a.Schema.Block)}
}

func fromBlock(b *tfprotov6.SchemaBlock) *block {
	if b == nil {
		return nil
	}
	out := &block{
		Attributes:      fromAttributes(b.Attributes),
		BlockTypes:      make(map[string]*nestedBlock, len(b.BlockTypes)),
		Description:     b.Description,
		DescriptionKind: kind(b.DescriptionKind),
		Deprecated:      b.Deprecated,
	}
	for _, nested := range b.BlockTypes {
		out.BlockTypes[nested.TypeName] = &nestedBlock{
			NestingMode: strings.ToLower(nested.Nesting.String()),
			Block:       fromBlock(nested.Block),
			MinItems:    nested.MinItems,
			MaxItems:    nested.MaxItems,
		}
	}
	return out
}

func fromAttributes(attributes []*tfprotov6.SchemaAttribute) map[string]*attribute {
	out := make(map[string]*attribute, len(attributes))
	for _, a := range attributes {
		converted := &attribute{
			Type:            a.Type,
			Description:     a.Description,
			DescriptionKind: kind(a.DescriptionKind),
			Deprecated:      a.Deprecated,
			Required:        a.Required,
			Optional:        a.Optional,
			Computed:        a.Computed,
			Sensitive:       a.Sensitive,
			WriteOnly:       a.WriteOnly,
		}
		if a.NestedType != nil {
			converted.NestedType = &nestedType{
				Attributes:  fromAttributes(a.NestedType.Attributes),
				NestingMode: strings.ToLower(a.NestedType.Nesting.String()),
			}
		}
		out[a.Name] = converted
	}
	return out
}

func fromFunction(f *tfprotov6.Function) *function {
	out := &function{
		Description:        f.Description,
		Summary:            f.Summary,
		DeprecationMessage: f.DeprecationMessage,
		VariadicParameter:  fromParameter(f.VariadicParameter),
	}
	if f.Return != nil {
		out.ReturnType = f.Return.Type
	}
	for _, p := range f.Parameters {
		out.Parameters = append(out.Parameters, fromParameter(p))
	}
	return out
}

func fromParameter(p *tfprotov6.FunctionParameter) *parameter {
	if p == nil {
		return nil
	}
	return &parameter{Name: p.Name, Description: p.Description, IsNullable: p.AllowNullValue, Type: p.Type}
}

func fromIdentity(i *tfprotov6.ResourceIdentitySchema) *identity {
	out := &identity{Version: i.Version, Attributes: make(map[string]*identityAttribute, len(i.IdentityAttributes))}
	for _, a := range i.IdentityAttributes {
		out.Attributes[a.Name] = &identityAttribute{
			Type:              a.Type,
			Description:       a.Description,
			RequiredForImport: a.RequiredForImport,
			OptionalForImport: a.OptionalForImport,
		}
	}
	return out
}

func kind(k tfprotov6.StringKind) string {
	if k == tfprotov6.StringKindMarkdown {
		return "markdown"
	}
	return "plain"
}
