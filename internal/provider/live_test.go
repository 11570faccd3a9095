package provider_test

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// live reads a setting of the live test and skips it where there is none.
func live(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv("VMOPERATOR_LIVE_" + name)
	if value == "" {
		t.Skipf("VMOPERATOR_LIVE_%s is not set: see CONTRIBUTING.md for what the test against a real vCenter needs", name)
	}
	return value
}

// liveProvider is the provider configuration of the live tests.
func liveProvider(t *testing.T) string {
	t.Helper()
	return fmt.Sprintf(`
provider "vmoperator" {
  default_namespace = "live"
  namespace {
    name          = "live"
    resource_pool = %q
    folder        = %q
    datastore     = %q
  }
}
`, live(t, "RESOURCE_POOL"), live(t, "FOLDER"), live(t, "DATASTORE"))
}

// TestAccLiveMachine shows what only a vCenter can show: that a deploy takes the whole
// configuration with it, that the guest finds its configuration in guestinfo and comes up
// with the address that was planned, and that a change of a running machine is accepted.
//
// It needs VSPHERE_SERVER and its companions, and an image with cloud-init and VMware Tools.
func TestAccLiveMachine(t *testing.T) {
	image, network := live(t, "IMAGE"), live(t, "NETWORK")
	address, gateway := live(t, "ADDRESS"), live(t, "GATEWAY")
	prefix, err := netip.ParsePrefix(address)
	if err != nil {
		t.Fatalf("VMOPERATOR_LIVE_ADDRESS is %q, and an address with its prefix length is needed", address)
	}
	name := fmt.Sprintf("tfacc-%d", time.Now().Unix())
	config := func(name, metric string) string {
		return liveProvider(t) + fmt.Sprintf(`
resource "vmoperator_virtual_machine" "web" {
  name       = %q
  image_name = %q

  network {
    interface {
      name              = "eth0"
      guest_device_name = "lan0"
      addresses         = [%q]
      gateway4          = %q
      network { name = %q }
      route {
        to     = "198.51.100.0/24"
        via    = %q
        metric = %s
      }
    }
  }

  bootstrap {
    cloud_init {
      cloud_config {
        write_file {
          path    = "/etc/tfacc"
          content = "live"
        }
      }
    }
  }
}
`, name, image, address, gateway, network, gateway, metric)
	}
	needCLI(t)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(t),
		Steps: []resource.TestStep{
			{
				Config: config(name, "100"),
				Check: resource.ComposeAggregateTestCheckFunc(
					liveMachine(t, func(o *machine.Observation) error {
						switch {
						case o.Unfinished():
							return fmt.Errorf("%s still bears the mark of an unfinished creation", o.Title())
						case len(o.NICs) != 1:
							return fmt.Errorf("%s has %d network cards, and one was asked for", o.Title(), len(o.NICs))
						case o.VApp != nil:
							return fmt.Errorf("%s still has a vApp configuration, which cloud-init would prefer", o.Title())
						}
						return nil
					}),
					liveGuestReports(t, prefix),
				),
			},
			{
				Config: config(name, "200"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(web, plancheck.ResourceActionUpdate),
				}},
			},
			{
				Config: config(name+"-renamed", "200"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(web, plancheck.ResourceActionUpdate),
				}},
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(web, tfjsonpath.New("name"), knownvalue.StringExact(name+"-renamed")),
				},
			},
			{ResourceName: web, ImportState: true, ImportStateVerify: true},
		},
	})
}

// liveMachine hands the machine of the state, as vCenter has it, to a check.
func liveMachine(t *testing.T, check func(*machine.Observation) error) resource.TestCheckFunc {
	t.Helper()
	return func(state *terraform.State) error {
		return withLiveMachine(t, state, func(ctx context.Context, machines *machine.Service, ref machine.Ref) error {
			observed, err := machines.Observe(ctx, ref)
			if err != nil {
				return err
			}
			return check(observed)
		})
	}
}

// liveGuestReports waits for VMware Tools to report the address that was planned.
func liveGuestReports(t *testing.T, want netip.Prefix) resource.TestCheckFunc {
	t.Helper()
	return func(state *terraform.State) error {
		return withLiveMachine(t, state, func(ctx context.Context, machines *machine.Service, ref machine.Ref) error {
			return machines.WaitFor(ctx, ref, func(o *machine.Observation) (bool, string) {
				if o.Guest == nil {
					return false, "no guest information"
				}
				for _, nic := range o.Guest.Net {
					if nic.IpConfig == nil {
						continue
					}
					for _, address := range nic.IpConfig.IpAddress {
						if address.IpAddress == want.Addr().String() && int(address.PrefixLength) == want.Bits() {
							return true, ""
						}
					}
				}
				return false, fmt.Sprintf("the guest reports %v", o.Guest.IpAddress)
			})
		})
	}
}

func withLiveMachine(t *testing.T, state *terraform.State, do func(context.Context, *machine.Service, machine.Ref) error) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	client, err := vsphere.New(vsphere.Config{
		Server: os.Getenv("VSPHERE_SERVER"), User: os.Getenv("VSPHERE_USER"), Password: os.Getenv("VSPHERE_PASSWORD"),
		CACertificates: os.Getenv("VSPHERE_CA_CERTIFICATES"), Thumbprint: os.Getenv("VSPHERE_THUMBPRINT"),
		AllowUnverifiedSSL: os.Getenv("VSPHERE_ALLOW_UNVERIFIED_SSL") == "true", Datacenter: os.Getenv("VSPHERE_DATACENTER"),
	})
	if err != nil {
		return err
	}
	defer func() { _ = client.Logout(context.WithoutCancel(ctx)) }()
	machines := machine.New(client)
	ref, err := machines.Find(ctx, state.RootModule().Resources[web].Primary.ID)
	if err != nil {
		return err
	}
	return do(ctx, machines, ref)
}
