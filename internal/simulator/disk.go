package simulator

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/vmware/govmomi/vmdk"
)

// Layout of a streamOptimized extent, in sectors of 512 bytes, as the VMDK format has it.
const (
	sector          = 512
	descriptorSize  = 20
	grainSectors    = 128
	grainsPerTable  = 512
	sparseMagic     = 0x564d444b // "KDMV", little-endian
	sparseFlags     = 0x30001    // newline detection, compressed grains, embedded LBAs
	deflate         = 1
	markerEndOfDisk = sector
)

// disk returns a streamOptimized VMDK of capacity bytes in which nothing is allocated:
// a header, the descriptor and an end-of-stream marker, whatever the capacity.
func disk(name string, capacity int64) ([]byte, error) {
	header := vmdk.SparseExtentHeaderOnDisk{
		MagicNumber:        sparseMagic,
		Version:            3,
		Flags:              sparseFlags,
		Capacity:           uint64(capacity / sector),
		GrainSize:          grainSectors,
		DescriptorOffset:   1,
		DescriptorSize:     descriptorSize,
		NumGTEsPerGT:       grainsPerTable,
		GDOffset:           1 + descriptorSize,
		Overhead:           grainSectors,
		SingleEndLine:      '\n',
		NonEndLine:         ' ',
		DoubleEndLineChar1: '\r',
		DoubleEndLineChar2: '\n',
		CompressAlgorithm:  deflate,
	}
	var head bytes.Buffer
	if err := binary.Write(&head, binary.LittleEndian, header); err != nil {
		return nil, fmt.Errorf("encode the VMDK header of %s: %w", name, err)
	}
	descriptor := fmt.Sprintf("# Disk DescriptorFile\nversion=1\nCID=7a15e0f1\nparentCID=ffffffff\n"+
		"createType=\"streamOptimized\"\n\n# Extent description\nRDONLY %d SPARSE %q\n\n"+
		"# The Disk Data Base\n#DDB\n\nddb.adapterType = \"lsilogic\"\nddb.virtualHWVersion = \"19\"\n",
		capacity/sector, name)

	out := make([]byte, (1+descriptorSize)*sector+markerEndOfDisk)
	copy(out, head.Bytes())
	copy(out[sector:], descriptor)
	return out, nil
}
