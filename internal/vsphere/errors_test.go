package vsphere

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/object"
	pbmtypes "github.com/vmware/govmomi/pbm/types"
	"github.com/vmware/govmomi/task"
	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

func moref(kind, value string) types.ManagedObjectReference {
	return types.ManagedObjectReference{Type: kind, Value: value}
}

var faultTable = []struct {
	fault types.BaseMethodFault
	kind  error
	text  string
}{
	{&types.InvalidLogin{}, ErrInvalidLogin, "Check user and password"},
	{&types.PasswordExpired{}, ErrInvalidLogin, "Check user and password"},
	{&types.NotAuthenticated{}, ErrNotPermitted, "does not know the session"},
	{&types.NoPermission{PrivilegeId: "VirtualMachine.Inventory.Create", Object: &types.ManagedObjectReference{Type: "Folder", Value: "group-v3"}}, ErrNotPermitted, `VirtualMachine.Inventory.Create on Folder "group-v3"`},
	{&types.NoPermission{MissingPrivileges: []types.NoPermissionEntityPrivileges{{Entity: moref("Network", "net-1"), PrivilegeIds: []string{"Network.Assign", "Network.Config"}}}}, ErrNotPermitted, `Network.Assign, Network.Config on Network "net-1"`},
	{&types.NoPermission{}, ErrNotPermitted, "lacks a privilege"},
	{&types.RestrictedByAdministrator{Details: "frozen"}, ErrNotPermitted, "frozen"},
	{&pbmtypes.PbmFaultNoPermission{}, ErrNotPermitted, "StorageProfile.View"},
	{&types.ManagedObjectNotFound{Obj: moref("VirtualMachine", "vm-12")}, ErrNotFound, `VirtualMachine "vm-12"`},
	{&types.FileNotFound{FileFault: types.FileFault{File: "[ds] a.vmdk"}}, ErrNotFound, "[ds] a.vmdk"},
	{&types.NotFound{}, ErrNotFound, "does not find"},
	{&pbmtypes.PbmFaultNotFound{}, ErrNotFound, "does not find"},
	{&types.DuplicateName{Name: "web", Object: moref("VirtualMachine", "vm-9")}, ErrAlreadyExists, `"web" is taken by VirtualMachine "vm-9"`},
	{&types.AlreadyExists{Name: "web"}, ErrAlreadyExists, `"web"`},
	{&types.FileAlreadyExists{FileFault: types.FileFault{File: "[ds] web"}}, ErrAlreadyExists, "[ds] web"},
	{&types.TaskInProgress{Task: moref("Task", "task-7")}, ErrTaskInProgress, `Task "task-7"`},
	{&types.InvalidPowerState{RequestedState: types.VirtualMachinePowerStatePoweredOff, ExistingState: types.VirtualMachinePowerStatePoweredOn}, ErrInvalidState, "is poweredOn and would have to be poweredOff"},
	{&types.InvalidPowerState{ExistingState: types.VirtualMachinePowerStateSuspended}, ErrInvalidState, "it is suspended"},
	{&types.InvalidState{}, ErrInvalidState, "state"},
	{&types.CustomizationPending{}, ErrInvalidState, "pending"},
	{&types.ResourceInUse{Type: "Disk", Name: "d1"}, ErrInvalidState, `Disk "d1" is in use`},
	{&types.FileLocked{FileFault: types.FileFault{File: "[ds] a"}}, ErrInvalidState, "locked"},
	{&types.HostNotConnected{}, ErrInvalidState, "cannot reach the host"},
	{&types.ToolsUnavailable{}, ErrInvalidState, "VMware Tools"},
	{&types.InaccessibleDatastore{InvalidDatastore: types.InvalidDatastore{Name: "ds"}}, ErrInvalidState, `"ds"`},
	{&types.ConcurrentAccess{}, ErrConflict, "Try again"},
	{&types.Timedout{}, ErrTimeout, "gave up"},
	{&types.RequestCanceled{}, ErrCanceled, "canceled"},
	{&types.NoDiskSpace{Datastore: "ds"}, ErrInsufficientResources, `"ds" is full`},
	{&types.InsufficientMemoryResourcesFault{}, ErrInsufficientResources, "free resources"},
	{&types.LicenseExpired{}, ErrInsufficientResources, "licences"},
	{&types.NotSupported{}, ErrUnsupported, "does not support"},
	{&types.NotImplemented{}, ErrUnsupported, "does not support"},
	{&types.MethodNotFound{Method: "CheckCustomizationSpec"}, ErrUnsupported, "CheckCustomizationSpec"},
	{&types.UncustomizableGuest{UncustomizableGuestOS: "Other"}, ErrUnsupported, `"Other"`},
	{&types.InvalidArgument{InvalidProperty: "spec.numCPUs"}, ErrInvalidArgument, "spec.numCPUs"},
	{&types.InvalidArgument{}, ErrInvalidArgument, "refused a value"},
	{&types.InvalidProperty{Name: "guest.nope"}, ErrInvalidArgument, `"guest.nope"`},
	{&types.InvalidName{Name: "a/b"}, ErrInvalidArgument, `"a/b"`},
	{&types.OutOfBounds{ArgumentName: "size"}, ErrInvalidArgument, "size is out of bounds"},
	{&types.InvalidDatastorePath{DatastorePath: "ds/a"}, ErrInvalidArgument, `"ds/a"`},
	{&types.NicSettingMismatch{NumberOfNicsInSpec: 1, NumberOfNicsInVM: 2}, ErrInvalidArgument, "settings for 1 network interfaces, and the virtual machine has 2"},
	{&types.InvalidDeviceSpec{InvalidVmConfig: types.InvalidVmConfig{Property: "deviceChange[1].backing"}, DeviceIndex: 1}, ErrInvalidArgument, "deviceChange[1].backing of device change 1"},
	{&types.GenericVmConfigFault{Reason: "x"}, ErrInvalidArgument, "refused the request"},
	{&types.CustomizationFault{}, ErrInvalidArgument, "refused the request"},
	// What is inside counts when the outside says nothing.
	{&types.SystemError{RuntimeFault: types.RuntimeFault{MethodFault: types.MethodFault{FaultCause: &types.LocalizedMethodFault{
		Fault: &types.NoDiskSpace{Datastore: "inner"}, LocalizedMessage: "Insufficient disk space.",
	}}}}, ErrInsufficientResources, `"inner" is full`},
}

