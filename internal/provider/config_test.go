package provider

import (
	"context"
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
)

// written makes the provider's configuration of what is written: texts, numbers, flags, lists
// and blocks. What is not there is null, or no block.
func written(t *testing.T, values map[string]any) tftypes.Value {
	t.Helper()
	var resp provider.SchemaResponse
	new(vmoperator).Schema(t.Context(), provider.SchemaRequest{}, &resp)
	return valueOf(resp.Schema.Type().TerraformType(t.Context()), values)
}

// later stands for a value that is not known yet.
type later struct{}

func valueOf(shape tftypes.Type, from any) tftypes.Value {
	if _, ok := from.(later); ok {
		return tftypes.NewValue(shape, tftypes.UnknownValue)
	}
	switch s := shape.(type) {
	case tftypes.Object:
		values, ok := from.(map[string]any)
		if !ok {
			return tftypes.NewValue(shape, nil)
		}
		out := map[string]tftypes.Value{}
		for name, kind := range s.AttributeTypes {
			out[name] = valueOf(kind, values[name])
		}
		return tftypes.NewValue(shape, out)
	case tftypes.List:
		elements, ok := from.([]any)
		if _, isBlock := s.ElementType.(tftypes.Object); !ok && !isBlock {
			return tftypes.NewValue(shape, nil)
		}
		out := make([]tftypes.Value, len(elements))
		for i, element := range elements {
			out[i] = valueOf(s.ElementType, element)
		}
		return tftypes.NewValue(shape, out)
	default:
		return tftypes.NewValue(shape, from)
	}
}

// decoded is the configuration that is written.
func decoded(t *testing.T, values map[string]any) *config {
	t.Helper()
	var resp provider.SchemaResponse
	new(vmoperator).Schema(t.Context(), provider.SchemaRequest{}, &resp)
	out := new(config)
	if diags := (tfsdk.Config{Raw: written(t, values), Schema: resp.Schema}).Get(t.Context(), out); diags.HasError() {
		t.Fatal(diags)
	}
	return out
}

// connectionEnv is a whole connection, in the environment.
var connectionEnv = map[string]string{
	envServer: "env.example.com", envUser: "env-user", envPassword: "env-password", envAllowUnverifiedSSL: "true",
	envCACertificates: "env-ca", envThumbprint: "env-thumbprint", envDatacenter: "env-dc", envMaxConcurrentRequests: "7",
}

// clearEnv takes every variable of the provider out of the environment, and puts others in.
func clearEnv(t *testing.T, variables map[string]string) {
	t.Helper()
	for name := range connectionEnv {
		t.Setenv(name, variables[name])
	}
	t.Setenv(envNamespace, variables[envNamespace])
}

func TestTheConfigurationGoesBeforeTheEnvironment(t *testing.T) {
	all := map[string]any{
		"vsphere_server": "vc.example.com", "user": "me", "password": "secret", "allow_unverified_ssl": false,
		"ca_certificates": "ca", "thumbprint": "aa:bb", "datacenter": "DC0", "max_concurrent_requests": 5,
	}
	fromConfig := vsphere.Config{Server: "vc.example.com", User: "me", Password: "secret", CACertificates: "ca", Thumbprint: "aa:bb", Datacenter: "DC0", MaxConcurrentRequests: 5}
	fromEnv := vsphere.Config{
		Server: "env.example.com", User: "env-user", Password: "env-password", AllowUnverifiedSSL: true,
		CACertificates: "env-ca", Thumbprint: "env-thumbprint", Datacenter: "env-dc", MaxConcurrentRequests: 7,
	}
	mixed := fromEnv
	mixed.User, mixed.AllowUnverifiedSSL = "me", false
	for name, test := range map[string]struct {
		config map[string]any
		env    map[string]string
		want   vsphere.Config
	}{
		"configuration alone": {all, nil, fromConfig},
		"environment alone":   {nil, connectionEnv, fromEnv},
		"both":                {all, connectionEnv, fromConfig},
		"each by itself":      {map[string]any{"user": "me", "allow_unverified_ssl": false}, connectionEnv, mixed},
	} {
		t.Run(name, func(t *testing.T) {
			clearEnv(t, test.env)
			got, diags := decoded(t, test.config).connection(os.Getenv)
			if diff := cmp.Diff(test.want, got); diff != "" || diags.HasError() {
				t.Errorf("%v (-want +got):\n%s", diags, diff)
			}
		})
	}
}

