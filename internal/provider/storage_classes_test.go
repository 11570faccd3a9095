package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

func TestStorageClassesAreFoundByEitherName(t *testing.T) {
	t.Parallel()
	start(t)
	withDefault := edited(t, namespaces, `default_network   = "VM Network"`, "default_network   = \"VM Network\"\n    default_storage_class = \"vsan-default-storage-policy\"")
	const (
		one  = "data.vmoperator_storage_class."
		vsan = "vSAN Default Storage Policy"
	)
	story(t,
		resource.TestStep{
			Config: withDefault + `
				data "vmoperator_storage_classes" "all" {}
				data "vmoperator_storage_class" "default" {}
				data "vmoperator_storage_class" "policy" { name = "vSAN Default Storage Policy" }
				data "vmoperator_storage_class" "gold" { name = "gold" }
				output "all" {
				  value = [for c in data.vmoperator_storage_classes.all.storage_classes : c.name]
				}
				output "default" {
				  value = [for c in data.vmoperator_storage_classes.all.storage_classes : c.storage_policy_name if c.default]
				}
				output "same" {
				  value = (data.vmoperator_storage_class.default.storage_policy_id == data.vmoperator_storage_class.policy.storage_policy_id
				    && data.vmoperator_storage_class.gold.storage_policy_id != data.vmoperator_storage_class.policy.storage_policy_id)
				}
			`,
			ConfigStateChecks: []statecheck.StateCheck{
				lists("all", "host-local-pmem-default-storage-policy", "vm-encryption-policy", "vvol-no-requirements-policy", "gold", "silver", "vsan-default-storage-policy"),
				lists("default", vsan),
				statecheck.ExpectKnownOutputValue("same", knownvalue.Bool(true)),
				statecheck.ExpectKnownValue(one+"default", pathTo("name"), is("vsan-default-storage-policy")),
				statecheck.ExpectKnownValue(one+"policy", pathTo("name"), is(vsan)),
				statecheck.ExpectKnownValue(one+"policy", pathTo("storage_class_name"), is("vsan-default-storage-policy")),
				statecheck.ExpectKnownValue(one+"gold", pathTo("default"), knownvalue.Bool(false)),
				statecheck.ExpectKnownValue(one+"gold", pathTo("datastores.0.path"), is("/DC0/datastore/LocalDS_0")),
				statecheck.ExpectKnownValue(one+"gold", pathTo("datastores"), knownvalue.ListSizeExact(2)),
			},
		},
		resource.TestStep{
			Config:      withDefault + "data \"vmoperator_storage_class\" \"typo\" {\n  name = \"glod\"\n}\n",
			ExpectError: fails("Unable to find the storage class", `name = "glod"`, `no storage policy "glod"`, `"gold"`),
		},
		resource.TestStep{
			Config:      namespaces + "data \"vmoperator_storage_class\" \"none\" {}\n",
			ExpectError: fails("No default storage class", `data "vmoperator_storage_class" "none"`, `Namespace "team-a"`, "default_storage_class"),
		},
	)
}
