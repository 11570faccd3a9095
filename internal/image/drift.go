package image

// Drift is what became of an image since a machine was made of it. The machine itself is not
// affected: this is for those who want to make it anew.
type Drift struct {
	// Gone tells that the library item is not there any more, or not to the user's eyes. Nothing
	// else is known then.
	Gone bool
	// Newer tells that the item has other content than the machine was made of.
	Newer bool
	// Name is the item's display name today.
	Name string
	// ContentVersion is the item's content version today, empty where it has none.
	ContentVersion string
}

// CompareContent tells whether an item has other content today than the version that a machine
// was made of. A version that was not recorded, or that vCenter does not tell, says nothing. vCenter
// raises versions; another one is newer content even if it is lower, as it is after the library was
// restored.
func CompareContent(deployed, name, today string) Drift {
	return Drift{
		Newer:          deployed != "" && today != "" && deployed != today,
		Name:           name,
		ContentVersion: today,
	}
}
