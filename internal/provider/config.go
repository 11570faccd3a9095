package provider

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
)

// config is the provider's configuration.
type config struct {
	Server                  types.String `tfsdk:"vsphere_server"`
	User                    types.String `tfsdk:"user"`
	Password                types.String `tfsdk:"password"`
	AllowUnverifiedSSL      types.Bool   `tfsdk:"allow_unverified_ssl"`
	CACertificates          types.String `tfsdk:"ca_certificates"`
	Thumbprint              types.String `tfsdk:"thumbprint"`
	Datacenter              types.String `tfsdk:"datacenter"`
	DefaultNamespace        types.String `tfsdk:"default_namespace"`
	ClusterContentLibraries types.List   `tfsdk:"cluster_content_libraries"`
	MaxConcurrentRequests   types.Int64  `tfsdk:"max_concurrent_requests"`
	Namespace               types.List   `tfsdk:"namespace"`
	ContentLibrary          types.List   `tfsdk:"content_library"`
	VirtualMachineClass     types.List   `tfsdk:"virtual_machine_class"`
}

// The environment variables: the names that vSphere users already export.
const (
	envServer                = "VSPHERE_SERVER"
	envUser                  = "VSPHERE_USER"
	envPassword              = "VSPHERE_PASSWORD" //nolint:gosec // the name of a variable
	envAllowUnverifiedSSL    = "VSPHERE_ALLOW_UNVERIFIED_SSL"
	envCACertificates        = "VSPHERE_CA_CERTIFICATES"
	envThumbprint            = "VSPHERE_THUMBPRINT"
	envDatacenter            = "VSPHERE_DATACENTER"
	envNamespace             = "VMOPERATOR_NAMESPACE"
	envMaxConcurrentRequests = "VSPHERE_MAX_CONCURRENT_REQUESTS"
)

// Configure implements provider.Provider. It does not touch the network: the session opens
// when something first needs vCenter.
func (p *vmoperator) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var cfg config
	resp.Diagnostics.Append(req.Config.Get(ctx, &cfg)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !cfg.known() {
		// An unknown value must not fall back to the environment: that would be another
		// vCenter than the one that was meant.
		deferred := &backend.Backend{Deferred: true}
		resp.ResourceData, resp.DataSourceData = deferred, deferred
		return
	}
	connection, diags := cfg.connection(p.environment)
	resp.Diagnostics.Append(diags...)
	namespaces, diags := cfg.namespaces(ctx)
	resp.Diagnostics.Append(diags...)
	classes, diags := cfg.classes(ctx)
	resp.Diagnostics.Append(diags...)
	strategies, diags := cfg.namingStrategies(ctx)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	connection.UserAgent = userAgent(p.version, req.TerraformVersion)
	client, err := vsphere.New(connection)
	if err != nil {
		resp.Diagnostics.AddError("Invalid provider configuration", err.Error())
		return
	}
	if connection.AllowUnverifiedSSL {
		resp.Diagnostics.AddAttributeWarning(path.Root("allow_unverified_ssl"), "The server certificate is not verified",
			"Anybody between here and vCenter can read the password and the guests' secrets. Set ca_certificates or thumbprint instead.")
	}
	p.sessions.add(client)

	configured := backend.New(client)
	configured.DefaultNamespace = p.environment.text(cfg.DefaultNamespace, envNamespace, backend.DefaultNamespace)
	configured.Namespaces = namespaces
	configured.Classes = classes
	configured.NamingStrategies = strategies
	if !cfg.ClusterContentLibraries.IsNull() {
		configured.ClusterLibraries, _ = known.Elements(fwtypes.Strings(cfg.ClusterContentLibraries))
		if configured.ClusterLibraries == nil {
			configured.ClusterLibraries = []string{}
		}
	}
	if _, err := configured.Namespace(configured.DefaultNamespace); err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("default_namespace"), "No such namespace", err.Error())
		return
	}
	resp.ResourceData, resp.DataSourceData = configured, configured
}

// known reports whether the whole configuration is known.
func (c *config) known() bool {
	for _, value := range []attr.Value{
		c.Server, c.User, c.Password, c.AllowUnverifiedSSL, c.CACertificates, c.Thumbprint, c.Datacenter,
		c.DefaultNamespace, c.ClusterContentLibraries, c.MaxConcurrentRequests, c.Namespace, c.ContentLibrary, c.VirtualMachineClass,
	} {
		if !wholly(value) {
			return false
		}
	}
	return true
}

// wholly reports whether a value and everything in it is known.
func wholly(value attr.Value) bool {
	if value.IsUnknown() {
		return false
	}
	switch v := value.(type) {
	case types.List:
		for _, element := range v.Elements() {
			if !wholly(element) {
				return false
			}
		}
	case types.Object:
		for _, attribute := range v.Attributes() {
			if !wholly(attribute) {
				return false
			}
		}
	}
	return true
}