func TestFaultsAreTranslated(t *testing.T) {
	t.Parallel()
	const what, message = `clone virtual machine "/DC0/vm/web" (vm-12)`, "Words of vCenter."
	for _, test := range faultTable {
		asSOAP := &soap.Fault{Code: "ServerFaultCode", String: message}
		asSOAP.Detail.Fault = test.fault
		for form, err := range map[string]error{
			"SOAP":    soap.WrapSoapFault(asSOAP),
			"task":    task.Error{LocalizedMethodFault: &types.LocalizedMethodFault{Fault: test.fault, LocalizedMessage: message}},
			"wrapped": fmt.Errorf("clone: %w", task.Error{LocalizedMethodFault: &types.LocalizedMethodFault{Fault: test.fault, LocalizedMessage: message}}),
		} {
			name := fmt.Sprintf("%s of %T", form, test.fault)
			got := Translate(err, what)
			if !errors.Is(got, test.kind) {
				t.Errorf("%s: %v is not %v", name, got, test.kind)
			}
			if n := countSentinels(got); n != 1 {
				t.Errorf("%s: %v is %d kinds at once", name, got, n)
			}
			if !fault.Is(got, test.fault) {
				t.Errorf("%s: the fault is lost", name)
			}
			text := got.Error()
			if !strings.HasPrefix(text, what+": ") || !strings.HasSuffix(text, ")") {
				t.Errorf("%s: %s", name, text)
			}
			own := strings.TrimPrefix(fmt.Sprintf("%T", test.fault), "*types.")
			for _, part := range []string{test.text, message, own} {
				if !strings.Contains(text, part) {
					t.Errorf("%s: %s\ndoes not mention %q", name, text, part)
				}
			}
		}
	}
}

