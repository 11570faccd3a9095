package fwtypes

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestQuantitySpellingsAreOneAmount(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"1Gi", "1024Mi", true},
		{"1Gi", "1073741824", true},
		{"1.5Gi", "1536Mi", true},
		{"1G", "1000M", true},
		{"2000m", "2", true},
		{"-1", "-1000m", true},
		{"1e3", "1k", true},
		{"1Gi", "1G", false},
		{"4", "5", false},
		{"-1", "1", false},
		{"four", "four", true}, // a text is itself
		{"four", "4", false},
		{"4", "four", false},
	} {
		got, diags := NewQuantity(test.a).StringSemanticEquals(t.Context(), NewQuantity(test.b))
		if diags.HasError() || got != test.want {
			t.Errorf("%s and %s: equal is %v, want %v (%v)", test.a, test.b, got, test.want, diags)
		}
		if got := NewQuantity(test.a).Equal(NewQuantity(test.b)); got != (test.a == test.b) {
			t.Errorf("%s and %s: spelled alike is %v", test.a, test.b, got)
		}
	}
	if got, _ := NewQuantity("1").StringSemanticEquals(t.Context(), basetypes.NewStringValue("1")); got {
		t.Error("a quantity equals a text of another type")
	}
}

func TestAWholeQuantityIsANumber(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"0": 0, "4": 4, "+4": 4, "-1": -1, "4Gi": 4 << 30, "1.5Gi": 3 << 29, "1k": 1000, "1e3": 1000, "2000m": 2,
		"9223372036854775806": math.MaxInt64 - 1,
	} {
		if got, err := WholeQuantity(text); err != nil || got != want {
			t.Errorf("%s is %d, want %d (%v)", text, got, want, err)
		}
	}
	for text, want := range map[string]error{
		"": errNoQuantity, "four": errNoQuantity, "4 Gi": errNoQuantity, "4gib": errNoQuantity,
		"0.5": errNotWhole, "500m": errNotWhole, "1e-3": errNotWhole, "0.1n": errNotWhole, "1.0000000001": errNotWhole, "1n": errNotWhole,
		"9Ei": errTooLarge, "12E": errTooLarge, "1e30": errTooLarge, "-1e30": errTooLarge, "-9Ei": errTooLarge, "9223372036854775807": errTooLarge,
	} {
		if got, err := WholeQuantity(text); err != want { //nolint:errorlint // they are not wrapped
			t.Errorf("%s is %d (%v), want the error %v", text, got, err, want)
		}
	}
}

// What a machine is read to have is spelled so that it is read back as the same.
func TestASpelledAmountIsTheAmount(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same numbers at every run
	for range 2000 {
		number := random.Int64N(math.MaxInt64-2) >> random.IntN(63)
		if random.IntN(2) == 0 {
			number &^= 1<<20 - 1
		}
		for _, spelled := range []Quantity{QuantityOfBytes(number), QuantityOfNumber(number)} {
			if got, err := WholeQuantity(spelled.ValueString()); err != nil || got != number {
				t.Fatalf("%d is spelled %s, which is %d (%v)", number, spelled, got, err)
			}
		}
	}
	for number, want := range map[int64]string{20 << 30: "20Gi", 1536 << 20: "1536Mi", -1: "-1", 0: "0"} {
		if got := QuantityOfBytes(number).ValueString(); got != want {
			t.Errorf("%d is spelled %s, want %s", number, got, want)
		}
	}
}

func FuzzWholeQuantity(f *testing.F) {
	for _, text := range []string{"4Gi", "-1", "1e30", "0.5", "9Ei", "1E", "", "1e99999"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		number, err := WholeQuantity(text)
		if err != nil {
			return
		}
		if same, _ := NewQuantity(text).StringSemanticEquals(t.Context(), NewQuantity(strconv.FormatInt(number, 10))); !same {
			t.Errorf("%q is %d, and not the same amount", text, number)
		}
		if strings.TrimSpace(text) != text {
			t.Errorf("%q is a quantity", text)
		}
	})
}

// The framework takes values apart and puts them together again by their types.
func TestTextTypesKeepTheirValues(t *testing.T) {
	t.Parallel()
	for _, of := range []basetypes.StringTypable{QuantityType{}, DurationType{}} {
		for _, in := range []tftypes.Value{
			tftypes.NewValue(tftypes.String, nil), tftypes.NewValue(tftypes.String, tftypes.UnknownValue), tftypes.NewValue(tftypes.String, "10s"),
		} {
			value, err := of.ValueFromTerraform(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			out, err := value.ToTerraformValue(t.Context())
			if err != nil || !out.Equal(in) || !value.Type(t.Context()).Equal(of) {
				t.Errorf("%s of type %s came back as %s of type %s (%v)", in, of, out, value.Type(t.Context()), err)
			}
			text, diags := value.(basetypes.StringValuable).ToStringValue(t.Context())
			again, more := of.ValueFromString(t.Context(), text)
			if diags.Append(more...); diags.HasError() || !again.Equal(value) {
				t.Errorf("%s became %s (%v)", value, again, diags)
			}
		}
		if _, err := of.ValueFromTerraform(t.Context(), tftypes.NewValue(tftypes.Bool, true)); err == nil {
			t.Errorf("%s took a boolean value", of)
		}
		if of.Equal(basetypes.StringType{}) || of.Equal(MACType{}) {
			t.Errorf("%s is another type", of)
		}
	}
	if (QuantityType{}).String() == (DurationType{}).String() || (QuantityType{}).Equal(DurationType{}) {
		t.Error("a quantity and a duration are one type")
	}
}
