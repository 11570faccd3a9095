package namespace

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
)

// storageAttributes are what is shown of a storage class, apart from its name.
func storageAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"storage_policy_id":   text("Id of the storage policy that the class stands for."),
		"storage_policy_name": text("The storage policy's own name, such as `vSAN Default Storage Policy`."),
		"description":         text("Description of the storage policy."),
		"default":             flag("Whether this is the namespace's `default_storage_class`."),
		"datastores": objects("The datastores that satisfy the storage policy, that the namespace's cluster is connected to, and that a machine can be put on now, ordered by inventory path.", map[string]schema.Attribute{
			"name":      text("Name of the datastore."),
			"path":      text("Inventory path of the datastore."),
			"unique_id": text("Managed object id, such as `datastore-11`."),
		}),
	}
}

// storageModel is what is shown of a storage class.
type storageModel struct {
	Name        types.String     `tfsdk:"name"`
	PolicyID    types.String     `tfsdk:"storage_policy_id"`
	PolicyName  types.String     `tfsdk:"storage_policy_name"`
	Description types.String     `tfsdk:"description"`
	Default     types.Bool       `tfsdk:"default"`
	Datastores  []datastoreModel `tfsdk:"datastores"`
}

type datastoreModel struct {
	Name     types.String `tfsdk:"name"`
	Path     types.String `tfsdk:"path"`
	UniqueID types.String `tfsdk:"unique_id"`
}

// newStorageModel shows a storage class by the name that VM Operator has for it.
func newStorageModel(policy inventory.StoragePolicy, datastores []inventory.Object, standard bool) storageModel {
	model := storageModel{
		Name:        types.StringValue(policy.ClassName),
		PolicyID:    types.StringValue(policy.ID),
		PolicyName:  types.StringValue(policy.Name),
		Description: fwtypes.OptionalText(policy.Description),
		Default:     types.BoolValue(standard),
		Datastores:  make([]datastoreModel, len(datastores)),
	}
	for i, datastore := range datastores {
		model.Datastores[i] = datastoreModel{
			Name: types.StringValue(datastore.Name), Path: types.StringValue(datastore.Path), UniqueID: types.StringValue(datastore.ID),
		}
	}
	return model
}
