package known_test

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

func TestTheThreeStates(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		value                known.Value[int]
		set, absent, unknown bool
	}{
		"zero value":   {known.Value[int]{}, false, true, false},
		"zero":         {known.Of(0), true, false, false},
		"seven":        {known.Of(7), true, false, false},
		"unknown":      {known.Unknown[int](), false, false, true},
		"mapped":       {known.Map(known.Of("7"), func(string) int { return 7 }), true, false, false},
		"mapped none":  {known.Map(known.Value[string]{}, func(string) int { return 7 }), false, true, false},
		"mapped later": {known.Map(known.Unknown[string](), func(string) int { return 7 }), false, false, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.value.IsSet() != test.set || test.value.IsAbsent() != test.absent || test.value.IsUnknown() != test.unknown {
				t.Errorf("set %v, absent %v, unknown %v", test.value.IsSet(), test.value.IsAbsent(), test.value.IsUnknown())
			}
			got, ok := test.value.Get()
			if ok != test.set || (test.value.Pointer() != nil) != test.set {
				t.Errorf("there is a value: %v, %v", ok, test.value.Pointer())
			}
			want := 42
			if test.set {
				want = got
			}
			if or := test.value.Or(42); or != want {
				t.Errorf("or 42 is %d", or)
			}
		})
	}
}

func TestAPointerIsACopy(t *testing.T) {
	t.Parallel()
	value := known.Of(7)
	*value.Pointer() = 8
	if got, _ := value.Get(); got != 7 {
		t.Errorf("the value has become %d", got)
	}
}

func TestFlatMapLetsTheStateChange(t *testing.T) {
	t.Parallel()
	number := func(text string) known.Value[int] {
		switch n, err := strconv.Atoi(text); {
		case text == "later":
			return known.Unknown[int]()
		case err != nil:
			return known.Value[int]{}
		default:
			return known.Of(n)
		}
	}
	for _, test := range []struct {
		text known.Value[string]
		want known.Value[int]
	}{
		{known.Of("7"), known.Of(7)},
		{known.Of("seven"), known.Value[int]{}},
		{known.Of("later"), known.Unknown[int]()},
		{known.Value[string]{}, known.Value[int]{}},
		{known.Unknown[string](), known.Unknown[int]()},
	} {
		if got := known.FlatMap(test.text, number); got != test.want {
			t.Errorf("%+v becomes %+v, want %+v", test.text, got, test.want)
		}
	}
}

func TestElements(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		list     known.List[int]
		elements []int
		complete bool
	}{
		"absent":          {known.List[int]{}, nil, true},
		"unknown":         {known.Unknown[[]known.Value[int]](), nil, false},
		"empty":           {known.ListOf[int](), nil, true},
		"known":           {known.ListOf(1, 2), []int{1, 2}, true},
		"null element":    {known.Of([]known.Value[int]{known.Of(1), {}, known.Of(3)}), []int{1, 3}, true},
		"unknown element": {known.Of([]known.Value[int]{known.Unknown[int](), known.Of(2), {}}), []int{2}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			elements, complete := known.Elements(test.list)
			if diff := cmp.Diff(test.elements, elements); diff != "" || complete != test.complete {
				t.Errorf("complete %v, elements (-want +got):\n%s", complete, diff)
			}
		})
	}
}