// connection says where vCenter is: the configuration, else the environment.
func (c *config) connection(env environment) (vsphere.Config, diag.Diagnostics) {
	var diags diag.Diagnostics
	out := vsphere.Config{
		Server:         env.text(c.Server, envServer, ""),
		User:           env.text(c.User, envUser, ""),
		Password:       env.text(c.Password, envPassword, ""),
		CACertificates: env.text(c.CACertificates, envCACertificates, ""),
		Thumbprint:     env.text(c.Thumbprint, envThumbprint, ""),
		Datacenter:     env.text(c.Datacenter, envDatacenter, ""),
	}
	for _, required := range []struct{ attribute, variable, value, what string }{
		{"vsphere_server", envServer, out.Server, "the host name of vCenter"},
		{"user", envUser, out.User, "the user to log in as"},
		{"password", envPassword, out.Password, "the user's password"},
	} {
		if required.value == "" {
			diags.AddAttributeError(path.Root(required.attribute), "Missing provider configuration",
				fmt.Sprintf("Neither %s nor the environment variable %s says %s. Set one of them.", required.attribute, required.variable, required.what))
		}
	}
	out.AllowUnverifiedSSL = c.AllowUnverifiedSSL.ValueBool()
	if value := env(envAllowUnverifiedSSL); c.AllowUnverifiedSSL.IsNull() && value != "" {
		parsed, err := strconv.ParseBool(value)
		if err != nil {
			diags.AddAttributeError(path.Root("allow_unverified_ssl"), "Invalid environment variable",
				fmt.Sprintf("%s is %q, and true or false is needed.", envAllowUnverifiedSSL, value))
		}
		out.AllowUnverifiedSSL = parsed
	}
	out.MaxConcurrentRequests = int(c.MaxConcurrentRequests.ValueInt64())
	if value := env(envMaxConcurrentRequests); c.MaxConcurrentRequests.IsNull() && value != "" {
		parsed, err := strconv.Atoi(value)
		if err != nil || parsed < 1 {
			diags.AddAttributeError(path.Root("max_concurrent_requests"), "Invalid environment variable",
				fmt.Sprintf("%s is %q, and a whole number of at least 1 is needed.", envMaxConcurrentRequests, value))
		}
		out.MaxConcurrentRequests = parsed
	}
	return out, diags
}

// environment looks a variable up, empty where there is none: os.Getenv mostly.
type environment func(variable string) string

func (env environment) text(value types.String, variable, fallback string) string {
	if !value.IsNull() {
		return value.ValueString()
	}
	if found := env(variable); found != "" {
		return found
	}
	return fallback
}

// userAgent is what vCenter shows for the session. TF_APPEND_USER_AGENT is Terraform's
// convention for whoever runs it.
func userAgent(version, cli string) string {
	agent := "terraform-provider-vmoperator/" + version + " Terraform/" + cli
	if more := os.Getenv("TF_APPEND_USER_AGENT"); more != "" {
		agent += " " + more
	}
	return agent
}

type namespaceModel struct {
	Name                types.String `tfsdk:"name"`
	ContentLibraries    types.List   `tfsdk:"content_libraries"`
	ResourcePool        types.String `tfsdk:"resource_pool"`
	Folder              types.String `tfsdk:"folder"`
	Datastore           types.String `tfsdk:"datastore"`
	DefaultNetwork      types.String `tfsdk:"default_network"`
	DefaultStorageClass types.String `tfsdk:"default_storage_class"`
	Nameservers         types.List   `tfsdk:"nameservers"`
	SearchDomains       types.List   `tfsdk:"search_domains"`
}

func (c *config) namespaces(ctx context.Context) (map[string]backend.Namespace, diag.Diagnostics) {
	blocks, diags := fwtypes.Blocks[namespaceModel](ctx, c.Namespace)
	models, _ := blocks.Get()
	out := make(map[string]backend.Namespace, len(models))
	for _, block := range models {
		namespace := backend.Namespace{NamespaceSpec: inventory.NamespaceSpec{
			Name:                block.Name.ValueString(),
			ResourcePool:        block.ResourcePool.ValueString(),
			Folder:              block.Folder.ValueString(),
			Datastore:           block.Datastore.ValueString(),
			DefaultNetwork:      block.DefaultNetwork.ValueString(),
			DefaultStorageClass: block.DefaultStorageClass.ValueString(),
		}}
		namespace.ContentLibraries, _ = known.Elements(fwtypes.Strings(block.ContentLibraries))
		namespace.SearchDomains, _ = known.Elements(fwtypes.Strings(block.SearchDomains))
		servers, _ := known.Elements(fwtypes.Strings(block.Nameservers))
		for _, server := range servers {
			if addr, err := netip.ParseAddr(server); err == nil {
				namespace.Nameservers = append(namespace.Nameservers, addr)
			}
		}
		out[namespace.Name] = namespace
	}
	return out, diags
}

// ValidateConfig implements provider.ProviderWithValidateConfig.
func (p *vmoperator) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var cfg config
	resp.Diagnostics.Append(req.Config.Get(ctx, &cfg)...)
	if resp.Diagnostics.HasError() {
		return
	}
	namespaces, diags := fwtypes.Blocks[namespaceModel](ctx, cfg.Namespace)
	resp.Diagnostics.Append(diags...)
	models, _ := namespaces.Get()
	seen := map[string]bool{}
	for i, block := range models {
		resp.Diagnostics.Append(unique(seen, block.Name, path.Root("namespace").AtListIndex(i).AtName("name"), "namespace")...)
	}
	_, diags = cfg.classes(ctx)
	resp.Diagnostics.Append(diags...)
	_, diags = cfg.namingStrategies(ctx)
	resp.Diagnostics.Append(diags...)
}

func unique(seen map[string]bool, name types.String, at path.Path, what string) (diags diag.Diagnostics) {
	if name.IsUnknown() || name.IsNull() {
		return diags
	}
	if seen[name.ValueString()] {
		diags.AddAttributeError(at, "Duplicate name", fmt.Sprintf("There are two %s blocks named %q. Give each its own name.", what, name.ValueString()))
	}
	seen[name.ValueString()] = true
	return diags
}