func TestWhatIsMissingOrWrongIsSaidWithBothOfItsNames(t *testing.T) {
	for name, test := range map[string]struct {
		env  map[string]string
		want []string
	}{
		"nothing":            {nil, []string{"vsphere_server", envServer, "user", envUser, "password", envPassword}},
		"no flag":            {map[string]string{envServer: "a", envUser: "b", envPassword: "c", envAllowUnverifiedSSL: "yes please"}, []string{envAllowUnverifiedSSL, "yes please"}},
		"no number":          {map[string]string{envServer: "a", envUser: "b", envPassword: "c", envMaxConcurrentRequests: "many"}, []string{envMaxConcurrentRequests, "many"}},
		"no positive number": {map[string]string{envServer: "a", envUser: "b", envPassword: "c", envMaxConcurrentRequests: "0"}, []string{envMaxConcurrentRequests}},
	} {
		t.Run(name, func(t *testing.T) {
			clearEnv(t, test.env)
			_, diags := decoded(t, nil).connection(os.Getenv)
			var text strings.Builder
			for _, diagnostic := range diags {
				text.WriteString(diagnostic.Detail())
			}
			for _, want := range test.want {
				if !strings.Contains(text.String(), want) {
					t.Errorf("%s is not in %q", want, text.String())
				}
			}
		})
	}
}

func TestAConfigurationIsKnownAsAWholeOrNot(t *testing.T) {
	t.Parallel()
	namespace := func(change map[string]any) map[string]any {
		out := map[string]any{"name": "a", "content_libraries": []any{"one"}}
		for name, value := range change {
			out[name] = value
		}
		return map[string]any{"namespace": []any{out}}
	}
	class := func(memory any) map[string]any {
		return map[string]any{"virtual_machine_class": []any{map[string]any{"name": "a", "hardware": map[string]any{"cpus": 1, "memory": memory}}}}
	}
	for name, test := range map[string]struct {
		config map[string]any
		want   bool
	}{
		"nothing":                   {nil, true},
		"blocks":                    {namespace(nil), true},
		"class":                     {class("1Gi"), true},
		"server":                    {map[string]any{"vsphere_server": later{}}, false},
		"flag":                      {map[string]any{"allow_unverified_ssl": later{}}, false},
		"number":                    {map[string]any{"max_concurrent_requests": later{}}, false},
		"list":                      {map[string]any{"cluster_content_libraries": later{}}, false},
		"element":                   {map[string]any{"cluster_content_libraries": []any{"a", later{}}}, false},
		"dynamic blocks":            {map[string]any{"namespace": later{}}, false},
		"attribute of a block":      {namespace(map[string]any{"folder": later{}}), false},
		"element of a block's list": {namespace(map[string]any{"content_libraries": []any{later{}}}), false},
		"deep in a class":           {class(later{}), false},
		"naming strategy":           {map[string]any{"content_library": []any{map[string]any{"name": "a", "naming_strategy": "FromItemID"}}}, true},
		"unknown naming strategy":   {map[string]any{"content_library": []any{map[string]any{"name": "a", "naming_strategy": later{}}}}, false},
		"unknown library":           {map[string]any{"content_library": []any{map[string]any{"name": later{}}}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := decoded(t, test.config).known(); got != test.want {
				t.Errorf("known is %v, want %v", got, test.want)
			}
		})
	}
}

func TestNamespacesAreDecoded(t *testing.T) {
	t.Parallel()
	got, diags := decoded(t, map[string]any{"namespace": []any{
		map[string]any{"name": "bare"},
		map[string]any{
			"name": "full", "content_libraries": []any{"a", "b"}, "resource_pool": "pool", "folder": "folder", "datastore": "datastore",
			"default_network": "network", "default_storage_class": "gold", "nameservers": []any{"192.0.2.53", "2001:db8::53"}, "search_domains": []any{"example.com"},
		},
	}}).namespaces(t.Context())
	want := map[string]backend.Namespace{
		"bare": {NamespaceSpec: inventory.NamespaceSpec{Name: "bare"}},
		"full": {ContentLibraries: []string{"a", "b"}, NamespaceSpec: inventory.NamespaceSpec{
			Name: "full", ResourcePool: "pool", Folder: "folder", Datastore: "datastore", DefaultNetwork: "network", DefaultStorageClass: "gold",
			Nameservers: []netip.Addr{netip.MustParseAddr("192.0.2.53"), netip.MustParseAddr("2001:db8::53")}, SearchDomains: []string{"example.com"},
		}},
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" || diags.HasError() {
		t.Errorf("%v (-want +got):\n%s", diags, diff)
	}
}

