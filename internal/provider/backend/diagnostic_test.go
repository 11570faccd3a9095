package backend

import "testing"

func TestASentenceBeginsWithACapitalUnlessANameDoesNot(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                   "",
		"deploy \"web\": it is there":        "Deploy \"web\": it is there.",
		"datacenter /DC0 has no network":     "Datacenter /DC0 has no network.",
		"vCenter has no storage policy":      "vCenter has no storage policy.",
		"vSphere's answer is no":             "vSphere's answer is no.",
		"cloud-init: the key is not known":   "cloud-init: the key is not known.",
		"image_name resolves to another":     "image_name resolves to another.",
		"resources.size.cpu: too much":       "resources.size.cpu: too much.",
		"eth0 has no address":                "eth0 has no address.",
		"\u00e9tage is no datastore":         "\u00c9tage is no datastore.",
		"\u201cweb\u201d is there already":   "\u201cweb\u201d is there already.",
		"is it there?":                       "Is it there?",
		"the mark is on (vmoperator.create)": "The mark is on (vmoperator.create).",
	} {
		if got := Sentence(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