func TestFieldsOfAFaultCanBeHad(t *testing.T) {
	t.Parallel()
	err := Translate(task.Error{LocalizedMethodFault: &types.LocalizedMethodFault{Fault: &types.TaskInProgress{Task: moref("Task", "task-7")}}}, "grow disk")
	var busy *types.TaskInProgress
	if _, ok := fault.As(fmt.Errorf("update: %w", err), &busy); !ok || busy.Task.Value != "task-7" {
		t.Errorf("fault.As finds %v in %v", busy, err)
	}
}

func countSentinels(err error) int {
	n := 0
	for _, sentinel := range sentinels {
		if errors.Is(err, sentinel) {
			n++
		}
	}
	return n
}

func TestDetailsOfAFaultAreKept(t *testing.T) {
	t.Parallel()
	err := task.Error{LocalizedMethodFault: &types.LocalizedMethodFault{
		LocalizedMessage: "Invalid configuration for device '0'.",
		Fault: &types.InvalidDeviceSpec{InvalidVmConfig: types.InvalidVmConfig{VmConfigFault: types.VmConfigFault{VimFault: types.VimFault{MethodFault: types.MethodFault{
			FaultMessage: []types.LocalizableMessage{{Key: "msg.x", Message: "Disk is too small."}},
			FaultCause:   &types.LocalizedMethodFault{Fault: &types.FileFault{File: "[ds] a"}, LocalizedMessage: "Unable to access file [ds] a"},
		}}}}},
	}}
	const want = "grow disk: vCenter refused device change 0 (InvalidDeviceSpec: Invalid configuration for device '0'.: Disk is too small.: FileFault: Unable to access file [ds] a)"
	if got := Translate(err, "grow disk").Error(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestUnknownErrorsKeepTheirText(t *testing.T) {
	t.Parallel()
	asSOAP := &soap.Fault{Code: "ServerFaultCode", String: "something rare"}
	asSOAP.Detail.Fault = &types.ActiveDirectoryFault{ErrorCode: 7}
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"fault":            {soap.WrapSoapFault(asSOAP), "do it: ActiveDirectoryFault: something rare"},
		"fault of no type": {soap.WrapSoapFault(&soap.Fault{Code: "ServerFaultCode", String: "strange"}), "do it: ServerFaultCode: strange"},
		"plain":            {errors.New("a plain error"), "do it: a plain error"},
		"simulator's task": {task.Error{LocalizedMethodFault: &types.LocalizedMethodFault{Fault: &types.ActiveDirectoryFault{}, LocalizedMessage: "*types.ActiveDirectoryFault"}}, "do it: ActiveDirectoryFault"},
	} {
		got := Translate(test.err, "do it")
		if got.Error() != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
		if countSentinels(got) != 0 || !errors.Is(got, test.err) {
			t.Errorf("%s: %v wraps the wrong things", name, got)
		}
	}
}

func TestRESTErrorsAreTranslated(t *testing.T) {
	t.Parallel()
	v := startVCenter(t)
	rc, err := v.client(t).REST(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		status int
		body   string
		kind   error
		text   string
	}{
		{400, `{"type":"com.vmware.vapi.std.errors.already_exists","value":{"messages":[{"args":[],"default_message":"Item web exists.","id":"x"}]}}`, ErrAlreadyExists, "Item web exists."},
		{400, `{"type":"com.vmware.vapi.std.errors.already_exists","value":{}}`, ErrAlreadyExists, "already_exists"},
		{400, `{"error_type":"NOT_ALLOWED_IN_CURRENT_STATE","messages":[{"default_message":"No."}]}`, ErrInvalidState, "No."},
		{400, `{"type":"com.vmware.vapi.std.errors.invalid_argument","value":{"error_type":"INVALID_ARGUMENT","messages":["plain"]}}`, ErrInvalidArgument, "plain"},
		{400, `not JSON`, ErrInvalidArgument, "not JSON"},
		{400, ``, ErrInvalidArgument, "400 Bad Request"},
		{403, `{"type":"com.vmware.vapi.std.errors.unauthorized","value":{"messages":[{"default_message":"Missing ContentLibrary.AddLibraryItem."}]}}`, ErrNotPermitted, "Missing ContentLibrary.AddLibraryItem."},
		{403, ``, ErrNotPermitted, "403 Forbidden"},
		{404, `{"type":"com.vmware.vapi.std.errors.not_found","value":{"messages":[{"default_message":"No library 5."}]}}`, ErrNotFound, "No library 5."},
		{404, ``, ErrNotFound, "404 Not Found"},
		{404, `{"type":"com.vmware.vapi.std.errors.operation_not_found","value":{}}`, ErrUnsupported, "operation_not_found"},
		{500, `{"type":"com.vmware.vapi.std.errors.resource_busy","value":{"messages":[]}}`, ErrTaskInProgress, "resource_busy"},
		{500, `{"type":"com.vmware.vapi.std.errors.concurrent_change","value":{}}`, ErrConflict, "changed it"},
		{500, `{"type":"com.vmware.vapi.std.errors.unable_to_allocate_resource","value":{}}`, ErrInsufficientResources, "free resources"},
		{500, `{"type":"com.vmware.vapi.std.errors.error","value":{"messages":[{"default_message":"Provider method failed."}]}}`, nil, "Provider method failed."},
		{500, `{"type":"com.vmware.vcenter.ovf.odd","value":{}}`, nil, "com.vmware.vcenter.ovf.odd"},
		{500, ``, nil, "500 Internal Server Error"},
		{503, `no healthy upstream`, ErrInterrupted, "503 Service Unavailable"},
		{429, ``, ErrTaskInProgress, "429 Too Many Requests"},
	} {
		t.Run(fmt.Sprintf("%d %s", test.status, test.text), func(t *testing.T) {
			v.setIntercept(func(_ string, w http.ResponseWriter, _ *http.Request) bool {
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
				return true
			})
			_, raw := library.NewManager(rc).CreateLibrary(t.Context(), library.Library{Name: "web"})
			v.setIntercept(nil)
			got := Translate(raw, `create library "web"`)
			if got == nil || (test.kind != nil && !errors.Is(got, test.kind)) || (test.kind == nil && countSentinels(got) != 0) {
				t.Fatalf("%v, want %v", got, test.kind)
			}
			if test.status != http.StatusBadRequest && !rest.IsStatusError(raw, test.status) {
				t.Errorf("govmomi does not recognise %v", raw)
			}
			if text := got.Error(); !strings.HasPrefix(text, `create library "web": `) || !strings.Contains(text, test.text) || strings.Contains(text, "https://") {
				t.Errorf("text: %s", text)
			}
		})
	}
}

// Errors of clients that are not ours are understood as far as they go.
func TestErrorsOfPlainRESTClientsAreTranslated(t *testing.T) {
	t.Parallel()
	v := startVCenter(t)
	plain := rest.NewClient(v.admin.Client)
	if err := plain.Login(t.Context(), url.UserPassword(testUser, testPassword)); err != nil {
		t.Fatal(err)
	}
	_, err := library.NewManager(plain).GetLibraryByID(t.Context(), "nope")
	if got := Translate(fmt.Errorf("get: %w", err), "find"); !errors.Is(got, ErrNotFound) {
		t.Errorf("%v, want ErrNotFound", got)
	}
}

func TestNetworkErrorsAreTranslated(t *testing.T) {
	t.Parallel()
	request := func(err error) error { return &url.Error{Op: "Post", URL: "https://vc/sdk", Err: err} }
	for name, test := range map[string]struct {
		err  error
		kind error
		text string
	}{
		"refused":    {request(&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}), ErrUnreachable, "there is no connection"},
		"proxy":      {request(&net.OpError{Op: "proxyconnect", Net: "tcp", Err: syscall.ECONNREFUSED}), ErrUnreachable, "HTTPS_PROXY"},
		"name":       {request(&net.OpError{Op: "dial", Err: &net.DNSError{Name: "vcenter.test", IsNotFound: true}}), ErrUnreachable, `the name "vcenter.test" does not resolve`},
		"handshake":  {request(errors.New("net/http: TLS handshake timeout")), ErrUnreachable, "TLS handshake"},
		"EOF":        {request(io.EOF), ErrInterrupted, "broke before the answer"},
		"reset":      {request(&net.OpError{Op: "read", Err: syscall.ECONNRESET}), ErrInterrupted, "broke before the answer"},
		"deadline":   {request(context.DeadlineExceeded), ErrTimeout, "may go on in vCenter"},
		"canceled":   {request(context.Canceled), nil, "canceled here"},
		"bare EOF":   {io.ErrUnexpectedEOF, ErrInterrupted, "broke"},
		"SOAP 503":   {request(&statusError{code: 503, status: "503 Service Unavailable"}), ErrInterrupted, "503 Service Unavailable"},
		"SOAP 404":   {request(&statusError{code: 404, status: "404 Not Found"}), ErrUnsupported, "not a vCenter"},
		"SOAP other": {request(&statusError{code: 418, status: "418 I'm a teapot"}), nil, "418"},
	} {
		got := Translate(test.err, "do it")
		if (test.kind != nil && !errors.Is(got, test.kind)) || (test.kind == nil && countSentinels(got) != 0) {
			t.Errorf("%s: %v, want %v", name, got, test.kind)
		}
		if !errors.Is(got, test.err) || !strings.HasPrefix(got.Error(), "do it: ") || !strings.Contains(got.Error(), test.text) {
			t.Errorf("%s: %v", name, got)
		}
	}
	if !errors.Is(Translate(request(context.Canceled), "do it"), context.Canceled) {
		t.Error("the end of the context is hidden")
	}
}