func TestNamingStrategiesAreThoseOfVMOperator(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		blocks []any
		want   map[string]image.NamingStrategy
	}{
		"no block": {nil, nil},
		"blocks": {
			[]any{map[string]any{"name": "a", "naming_strategy": "PreferItemSourceID"}, map[string]any{"name": "b", "naming_strategy": "FromItemID"}, map[string]any{"name": "c"}},
			map[string]image.NamingStrategy{"a": image.PreferItemSourceID, "b": image.FromItemID, "c": image.FromItemID},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, diags := decoded(t, map[string]any{"content_library": test.blocks}).namingStrategies(t.Context())
			if diff := cmp.Diff(test.want, got); diff != "" || diags.HasError() {
				t.Errorf("%v (-want +got):\n%s", diags, diff)
			}
		})
	}
}

func TestClassesAreDecodedAndJudged(t *testing.T) {
	t.Parallel()
	class := func(hardware, requests, limits any) map[string]any {
		return map[string]any{"name": "a", "hardware": hardware, "policies": map[string]any{"resources": map[string]any{"requests": requests, "limits": limits}}}
	}
	size := map[string]any{"cpus": 2, "memory": "4Gi"}
	number := func(n int64) *int64 { return &n }
	for name, test := range map[string]struct {
		blocks []any
		want   inventory.Class
		err    string
	}{
		"size alone": {[]any{map[string]any{"name": "a", "hardware": size}}, inventory.Class{Name: "a", CPUs: 2, MemoryBytes: 4 << 30}, ""},
		"all of it": {
			[]any{class(size, map[string]any{"cpu": "500m", "memory": "1Gi"}, map[string]any{"cpu": "2", "memory": "4Gi"})},
			inventory.Class{
				Name: "a", CPUs: 2, MemoryBytes: 4 << 30,
				Resources: inventory.Resources{CPURequestMilli: number(500), CPULimitMilli: number(2000), MemoryRequestBytes: number(1 << 30), MemoryLimitBytes: number(4 << 30)},
			},
			"",
		},
		"no hardware":        {[]any{map[string]any{"name": "a"}}, inventory.Class{Name: "a"}, "how many CPUs"},
		"no memory":          {[]any{class(map[string]any{"cpus": 2}, nil, nil)}, inventory.Class{Name: "a", CPUs: 2}, "how much memory"},
		"unknown hardware":   {[]any{class(later{}, nil, nil)}, inventory.Class{Name: "a"}, ""},
		"unknown memory":     {[]any{class(map[string]any{"cpus": 2, "memory": later{}}, nil, nil)}, inventory.Class{Name: "a", CPUs: 2}, ""},
		"request over limit": {[]any{class(size, map[string]any{"cpu": "3"}, map[string]any{"cpu": "2"})}, inventory.Class{Name: "a", CPUs: 2, MemoryBytes: 4 << 30, Resources: inventory.Resources{CPURequestMilli: number(3000), CPULimitMilli: number(2000)}}, "reserves 3 of cpu"},
		"memory over limit":  {[]any{class(size, map[string]any{"memory": "3Gi"}, map[string]any{"memory": "2Gi"})}, inventory.Class{Name: "a", CPUs: 2, MemoryBytes: 4 << 30, Resources: inventory.Resources{MemoryRequestBytes: number(3 << 30), MemoryLimitBytes: number(2 << 30)}}, "reserves 3Gi of memory"},
		"unknown limit":      {[]any{class(size, map[string]any{"cpu": "3"}, map[string]any{"cpu": later{}})}, inventory.Class{Name: "a", CPUs: 2, MemoryBytes: 4 << 30, Resources: inventory.Resources{CPURequestMilli: number(3000)}}, ""},
		"one name twice":     {[]any{map[string]any{"name": "a", "hardware": size}, map[string]any{"name": "a", "hardware": size}}, inventory.Class{Name: "a", CPUs: 2, MemoryBytes: 4 << 30}, "two virtual_machine_class blocks"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, diags := decoded(t, map[string]any{"virtual_machine_class": test.blocks}).classes(t.Context())
			if diff := cmp.Diff(test.want, got[0]); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			var text strings.Builder
			for _, diagnostic := range diags {
				text.WriteString(diagnostic.Detail())
			}
			if (test.err == "") != (text.Len() == 0) || !strings.Contains(text.String(), test.err) {
				t.Errorf("%q is said, want %q", text.String(), test.err)
			}
		})
	}
}

