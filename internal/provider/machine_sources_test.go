package provider_test

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vapi/vcenter"
	"github.com/vmware/govmomi/vim25/mo"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// What a test asks of the requests of machines that are not made of an OVF item.
const (
	opClone    = "CloneVM_Task"
	opPowerOff = "PowerOffVM_Task"
	opCreate   = "CreateVM_Task"
	opDestroy  = "Destroy_Task"
	opSync     = "POST /rest/com/vmware/content/library/subscribed-item/{id}?~action=sync"
)

// VMI IDs of the images of every type.
const (
	templateImage    = "vmi-28404dc9dfbf87ca6"
	installerImage   = "vmi-d3e131f98e98b770d"
	onDemandImage    = "vmi-8e7789766cd2a8ec1"
	onDemandISOImage = "vmi-6c1599b9e7c758a71"
	photonImage      = "vmi-0a0044d7c690bcbea"
	ubuntuISOImage   = "vmi-c0073e97e18fa6dac"
)

// everyLibrary is namespaces with the libraries that have images of every type.
var everyLibrary = strings.Replace(namespaces, `["base-images"]`, `["base-images", "templates", "installers", "subscribed-images"]`, 1)

// startWithEveryType is start on a vCenter with images of every type.
func startWithEveryType(t *testing.T) *simulator.Simulator {
	t.Helper()
	needCLI(t)
	sim := simulator.Start(t, simulator.WithEveryImageType())
	connect(t, sim.Connection())
	t.Cleanup(func() {
		if left := sim.Sessions(); left != (simulator.Sessions{}) {
			t.Errorf("sessions are left: %+v", left)
		}
	})
	return sim
}

// devicesOf are the devices that a machine in team-a has, and its ExtraConfig by key.
func devicesOf(t *testing.T, sim *simulator.Simulator, name string) (object.VirtualDeviceList, map[string]string) {
	t.Helper()
	ctx := t.Context()
	client, out := provider.SignIn(t, sim)
	defer out()
	vm, err := find.NewFinder(client.Client).VirtualMachine(ctx, "/"+simulator.Datacenter+"/vm/"+simulator.FolderTeamA+"/"+name)
	if err != nil {
		t.Fatal(err)
	}
	var seen mo.VirtualMachine
	if err := vm.Properties(ctx, vm.Reference(), []string{"config.hardware.device", "config.extraConfig"}, &seen); err != nil {
		t.Fatal(err)
	}
	keys := make(map[string]string, len(seen.Config.ExtraConfig))
	for _, option := range seen.Config.ExtraConfig {
		keys[option.GetOptionValue().Key], _ = option.GetOptionValue().Value.(string)
	}
	return seen.Config.Hardware.Device, keys
}

// inLibraries does something to content libraries, as somebody else does.
func inLibraries(t *testing.T, sim *simulator.Simulator, do func(*library.Manager) error) {
	t.Helper()
	ctx, where := t.Context(), *sim.URL
	where.User = nil // only the REST session below logs in
	client, err := govmomi.NewClient(ctx, &where, true)
	if err != nil {
		t.Fatal(err)
	}
	session := rest.NewClient(client.Client)
	if err := session.Login(ctx, url.UserPassword(simulator.User, simulator.Password)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(do(library.NewManager(session)), session.Logout(ctx)); err != nil {
		t.Fatal(err)
	}
}

// deleteItem deletes a library item, as somebody does who needs the space.
func deleteItem(t *testing.T, sim *simulator.Simulator, id string) {
	t.Helper()
	inLibraries(t, sim, func(items *library.Manager) error { return items.DeleteLibraryItem(t.Context(), &library.Item{ID: id}) })
}

// editDescriptor replaces a text in the descriptor of an OVF item.
func editDescriptor(t *testing.T, sim *simulator.Simulator, id, before, after string) {
	t.Helper()
	inLibraries(t, sim, func(items *library.Manager) error {
		files, err := items.ListLibraryItemStorage(t.Context(), id)
		if err != nil {
			return err
		}
		for _, file := range files {
			if !strings.HasSuffix(file.Name, ".ovf") {
				continue
			}
			text, err := os.ReadFile(file.StorageURIs[0])
			if err != nil {
				return err
			}
			return os.WriteFile(file.StorageURIs[0], []byte(edited(t, string(text), before, after)), 0o600)
		}
		return fmt.Errorf("the item %s has no descriptor among %v", id, files)
	})
}

// makeTemplate makes an item of a copy of a machine, which is named by its path below vm.
func makeTemplate(t *testing.T, sim *simulator.Simulator, libraryID, machine, name string) {
	t.Helper()
	ctx := t.Context()
	client, out := provider.SignIn(t, sim)
	defer out()
	finder, root := find.NewFinder(client.Client), "/"+simulator.Datacenter+"/vm/"
	source, err := finder.VirtualMachine(ctx, root+machine)
	if err != nil {
		t.Fatal(err)
	}
	folder, err := finder.Folder(ctx, root+simulator.FolderTemplates)
	if err != nil {
		t.Fatal(err)
	}
	inLibraries(t, sim, func(items *library.Manager) error {
		_, err := vcenter.NewManager(items.Client).CreateTemplate(ctx, vcenter.Template{
			Name: name, Library: libraryID, SourceVM: source.Reference().Value, Placement: &vcenter.Placement{Folder: folder.Reference().Value},
		})
		return err
	})
}

// importsUnchanged are the steps that forget a machine and find it again: its state is what it was,
// and the plan of an import block changes nothing.
func importsUnchanged() []resource.TestStep {
	return []resource.TestStep{
		{ResourceName: web, ImportState: true, ImportStateVerify: true},
		{
			ResourceName: web, ImportState: true, ImportStateKind: resource.ImportBlockWithID,
			ImportPlanChecks: resource.ImportPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(web, plancheck.ResourceActionNoop)}},
		},
	}
}
