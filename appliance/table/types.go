package table

import (
	"cmp"
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// The types of columns, by the names of pg_type: clients of Realtime cast the
// values of a change by them. "_" before a name makes an array of it.
const (
	UUID        = "uuid"
	Text        = "text"
	Bool        = "bool"
	Int4        = "int4"
	Int8        = "int8"
	Float8      = "float8"
	Numeric     = "numeric"
	JSONB       = "jsonb"
	Timestamptz = "timestamptz"
)

// kind is what a type can do.
type kind struct {
	sql string // its name in SQL and in messages
	// read brings a text to a canonical value.
	read func(text string) (any, error)
	// compare orders two canonical values that are not nil.
	compare func(a, b any) int
	// json means that any JSON value is canonical.
	json bool
	// element is the type of the elements, for arrays.
	element *kind
}

var kinds = map[string]kind{
	UUID:        {sql: "uuid", read: readUUID, compare: compareTexts},
	Text:        {sql: "text", read: readText, compare: compareTexts},
	Bool:        {sql: "boolean", read: readBool, compare: compareBools},
	Int4:        {sql: "integer", read: readInt("integer", 32), compare: compareInts},
	Int8:        {sql: "bigint", read: readInt("bigint", 64), compare: compareInts},
	Float8:      {sql: "double precision", read: readFloat, compare: compareFloats},
	Numeric:     {sql: "numeric", read: readNumeric, compare: compareNumerics},
	JSONB:       {sql: "jsonb", read: readJSON, compare: compareJSON, json: true},
	Timestamptz: {sql: "timestamp with time zone", read: readTime, compare: compareTexts},
}

func kindOf(name string) (kind, bool) {
	if element, isArray := strings.CutPrefix(name, "_"); isArray {
		k, ok := kinds[element]
		return arrayOf(k), ok
	}
	k, ok := kinds[name]
	return k, ok
}

// cast brings a JSON value to the type, as Postgres does when it reads rows
// from JSON: by the value's text.
func (k kind) cast(value any) (any, error) {
	switch v := value.(type) {
	case nil:
		return nil, nil
	case []any:
		if k.element != nil {
			return k.castElements(v)
		}
	}
	if k.json {
		return value, storable(value)
	}
	return k.read(textOf(value))
}

// equal reports whether two canonical values are the same, null or not.
func (k kind) equal(a, b any) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return k.compare(a, b) == 0
}

func readUUID(text string) (any, error) {
	id, err := uuid.Parse(strings.TrimSpace(text))
	if err != nil || strings.HasPrefix(strings.ToLower(text), "urn:") {
		return nil, badText("uuid", text)
	}
	return id.String(), nil
}

func readText(text string) (any, error) {
	if strings.ContainsRune(text, 0) || !utf8.ValidString(text) {
		return nil, unstorable()
	}
	return text, nil
}

// unstorable is a text that a Postgres could not keep, so that no row is lost
// on its way there.
func unstorable() error {
	return &Error{Code: CodeUnstorable, Message: "unsupported Unicode escape sequence", Details: `\u0000 cannot be converted to text.`}
}

// storable looks for such texts in a JSON value.
func storable(value any) (err error) {
	switch v := value.(type) {
	case string:
		_, err = readText(v)
	case []any:
		for _, element := range v {
			if err = storable(element); err != nil {
				return err
			}
		}
	case map[string]any:
		for name, field := range v {
			if _, err = readText(name); err != nil {
				return err
			}
			if err = storable(field); err != nil {
				return err
			}
		}
	}
	return err
}

func readBool(text string) (any, error) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "t", "true", "y", "yes", "on", "1":
		return true, nil
	case "f", "false", "n", "no", "off", "0":
		return false, nil
	}
	return nil, badText("boolean", text)
}

func readInt(sql string, bits int) func(string) (any, error) {
	return func(text string) (any, error) {
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, bits)
		if err == nil {
			return json.Number(strconv.FormatInt(n, 10)), nil
		}
		if errors.Is(err, strconv.ErrRange) {
			return nil, outOfRange(sql, text)
		}
		return nil, badText(sql, text)
	}
}

