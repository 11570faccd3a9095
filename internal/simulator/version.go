package simulator

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// DefaultAPIVersion is the version of the vSphere API that a simulator says it has, unless it
// is told another.
const DefaultAPIVersion = "8.0.3.0"

var versionSyntax = regexp.MustCompile(`^\d+(\.\d+){1,3}$`)

// APIVersion is the version of the vSphere API that the simulator says it has
// (ServiceContent.About.ApiVersion).
func (s *Simulator) APIVersion() string {
	v, _ := s.apiVersion.Load().(string)
	return v
}

// SetAPIVersion changes the version of the vSphere API, such as "8.0.2.0" or "9.1.0.0". Clients
// ask for it when they connect. What a newer version than that has brought is refused in
// requests that create, change, clone and customize machines, as an older vCenter refuses it.
func (s *Simulator) SetAPIVersion(version string) error {
	if !versionSyntax.MatchString(version) {
		return fmt.Errorf("the API version %q is not of numbers with dots between them, such as %s", version, DefaultAPIVersion)
	}
	instance, ok := s.registry().Get(serviceInstance).(*vcsim.ServiceInstance)
	if !ok {
		return fmt.Errorf("the service instance: %w", errNotFound)
	}
	ctx := s.context()
	ctx.WithLock(instance, func() {
		about := &instance.Content.About
		parts := append(strings.Split(version, "."), "0", "0")
		about.ApiVersion, about.Version = version, strings.Join(parts[:3], ".")
		about.FullName = fmt.Sprintf("VMware vCenter Server %s build-%s (simulated)", about.Version, about.Build)
	})
	s.apiVersion.Store(version)
	return nil
}

// tooNew is the fault of a request that says something that this version of the API does not
// know. A vCenter cannot even read it.
func (s *Simulator) tooNew(spec any) *soap.Fault {
	have := s.APIVersion()
	what, since := newest(reflect.ValueOf(spec), "spec", have)
	if what == "" {
		return nil
	}
	return vcsim.Fault(fmt.Sprintf("%s is of the vSphere API %s, and this one is %s", what, since, have), &types.InvalidRequest{})
}

// newerTypes are the types that are newer than the oldest API here. govmomi knows them, and
// tells nobody.
var newerTypes = map[string]string{
	"CustomizationCloudinitPrep":   "7.0.3.0",
	"CustomizationDisableIpV4":     "9.1.0.0",
	"CustomizationLinuxFlexPrep":   "9.1.0.0",
	"CustomizationWindowsFlexPrep": "9.1.0.0",
}

// newest finds something in a value that is newer than a version: a member with govmomi's
// "vim" tag, or an object of a newer type.
func newest(v reflect.Value, path, have string) (what, since string) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return "", ""
		}
		return newest(v.Elem(), path, have)
	case reflect.Slice:
		for i := range v.Len() {
			if what, since = newest(v.Index(i), fmt.Sprintf("%s[%d]", path, i), have); what != "" {
				return what, since
			}
		}
	case reflect.Struct:
		if since = newerTypes[v.Type().Name()]; before(have, since) {
			return path + ", a " + v.Type().Name() + ",", since
		}
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if !field.IsExported() || v.Field(i).IsZero() {
				continue
			}
			name, _, _ := strings.Cut(field.Tag.Get("xml"), ",")
			at := strings.TrimSuffix(path+"."+name, ".")
			if since = field.Tag.Get("vim"); before(have, since) {
				return at, since
			}
			if what, since = newest(v.Field(i), at, have); what != "" {
				return what, since
			}
		}
	default:
	}
	return "", ""
}

// before tells whether a version comes before another. No version comes before none.
func before(have, since string) bool {
	if since == "" {
		return false
	}
	a, b := strings.Split(have, "."), strings.Split(since, ".")
	for i := range b {
		x := 0
		if i < len(a) {
			x, _ = strconv.Atoi(a[i])
		}
		if y, _ := strconv.Atoi(b[i]); x != y {
			return x < y
		}
	}
	return false
}
