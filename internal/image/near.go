package image

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image/spelling"
)

// maxNear is the number of near names that a message lists.
const maxNear = 5

// How near a name is, from the nearest on.
const (
	nearSame      = iota // but for case, spaces and punctuation
	nearMistyped         // a few characters differ
	nearContained        // one contains the other
	nearWord             // they have a word in common
	notNear
)

// near returns the images whose names come close to the one that was asked for, the nearest
// first, and how many more there are.
func near(query Query, candidates []Image) (images []Image, more int) {
	type match struct {
		img            Image
		rank, distance int
	}
	var matches []match
	seen := map[string]bool{}
	for _, img := range slices.Concat(query.Known, candidates) {
		key := string(img.Kind) + "/" + img.ItemID
		if seen[key] || !query.sees(img) || query.Kind != "" && img.Kind != query.Kind {
			continue
		}
		seen[key] = true
		if rank, distance := nearness(query.Name, img); rank != notNear {
			matches = append(matches, match{img, rank, distance})
		}
	}
	slices.SortFunc(matches, func(a, b match) int {
		return cmp.Or(
			cmp.Compare(a.rank, b.rank),
			cmp.Compare(a.distance, b.distance),
			Compare(a.img, b.img),
		)
	})
	for _, m := range matches[:min(maxNear, len(matches))] {
		images = append(images, m.img)
	}
	return images, len(matches) - len(images)
}

// nearness compares what was asked for with an image. A VMI ID is compared with the image's, and with its display name,
// since an item may be called like an id; and what is the id of an item is that item.
func nearness(name string, img Image) (rank, distance int) {
	if strings.EqualFold(strings.TrimSpace(name), img.ItemID) {
		return nearSame, 0
	}
	if IsID(name) {
		id := string(img.ID)
		if isClusterID(name) {
			id = "c" + id
		}
		if name == img.DisplayName || name == id {
			return nearSame, 0
		}
		if distance = spelling.Distance(name, id); distance <= 2 {
			return nearMistyped, distance
		}
		return notNear, 0
	}

	asked, found := strings.ToLower(strings.TrimSpace(name)), strings.ToLower(img.DisplayName)
	distance = spelling.Distance(asked, found)
	plainAsked, plainFound := plain(asked), plain(found)
	switch {
	case plainAsked == "" || plainFound == "":
		return notNear, 0
	case plainAsked == plainFound:
		return nearSame, distance
	case distance <= tolerance(asked):
		return nearMistyped, distance
	case contains(plainFound, plainAsked), contains(plainAsked, plainFound):
		return nearContained, distance
	case slices.ContainsFunc(telling(asked), func(word string) bool { return slices.Contains(telling(found), word) }):
		return nearWord, distance
	default:
		return notNear, 0
	}
}

// contains tells whether a name contains one that is more than a few letters, which are in many names.
func contains(name, part string) bool {
	return len(part) >= 4 && 4*len(part) >= len(name) && strings.Contains(name, part)
}

// telling are the words of a name that tell images apart: those that are long enough, and that not every other image has.
func telling(name string) []string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) })
	return slices.DeleteFunc(words, func(word string) bool {
		return len(word) < 4 || slices.Contains([]string{"image", "images", "cloud", "template", "server", "linux", "disk"}, word)
	})
}

// tolerance is the number of characters that may be mistyped: a quarter of them, up to three.
func tolerance(name string) int { return min(3, len(name)/4) }

// plain leaves the letters and digits of a name.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, name)
}