// readFloat refuses NaN and the infinities, which JSON cannot hold.
func readFloat(text string) (any, error) {
	f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if errors.Is(err, strconv.ErrRange) {
		return nil, outOfRange("double precision", text)
	}
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, badText("double precision", text)
	}
	format := byte('f')
	if size := math.Abs(f); size != 0 && (size < 1e-5 || size >= 1e15) {
		format = 'e'
	}
	return json.Number(strconv.FormatFloat(f, format, -1, 64)), nil
}

// Numeric values are as long and as large as this: enough for any lesson,
// little enough that comparing two is quick. Postgres takes more.
const (
	maxNumeric  = 256 // bytes of text
	maxExponent = 256 // powers of ten
)

func readNumeric(text string) (any, error) {
	number := strings.TrimSpace(text)
	if number == "" || !strings.ContainsAny(number[:1], "-0123456789") || !json.Valid([]byte(number)) {
		return nil, badText("numeric", text)
	}
	_, exponent, _ := strings.Cut(strings.ToLower(number), "e")
	if n, err := strconv.Atoi(exponent); len(number) > maxNumeric || exponent != "" && (err != nil || n < -maxExponent || n > maxExponent) {
		return nil, outOfRange("numeric", text)
	}
	return json.Number(number), nil
}

func readJSON(text string) (any, error) {
	var value any
	if err := decode([]byte(text), &value); err != nil {
		return nil, &Error{Code: CodeText, Message: "invalid input syntax for type json", Details: `Token "` + Shorten(text) + `" is invalid.`}
	}
	return value, storable(value)
}

// timeLayouts are the ways to write a time that are read; of those without a
// zone the zone is UTC.
var timeLayouts = []string{
	"2006-01-02T15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999Z07",
	"2006-01-02T15:04:05.999999999", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02",
}

// timeFormat is how PostgREST and Realtime write a time. Years have four
// digits, so that the order of the texts is that of the times.
const timeFormat = "2006-01-02T15:04:05.999999-07:00"

// FormatTime is a time as a value of a row.
func FormatTime(t time.Time) string { return t.UTC().Round(time.Microsecond).Format(timeFormat) }

func readTime(text string) (any, error) {
	written := strings.TrimSpace(text)
	if len(written) > 10 && written[10] == ' ' {
		written = written[:10] + "T" + written[11:]
	}
	for _, layout := range timeLayouts {
		t, err := time.Parse(layout, written)
		if err != nil && !strings.HasSuffix(err.Error(), "out of range") {
			continue // another layout may fit
		}
		t = t.UTC().Round(time.Microsecond)
		if err != nil || t.Year() < 1 || t.Year() > 9999 {
			return nil, &Error{Code: CodeTimeRange, Message: "date/time field value out of range: " + strconv.Quote(Shorten(text))}
		}
		return FormatTime(t), nil
	}
	return nil, &Error{Code: CodeTime, Message: "invalid input syntax for type timestamp with time zone: " + strconv.Quote(Shorten(text))}
}

func compareTexts(a, b any) int {
	x, _ := a.(string)
	y, _ := b.(string)
	return strings.Compare(x, y)
}

func compareBools(a, b any) int {
	switch {
	case a == b:
		return 0
	case b == true:
		return -1
	}
	return 1
}

func compareInts(a, b any) int {
	x, y := number(a), number(b)
	n, _ := x.Int64()
	m, _ := y.Int64()
	return cmp.Compare(n, m)
}

func compareFloats(a, b any) int {
	x, y := number(a), number(b)
	f, _ := x.Float64()
	g, _ := y.Float64()
	return cmp.Compare(f, g)
}

func compareNumerics(a, b any) int {
	x, ok := new(big.Rat).SetString(number(a).String())
	y, also := new(big.Rat).SetString(number(b).String())
	if !ok || !also {
		return compareTexts(textOf(a), textOf(b))
	}
	return x.Cmp(y)
}

// compareJSON compares numbers as numbers, if they are of a size that can be
// compared, and everything else by how it is written.
func compareJSON(a, b any) int {
	x, err := readNumeric(number(a).String())
	y, also := readNumeric(number(b).String())
	if err == nil && also == nil {
		return compareNumerics(x, y)
	}
	return strings.Compare(jsonText(a), jsonText(b))
}

// jsonText is a JSON value as JSON, with its keys in order.
func jsonText(value any) string {
	raw, _ := json.Marshal(value) // values came from JSON
	return string(raw)
}

func number(value any) json.Number {
	n, _ := value.(json.Number)
	return n
}
