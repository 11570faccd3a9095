package gosc

import (
	"cmp"
	"fmt"
	"slices"
)

// TimeZone is an entry of Microsoft's list of time zone index values.
type TimeZone struct {
	// Index is what time_zone is set to.
	Index int64
	// Name is Microsoft's name of the zone.
	Name string
	// Offset is the difference to UTC in winter.
	Offset string
	// Places are some that are in the zone.
	Places string
}

// timeZoneAdvice keeps people from a zone that looks like UTC in winter.
const timeZoneAdvice = "85, the default, is London with its summer time; 90 is the same as UTC all year."

// nearTimeZones describes the zones next to an index that is none.
func nearTimeZones(index int64) string {
	i, _ := slices.BinarySearchFunc(timeZones, index, func(zone TimeZone, index int64) int { return cmp.Compare(zone.Index, index) })
	text := ""
	for _, zone := range timeZones[max(0, i-1):min(len(timeZones), i+1)] {
		if text != "" {
			text += ", "
		}
		text += fmt.Sprintf("%d is %s (%s, %s)", zone.Index, zone.Name, zone.Offset, zone.Places)
	}
	return text
}

func isTimeZone(index int64) bool {
	return slices.ContainsFunc(timeZones, func(zone TimeZone) bool { return zone.Index == index })
}

