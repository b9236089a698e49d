package table

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// compareJSON orders JSON values as Postgres orders jsonb (manual, section
// 8.14.4): null, texts, numbers, false, true, arrays, objects. Of two arrays or
// objects the one with more members is greater; equally many are compared one
// after the other, keys first. An empty array comes before everything, unless it
// is inside another value.
func compareJSON(a, b any) int {
	x, xIsArray := a.([]any)
	y, yIsArray := b.([]any)
	xFirst, yFirst := xIsArray && len(x) == 0, yIsArray && len(y) == 0
	switch {
	case xFirst && !yFirst:
		return -1
	case yFirst && !xFirst:
		return 1
	}
	return compareWithin(a, b)
}

// compareWithin orders values inside other values.
func compareWithin(a, b any) int {
	if c := cmp.Compare(jsonRank(a), jsonRank(b)); c != 0 {
		return c
	}
	switch x := a.(type) {
	case string:
		return compareTexts(a, b)
	case json.Number:
		return compareJSONNumbers(x, number(b))
	case bool:
		return compareBools(a, b)
	case []any:
		y, _ := b.([]any)
		if c := cmp.Compare(len(x), len(y)); c != 0 {
			return c
		}
		return slices.CompareFunc(x, y, compareWithin)
	case map[string]any:
		y, _ := b.(map[string]any)
		return compareObjects(x, y)
	}
	return 0
}

// jsonRank orders the kinds of JSON values.
func jsonRank(value any) int {
	switch value.(type) {
	case nil:
		return 0
	case string:
		return 1
	case json.Number:
		return 2
	case bool:
		return 3
	case []any:
		return 4
	}
	return 5
}

// compareJSONNumbers compares by value, unless a number is too large to work
// with; such numbers compare by their texts.
func compareJSONNumbers(a, b json.Number) int {
	x, err := readNumeric(a.String())
	y, also := readNumeric(b.String())
	if err != nil || also != nil {
		return strings.Compare(a.String(), b.String())
	}
	return compareNumerics(x, y)
}

func compareObjects(a, b map[string]any) int {
	if c := cmp.Compare(len(a), len(b)); c != 0 {
		return c
	}
	x, y := jsonKeys(a), jsonKeys(b)
	for i := range x {
		if c := strings.Compare(x[i], y[i]); c != 0 {
			return c
		}
		if c := compareWithin(a[x[i]], b[y[i]]); c != 0 {
			return c
		}
	}
	return 0
}

// jsonKeys lists the keys of an object as jsonb keeps them: short ones first.
func jsonKeys(object map[string]any) []string {
	return slices.SortedFunc(maps.Keys(object), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
	})
}
