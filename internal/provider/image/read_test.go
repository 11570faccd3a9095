package image

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// connect starts a vCenter and returns a configured provider's side of it, logged in.
func connect(t *testing.T) (*simulator.Simulator, *backend.Backend) {
	t.Helper()
	sim := simulator.Start(t)
	client, err := vsphere.New(vsphere.Config{
		Server: sim.Host, User: simulator.User, Password: simulator.Password, CACertificates: sim.CAPEM,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Logout(context.Background()) })
	if _, err := client.REST(t.Context()); err != nil {
		t.Fatal(err)
	}
	configured := backend.New(client)
	configured.DefaultNamespace = backend.DefaultNamespace
	return sim, configured
}

// readImages reads the data source with no argument set.
func readImages(t *testing.T, configured *backend.Backend) (dataSourcesModel, datasource.ReadResponse) {
	t.Helper()
	source := NewDataSources().(datasource.DataSourceWithConfigure)
	source.Configure(t.Context(), datasource.ConfigureRequest{ProviderData: configured}, new(datasource.ConfigureResponse))
	var schema datasource.SchemaResponse
	source.Schema(t.Context(), datasource.SchemaRequest{}, &schema)
	kind := schema.Schema.Type().TerraformType(t.Context()).(tftypes.Object)
	nothing := make(map[string]tftypes.Value, len(kind.AttributeTypes))
	for name, attribute := range kind.AttributeTypes {
		nothing[name] = tftypes.NewValue(attribute, nil)
	}
	resp := datasource.ReadResponse{State: tfsdk.State{Schema: schema.Schema}}
	source.Read(t.Context(), datasource.ReadRequest{
		Config: tfsdk.Config{Schema: schema.Schema, Raw: tftypes.NewValue(kind, nothing)},
	}, &resp)
	var model dataSourcesModel
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Get(t.Context(), &model)...)
	}
	return model, resp
}

func TestListingImagesCostsWhatTheCatalogueDoes(t *testing.T) {
	sim, configured := connect(t)
	before := configured.Client.Calls()
	model, resp := readImages(t, configured)
	if resp.Diagnostics.HasError() || len(model.Images.Elements()) != 11 {
		t.Fatalf("%d images, %v", len(model.Images.Elements()), resp.Diagnostics)
	}
	// The ids of three types, 3 libraries, 11 items, and 5 for each of 10 descriptors.
	if calls := configured.Client.Calls() - before; calls != 3+3+11+50 {
		t.Errorf("%d calls, want 67: %v", calls, sim.Calls())
	}
	before = configured.Client.Calls()
	readImages(t, configured)
	if calls := configured.Client.Calls() - before; calls != 3 {
		t.Errorf("another data source cost %d calls, want 3", calls)
	}
}

func TestAnImageThatCannotBeListedIsAWarning(t *testing.T) {
	sim, configured := connect(t)
	if err := sim.FailREST("GET /rest/com/vmware/content/library/item/{id}", http.StatusForbidden); err != nil {
		t.Fatal(err)
	}
	model, resp := readImages(t, configured)
	if resp.Diagnostics.HasError() || len(model.Images.Elements()) != 10 {
		t.Errorf("%d images, %v, want 10 and a warning", len(model.Images.Elements()), resp.Diagnostics)
	}
	warnings := resp.Diagnostics.Warnings()
	if len(warnings) != 1 || warnings[0].Summary() != "Images are missing in the list" || !strings.Contains(warnings[0].Detail(), "left out") {
		t.Errorf("warnings %v", warnings)
	}
	for _, element := range model.Images.Elements() {
		if element.IsNull() || element.(types.Object).Attributes()["name"].IsNull() {
			t.Errorf("image %v", element)
		}
	}
}