// timeZones is sorted by index.
var timeZones = []TimeZone{
	{0, "Dateline Standard Time", "UTC-12:00", "International Date Line West"},
	{1, "Samoa Standard Time", "UTC-11:00", "Midway Island, Samoa"},
	{2, "Hawaiian Standard Time", "UTC-10:00", "Hawaii"},
	{3, "Alaskan Standard Time", "UTC-09:00", "Alaska"},
	{4, "Pacific Standard Time", "UTC-08:00", "Los Angeles, Tijuana, Vancouver"},
	{10, "Mountain Standard Time", "UTC-07:00", "Denver, Calgary"},
	{13, "Mexico Standard Time 2", "UTC-07:00", "Chihuahua, La Paz, Mazatlan"},
	{15, "U.S. Mountain Standard Time", "UTC-07:00", "Arizona"},
	{20, "Central Standard Time", "UTC-06:00", "Chicago, Winnipeg"},
	{25, "Canada Central Standard Time", "UTC-06:00", "Saskatchewan"},
	{30, "Mexico Standard Time", "UTC-06:00", "Guadalajara, Mexico City, Monterrey"},
	{33, "Central America Standard Time", "UTC-06:00", "Central America"},
	{35, "Eastern Standard Time", "UTC-05:00", "New York, Toronto"},
	{40, "U.S. Eastern Standard Time", "UTC-05:00", "Indiana (East)"},
	{45, "S.A. Pacific Standard Time", "UTC-05:00", "Bogota, Lima, Quito"},
	{50, "Atlantic Standard Time", "UTC-04:00", "Halifax, Bermuda"},
	{55, "S.A. Western Standard Time", "UTC-04:00", "Caracas, La Paz"},
	{56, "Pacific S.A. Standard Time", "UTC-04:00", "Santiago"},
	{60, "Newfoundland and Labrador Standard Time", "UTC-03:30", "Newfoundland"},
	{65, "E. South America Standard Time", "UTC-03:00", "Brasilia"},
	{70, "S.A. Eastern Standard Time", "UTC-03:00", "Buenos Aires, Georgetown"},
	{73, "Greenland Standard Time", "UTC-03:00", "Greenland"},
	{75, "Mid-Atlantic Standard Time", "UTC-02:00", "Mid-Atlantic"},
	{80, "Azores Standard Time", "UTC-01:00", "Azores"},
	{83, "Cape Verde Standard Time", "UTC-01:00", "Cape Verde Islands"},
	{85, "GMT Standard Time", "UTC, with summer time", "London, Dublin, Lisbon"},
	{90, "Greenwich Standard Time", "UTC, all year", "Monrovia, Reykjavik"},
	{95, "Central Europe Standard Time", "UTC+01:00", "Belgrade, Bratislava, Budapest, Ljubljana, Prague"},
	{100, "Central European Standard Time", "UTC+01:00", "Sarajevo, Skopje, Warsaw, Zagreb"},
	{105, "Romance Standard Time", "UTC+01:00", "Brussels, Copenhagen, Madrid, Paris"},
	{110, "W. Europe Standard Time", "UTC+01:00", "Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna"},
	{113, "W. Central Africa Standard Time", "UTC+01:00", "West Central Africa"},
	{115, "E. Europe Standard Time", "UTC+02:00", "Bucharest"},
	{120, "Egypt Standard Time", "UTC+02:00", "Cairo"},
	{125, "FLE Standard Time", "UTC+02:00", "Helsinki, Kyiv, Riga, Sofia, Tallinn, Vilnius"},
	{130, "GTB Standard Time", "UTC+02:00", "Athens, Istanbul, Minsk"},
	{135, "Israel Standard Time", "UTC+02:00", "Jerusalem"},
	{140, "South Africa Standard Time", "UTC+02:00", "Harare, Pretoria"},
	{145, "Russian Standard Time", "UTC+03:00", "Moscow, St. Petersburg, Volgograd"},
	{150, "Arab Standard Time", "UTC+03:00", "Kuwait, Riyadh"},
	{155, "E. Africa Standard Time", "UTC+03:00", "Nairobi"},
	{158, "Arabic Standard Time", "UTC+03:00", "Baghdad"},
	{160, "Iran Standard Time", "UTC+03:30", "Tehran"},
	{165, "Arabian Standard Time", "UTC+04:00", "Abu Dhabi, Muscat"},
	{170, "Caucasus Standard Time", "UTC+04:00", "Baku, Tbilisi, Yerevan"},
	{175, "Transitional Islamic State of Afghanistan Standard Time", "UTC+04:30", "Kabul"},
	{180, "Ekaterinburg Standard Time", "UTC+05:00", "Ekaterinburg"},
	{185, "West Asia Standard Time", "UTC+05:00", "Islamabad, Karachi, Tashkent"},
	{190, "India Standard Time", "UTC+05:30", "Chennai, Kolkata, Mumbai, New Delhi"},
	{193, "Nepal Standard Time", "UTC+05:45", "Kathmandu"},
	{195, "Central Asia Standard Time", "UTC+06:00", "Astana, Dhaka"},
	{200, "Sri Lanka Standard Time", "UTC+06:00", "Sri Jayawardenepura"},
	{201, "N. Central Asia Standard Time", "UTC+06:00", "Almaty, Novosibirsk"},
	{203, "Myanmar Standard Time", "UTC+06:30", "Yangon"},
	{205, "S.E. Asia Standard Time", "UTC+07:00", "Bangkok, Hanoi, Jakarta"},
	{207, "North Asia Standard Time", "UTC+07:00", "Krasnoyarsk"},
	{210, "China Standard Time", "UTC+08:00", "Beijing, Chongqing, Hong Kong, Urumqi"},
	{215, "Singapore Standard Time", "UTC+08:00", "Kuala Lumpur, Singapore"},
	{220, "Taipei Standard Time", "UTC+08:00", "Taipei"},
	{225, "W. Australia Standard Time", "UTC+08:00", "Perth"},
	{227, "North Asia East Standard Time", "UTC+08:00", "Irkutsk, Ulaanbaatar"},
	{230, "Korea Standard Time", "UTC+09:00", "Seoul"},
	{235, "Tokyo Standard Time", "UTC+09:00", "Osaka, Sapporo, Tokyo"},
	{240, "Yakutsk Standard Time", "UTC+09:00", "Yakutsk"},
	{245, "A.U.S. Central Standard Time", "UTC+09:30", "Darwin"},
	{250, "Cen. Australia Standard Time", "UTC+09:30", "Adelaide"},
	{255, "A.U.S. Eastern Standard Time", "UTC+10:00", "Canberra, Melbourne, Sydney"},
	{260, "E. Australia Standard Time", "UTC+10:00", "Brisbane"},
	{265, "Tasmania Standard Time", "UTC+10:00", "Hobart"},
	{270, "Vladivostok Standard Time", "UTC+10:00", "Vladivostok"},
	{275, "West Pacific Standard Time", "UTC+10:00", "Guam, Port Moresby"},
	{280, "Central Pacific Standard Time", "UTC+11:00", "Magadan, New Caledonia, Solomon Islands"},
	{285, "Fiji Islands Standard Time", "UTC+12:00", "Fiji Islands, Kamchatka, Marshall Islands"},
	{290, "New Zealand Standard Time", "UTC+12:00", "Auckland, Wellington"},
	{300, "Tonga Standard Time", "UTC+13:00", "Nuku'alofa"},
}