func TestTranslateTwice(t *testing.T) {
	t.Parallel()
	if Translate(nil, "do it") != nil {
		t.Error("Translate(nil) is an error")
	}
	once := Translate(io.EOF, "read vm-1")
	if got := Translate(once, "read vm-1"); !errors.Is(got, ErrInterrupted) || got.Error() != once.Error() {
		t.Errorf("translated again: %v", got)
	}
	if got, want := Translate(once, "refresh").Error(), "refresh: "+once.Error(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	own := fmt.Errorf("%w: no network %q", ErrNotFound, "x")
	if got, want := Translate(own, "find network").Error(), `find network: not found: no network "x"`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestErrorsOfTheSimulatorAreTranslated(t *testing.T) {
	t.Parallel()
	v := startVCenter(t)
	vc, err := v.client(t).Vim(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	gone := object.NewVirtualMachine(vc, moref("VirtualMachine", "vm-gone"))
	_, err = gone.PowerState(t.Context())
	if got := Translate(err, "read"); !errors.Is(got, ErrNotFound) || !strings.Contains(got.Error(), `VirtualMachine "vm-gone"`) {
		t.Errorf("read: %v", got)
	}
	_, err = gone.PowerOn(t.Context())
	if got := Translate(err, "power on"); !errors.Is(got, ErrNotFound) {
		t.Errorf("power on: %v", got)
	}
	root := object.NewRootFolder(vc)
	if _, err := root.CreateFolder(t.Context(), "twice"); err != nil {
		t.Fatal(err)
	}
	_, err = root.CreateFolder(t.Context(), "twice")
	if got := Translate(err, "create"); !errors.Is(got, ErrAlreadyExists) {
		t.Errorf("create: %v", got)
	}
}
