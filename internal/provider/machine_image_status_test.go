package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// What an image of each type tells: the template as much as an OVF item, from the machine that it
// keeps, and the medium next to nothing.
func TestImagesOfEveryTypeAreDescribed(t *testing.T) {
	t.Parallel()
	startWithEveryType(t)
	null := knownvalue.Null()
	label := func(kind string, more map[string]string) knownvalue.Check {
		labels := map[string]knownvalue.Check{"image.vmoperator.vmware.com/type": is(kind)}
		for key, value := range more {
			labels[key] = is(value)
		}
		return knownvalue.MapExact(labels)
	}
	value := func(of, path string, want knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.vmoperator_virtual_machine_image."+of, pathTo(path), want)
	}
	ready := knownvalue.ObjectPartial(map[string]knownvalue.Check{"type": is("Ready"), "status": is("True")})
	story(t, resource.TestStep{
		Config: everyLibrary + `
			data "vmoperator_virtual_machine_image" "template" { image_name = "Ubuntu 24.04 Template" }
			data "vmoperator_virtual_machine_image" "iso" { image_name = "Debian 12 Installer" }
			data "vmoperator_virtual_machine_image" "copy" { image_name = "AlmaLinux 9 Installer" }
		` + listing("templates", `label_selector = "image.vmoperator.vmware.com/type=VM"`) +
			listing("media", `label_selector = "image.vmoperator.vmware.com/type=ISO"`) +
			listing("ubuntu", `label_selector = "os.image.vmoperator.vmware.com/id=ubuntu64Guest,capability.image.vmoperator.vmware.com/cloud-init"`),
		ConfigStateChecks: []statecheck.StateCheck{
			value("template", "name", is(templateImage)),
			value("template", "spec.provider_ref.name", is("clitem-28404dc9dfbf87ca6")),
			value("template", "labels", label("VM", map[string]string{
				"os.image.vmoperator.vmware.com/id": "ubuntu64Guest", "os.image.vmoperator.vmware.com/type": "Linux",
				"capability.image.vmoperator.vmware.com/cloud-init": "",
			})),
			value("template", "status", knownvalue.ObjectExact(map[string]knownvalue.Check{
				"name": is("Ubuntu 24.04 Template"), "type": is("VM"), "firmware": is("EFI"), "hardware_version": knownvalue.Int64Exact(19),
				"capabilities": knownvalue.ListExact([]knownvalue.Check{is("cloud-init")}),
				"os_info":      knownvalue.ObjectExact(map[string]knownvalue.Check{"id": is("ubuntu64Guest"), "type": is("Linux"), "version": null}),
				"product_info": knownvalue.ObjectExact(map[string]knownvalue.Check{
					"product": is("Ubuntu"), "vendor": is("Canonical"), "version": is("24.04 LTS"), "full_version": is("24.04 LTS"),
				}),
				"disks": knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(map[string]knownvalue.Check{
					"name": knownvalue.NotNull(), "capacity": is("12Gi"), "size": null,
					"capacity_bytes": knownvalue.Int64Exact(12 << 30), "size_bytes": null,
					"controller_type": is("SCSI"), "controller_bus_number": knownvalue.Int64Exact(0), "unit_number": knownvalue.Int64Exact(0),
				})}),
				"ovf_properties":           knownvalue.ListSizeExact(0),
				"vmware_system_properties": knownvalue.ListSizeExact(0),
				"provider_item_id":         is(simulator.ItemTemplate), "provider_content_version": is("2"),
				"conditions": knownvalue.ListPartial(map[int]knownvalue.Check{0: ready}),
			})),
			value("iso", "labels", label("ISO", nil)),
			value("iso", "status", knownvalue.ObjectExact(map[string]knownvalue.Check{
				"name": is("Debian 12 Installer"), "type": is("ISO"), "firmware": null, "hardware_version": null,
				"capabilities": knownvalue.ListSizeExact(0), "os_info": null, "product_info": null, "disks": knownvalue.ListSizeExact(0),
				"ovf_properties": knownvalue.ListSizeExact(0), "vmware_system_properties": knownvalue.ListSizeExact(0),
				"provider_item_id": is(simulator.ItemInstaller), "provider_content_version": is("1"),
				"conditions": knownvalue.ListExact([]knownvalue.Check{ready}),
			})),
			value("copy", "name", is(onDemandISOImage)),
			value("copy", "status.conditions", knownvalue.ListExact([]knownvalue.Check{
				ready, knownvalue.ObjectPartial(map[string]knownvalue.Check{"type": is("VirtualMachineImageCached"), "status": is("False"), "reason": is("OnDemand")}),
			})),
			lists("templates", "ClusterVirtualMachineImage Ubuntu 24.04 Template"),
			lists("media", "ClusterVirtualMachineImage AlmaLinux 9 Installer", "ClusterVirtualMachineImage Debian 12 Installer", "ClusterVirtualMachineImage Ubuntu 22.04 Installer"),
			lists("ubuntu", "ClusterVirtualMachineImage Ubuntu 22.04 LTS", "ClusterVirtualMachineImage Ubuntu 24.04 Template"),
		},
	})
}
