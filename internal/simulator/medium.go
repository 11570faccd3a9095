package simulator

import (
	"os"
	"path/filepath"

	"github.com/vmware/govmomi/object"
	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// checkMedium checks that the medium in a CD-ROM drive exists, where a change puts it in: a file
// on its datastore that is not empty, as that of an item is which has not been fetched. vCenter
// may accept a drive of a machine that is off, and leave it unconnected at power-on, which is
// found out late.
func checkMedium(reg *vcsim.Registry, device, old types.BaseVirtualDevice) types.BaseMethodFault {
	name := medium(device)
	if name == "" || name == medium(old) {
		return nil
	}
	missing := &types.FileNotFound{FileFault: types.FileFault{File: name}}
	missing.FaultMessage = explain("File %s was not found", name)
	var p object.DatastorePath
	if !p.FromString(name) || !filepath.IsLocal(p.Path) {
		return missing
	}
	for _, e := range reg.All("Datastore") {
		ds, ok := e.(*vcsim.Datastore)
		if !ok || ds.Name != p.Datastore {
			continue
		}
		info, err := os.Stat(filepath.Join(ds.Info.GetDatastoreInfo().Url, p.Path))
		if err == nil && info.Mode().IsRegular() && info.Size() > 0 {
			return nil
		}
	}
	return missing
}

// medium is the file in a CD-ROM drive, empty where it is none.
func medium(device types.BaseVirtualDevice) string {
	drive, ok := device.(*types.VirtualCdrom)
	if !ok {
		return ""
	}
	if b, ok := drive.Backing.(*types.VirtualCdromIsoBackingInfo); ok {
		return b.FileName
	}
	return ""
}
