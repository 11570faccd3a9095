package provider

import (
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	vapi "github.com/vmware/govmomi/vapi/library"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// photonID is the VMI ID of the simulator's item "Photon OS 5.0".
const photonID = "vmi-0a0044d7c690bcbea"

// Subscribe makes the library "copies", which is subscribed to base-images, and returns the id of
// the copy of an item.
func Subscribe(t *testing.T, sim *simulator.Simulator, source string) string {
	t.Helper()
	session, out := SignInREST(t, sim)
	defer out()
	items := vapi.NewManager(session)
	base, err := items.GetLibraryByID(t.Context(), simulator.LibraryBaseImagesID)
	if err != nil {
		t.Fatal(err)
	}
	onDemand := false
	id, err := items.CreateLibrary(t.Context(), vapi.Library{
		Name: "copies", Type: "SUBSCRIBED", Storage: base.Storage,
		Subscription: &vapi.Subscription{OnDemand: &onDemand, SubscriptionURL: "http://publisher.example.com/" + base.ID, AuthenticationMethod: "NONE"},
	})
	if err != nil {
		t.Fatal(err)
	}
	copies, err := items.GetLibraryItems(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range copies {
		if item.SourceID == source {
			return item.ID
		}
	}
	t.Fatalf("no copy of %s among %v", source, copies)
	return ""
}

// imageRead reads the image data source with a provider that is configured, and returns the
// image's VMI ID and what is said about it.
func imageRead(t *testing.T, configuration map[string]any, name string) (string, string) {
	t.Helper()
	sessions := new(Sessions)
	t.Cleanup(func() { sessions.Close(context.WithoutCancel(t.Context())) })
	server := providerserver.NewProtocol6(New("test", sessions)())()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	wire := func(value tftypes.Value) *tfprotov6.DynamicValue {
		dynamic, err := tfprotov6.NewDynamicValue(value.Type(), value)
		if err != nil {
			t.Fatal(err)
		}
		return &dynamic
	}
	resp, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: wire(written(t, configuration))})
	if err != nil || len(resp.Diagnostics) > 0 {
		t.Fatal(err, resp)
	}
	const source = "vmoperator_virtual_machine_image"
	shape := schemas.DataSourceSchemas[source].ValueType()
	read, err := server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: source, Config: wire(valueOf(shape, map[string]any{"image_name": name})),
	})
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, diagnostic := range read.Diagnostics {
		said = append(said, diagnostic.Attribute.String()+" "+diagnostic.Summary+": "+diagnostic.Detail)
	}
	if len(said) > 0 {
		return "", strings.Join(said, "\n")
	}
	state, err := read.State.Unmarshal(shape)
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]tftypes.Value
	if err := state.As(&members); err != nil {
		t.Fatal(err)
	}
	var id string
	if err := members["name"].As(&id); err != nil {
		t.Fatal(err)
	}
	return id, ""
}

func TestANamingStrategyDecidesTheVMIIDsOfASubscribedLibrary(t *testing.T) {
	clearEnv(t, nil)
	sim := simulator.Start(t)
	own := string(image.NewID(Subscribe(t, sim, simulator.ItemPhoton)))
	connection := sim.Connection()
	for name, test := range map[string]struct {
		libraries []any // content_library
		asked     string
		id        string
		said      []string
	}{
		"no block":                       {nil, "Photon OS 5.0", own, nil},
		"the default":                    {[]any{map[string]any{"name": "copies"}}, own, own, nil},
		"their own":                      {[]any{map[string]any{"name": "copies", "naming_strategy": "FromItemID"}}, own, own, nil},
		"their source's":                 {[]any{map[string]any{"name": "copies", "naming_strategy": "PreferItemSourceID"}}, "Photon OS 5.0", photonID, nil},
		"their source's, asked by it":    {[]any{map[string]any{"name": "copies", "naming_strategy": "PreferItemSourceID"}}, photonID, photonID, nil},
		"their source's, asked by own":   {[]any{map[string]any{"name": "copies", "naming_strategy": "PreferItemSourceID"}}, own, "", []string{"image_name", own}},
		"of a library that is not there": {[]any{map[string]any{"name": "copy", "naming_strategy": "PreferItemSourceID"}}, photonID, "", []string{`content_library "copy"`, `no content library "copy"`, `"copies"`}},
		"of a library with two names": {
			[]any{map[string]any{"name": "base-images"}, map[string]any{"name": simulator.LibraryBaseImagesID}},
			photonID, "",
			[]string{"base-images", simulator.LibraryBaseImagesID, "same library"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			id, said := imageRead(t, map[string]any{
				"vsphere_server": connection.Server, "user": connection.User, "password": connection.Password, "ca_certificates": connection.CAFile,
				"cluster_content_libraries": []any{"copies"}, "content_library": test.libraries,
			}, test.asked)
			if id != test.id || (said == "") != (test.said == nil) {
				t.Errorf("%q is %q, want %q. It says %q", test.asked, id, test.id, said)
			}
			for _, want := range test.said {
				if !strings.Contains(said, want) {
					t.Errorf("it says %q, want %q", said, want)
				}
			}
		})
	}
}