func TestTheUserAgentNamesWhoRunsIt(t *testing.T) {
	t.Setenv("TF_APPEND_USER_AGENT", "ci/1")
	if got, want := userAgent("1.2.3", "1.11.0"), "terraform-provider-vmoperator/1.2.3 Terraform/1.11.0 ci/1"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// configured validates and configures a provider, and returns what is said about it.
func configured(t *testing.T, values map[string]any) string {
	t.Helper()
	sessions := new(Sessions)
	t.Cleanup(func() { sessions.Close(context.WithoutCancel(t.Context())) })
	server := providerserver.NewProtocol6(New("test", sessions)())()
	value := written(t, values)
	dynamic, err := tfprotov6.NewDynamicValue(value.Type(), value)
	if err != nil {
		t.Fatal(err)
	}
	validated, err := server.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: &dynamic})
	if err != nil {
		t.Fatal(err)
	}
	diags := validated.Diagnostics
	if len(diags) == 0 {
		resp, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: &dynamic})
		if err != nil {
			t.Fatal(err)
		}
		diags = resp.Diagnostics
	}
	lines := make([]string, len(diags))
	for i, diagnostic := range diags {
		lines[i] = diagnostic.Severity.String() + " " + diagnostic.Attribute.String() + " " + diagnostic.Summary
	}
	return strings.Join(lines, "\n")
}

func TestConfigureSaysWhatIsWrongAndAsksNobody(t *testing.T) {
	complete := func(more map[string]any) map[string]any {
		out := map[string]any{"vsphere_server": "vc.example.invalid", "user": "me", "password": "secret"}
		for name, value := range more {
			out[name] = value
		}
		return out
	}
	for name, test := range map[string]struct {
		config map[string]any
		env    map[string]string
		want   string
	}{
		"complete":             {config: complete(nil)},
		"from the environment": {env: map[string]string{envServer: "vc.example.invalid", envUser: "me", envPassword: "secret"}},
		// An unknown server is not the one of the environment, and nothing is missing yet.
		"unknown":                  {config: map[string]any{"vsphere_server": later{}}},
		"no password":              {config: map[string]any{"vsphere_server": "a", "user": "b"}, want: "Missing provider configuration"},
		"unverified":               {config: complete(map[string]any{"allow_unverified_ssl": true}), want: "WARNING"},
		"no such namespace":        {config: complete(map[string]any{"default_namespace": "team-a"}), want: "No such namespace"},
		"namespace of environment": {config: complete(nil), env: map[string]string{envNamespace: "team-a"}, want: "No such namespace"},
		"a namespace twice":        {config: complete(map[string]any{"namespace": []any{map[string]any{"name": "a"}, map[string]any{"name": "a"}}}), want: "Duplicate name"},
		"a library twice":          {config: complete(map[string]any{"content_library": []any{map[string]any{"name": "a"}, map[string]any{"name": "a", "naming_strategy": "PreferItemSourceID"}}}), want: "Duplicate name"},
		"a strategy of nobody":     {config: complete(map[string]any{"content_library": []any{map[string]any{"name": "a", "naming_strategy": "preferItemSourceID"}}}), want: "naming_strategy"},
		"a strategy":               {config: complete(map[string]any{"content_library": []any{map[string]any{"name": "a", "naming_strategy": "PreferItemSourceID"}}})},
		"a class without size":     {config: complete(map[string]any{"virtual_machine_class": []any{map[string]any{"name": "a"}}}), want: "Missing size of a class"},
		"too many requests":        {config: complete(map[string]any{"max_concurrent_requests": 1001}), want: "max_concurrent_requests"},
		"bad certificates":         {config: complete(map[string]any{"ca_certificates": "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----"}), want: "Invalid provider configuration"},
	} {
		t.Run(name, func(t *testing.T) {
			clearEnv(t, test.env)
			got := configured(t, test.config)
			if (test.want == "") != (got == "") || !strings.Contains(got, test.want) {
				t.Errorf("it says %q, want %q", got, test.want)
			}
		})
	}
}
