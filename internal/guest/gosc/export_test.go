package gosc

// TimeZones are the 75 zones that Windows' setup knows, by index.
func TimeZones() []TimeZone { return timeZones }
