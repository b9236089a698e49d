package table

import (
	"cmp"
	"encoding/hex"
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

// The types of columns, by their names in pg_type. Realtime clients cast the
// values of a change by these names. "_" before a name makes an array.
const (
	UUID        = "uuid"
	Text        = "text"
	Bool        = "bool"
	Int2        = "int2"
	Int4        = "int4"
	Int8        = "int8"
	Float8      = "float8"
	Numeric     = "numeric"
	JSONB       = "jsonb"
	Timestamptz = "timestamptz"
)

// kind is how a type works.
type kind struct {
	sql string // its name in SQL and in messages
	// read parses a text into a canonical value.
	read func(text string) (any, error)
	// readAt is read for a type whose values may depend on the time at which they
	// are read, such as "now". relative says that this one does.
	readAt func(text string, at time.Time) (value any, relative bool, err error)
	// compare orders two canonical values that are not nil.
	compare func(a, b any) int
	// json says that any JSON value is canonical.
	json bool
	// element is the type of the elements, for arrays.
	element *kind
}

var kinds = map[string]kind{
	UUID:        {sql: "uuid", read: readUUID, compare: compareTexts},
	Text:        {sql: "text", read: readText, compare: compareTexts},
	Bool:        {sql: "boolean", read: readBool, compare: compareBools},
	Int2:        {sql: "smallint", read: readInt("smallint", 16), compare: compareInts},
	Int4:        {sql: "integer", read: readInt("integer", 32), compare: compareInts},
	Int8:        {sql: "bigint", read: readInt("bigint", 64), compare: compareInts},
	Float8:      {sql: "double precision", read: readFloat, compare: compareFloats},
	Numeric:     {sql: "numeric", read: readNumeric, compare: compareNumerics},
	JSONB:       {sql: "jsonb", read: readJSON, compare: compareJSON, json: true},
	Timestamptz: {sql: "timestamp with time zone", readAt: readTime, compare: compareTexts},
}

func kindOf(name string) (kind, bool) {
	if element, isArray := strings.CutPrefix(name, "_"); isArray {
		k, ok := kinds[element]
		return arrayOf(k), ok
	}
	k, ok := kinds[name]
	return k, ok
}

// parse parses a text into a canonical value. relative says that the value would
// be another one at another time.
func (k kind) parse(text string, at time.Time) (value any, relative bool, err error) {
	if k.readAt != nil {
		return k.readAt(text, at)
	}
	value, err = k.read(text)
	return value, false, err
}

// cast casts a JSON value to the type as Postgres does when it reads rows from
// JSON: by the value's text, at the time of the write.
func (k kind) cast(value any, at time.Time) (any, error) {
	switch v := value.(type) {
	case nil:
		return nil, nil
	case []any:
		if k.element != nil {
			return k.castElements(v, at)
		}
	}
	if k.json {
		return value, storable(value)
	}
	value, _, err := k.parse(textOf(value), at)
	return value, err
}

// equal reports whether two canonical values are the same, null or not.
func (k kind) equal(a, b any) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return k.compare(a, b) == 0
}

// readUUID reads 32 hexadecimal digits, with a hyphen after any four of them, in
// braces or not.
func readUUID(text string) (any, error) {
	digits, opened := strings.CutPrefix(text, "{")
	digits, closed := strings.CutSuffix(digits, "}")
	plain := strings.Builder{}
	for i, c := range []byte(digits) {
		switch {
		case c != '-':
			plain.WriteByte(c)
		case plain.Len() == 0 || plain.Len()%4 != 0 || digits[i-1] == '-' || i == len(digits)-1:
			return nil, badText("uuid", text)
		}
	}
	raw, err := hex.DecodeString(plain.String())
	if err != nil || opened != closed {
		return nil, badText("uuid", text)
	}
	id, err := uuid.FromBytes(raw)
	if err != nil {
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

// unstorable is the error for a text that Postgres cannot hold. The box refuses
// it, so that no row is lost on its way to Postgres.
func unstorable() error {
	return &Error{Code: CodeUnstorable, Message: "unsupported Unicode escape sequence", Details: `\u0000 cannot be converted to text.`}
}

// storable returns an error for a JSON value with such a text.
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

// readBool reads a word or the beginning of one, if it can be no other.
func readBool(text string) (any, error) {
	word := strings.ToLower(trimBlanks(text))
	for _, known := range []struct {
		word  string
		least int // bytes of its beginning
		value bool
	}{
		{"true", 1, true},
		{"yes", 1, true},
		{"on", 2, true},
		{"1", 1, true},
		{"false", 1, false},
		{"no", 1, false},
		{"off", 2, false},
		{"0", 1, false},
	} {
		if len(word) >= known.least && strings.HasPrefix(known.word, word) {
			return known.value, nil
		}
	}
	return nil, badText("boolean", text)
}

func readInt(sql string, bits int) func(string) (any, error) {
	return func(text string) (any, error) {
		n, err := strconv.ParseInt(trimBlanks(text), 10, bits)
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
	f, err := strconv.ParseFloat(trimBlanks(text), 64)
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

// The bounds of numeric values: enough for any lesson, and small enough to
// compare quickly. Postgres takes more.
const (
	maxNumeric  = 256 // bytes of text
	maxExponent = 256 // powers of ten
)

func readNumeric(text string) (any, error) {
	number := trimBlanks(text)
	digits := strings.TrimLeft(number, "+-")
	mantissa, exponent, scientific := strings.Cut(strings.ToLower(digits), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if len(number)-len(digits) > 1 || whole+fraction == "" || strings.Trim(whole+fraction, "0123456789") != "" {
		return nil, badText("numeric", text)
	}
	canonical := cmp.Or(strings.TrimLeft(whole, "0"), "0")
	if fraction != "" {
		canonical += "." + fraction
	}
	if scientific {
		n, err := strconv.Atoi(exponent)
		switch {
		case errors.Is(err, strconv.ErrSyntax):
			return nil, badText("numeric", text)
		case err != nil || n < -maxExponent || n > maxExponent:
			return nil, outOfRange("numeric", text)
		}
		canonical += "e" + strconv.Itoa(n)
	}
	if strings.HasPrefix(number, "-") {
		canonical = "-" + canonical
	}
	if len(canonical) > maxNumeric {
		return nil, outOfRange("numeric", text)
	}
	return json.Number(canonical), nil
}

func readJSON(text string) (any, error) {
	var value any
	if err := decode([]byte(text), &value); err != nil {
		return nil, &Error{Code: CodeText, Message: "invalid input syntax for type json", Details: `Token "` + Shorten(text) + `" is invalid.`}
	}
	return value, storable(value)
}

// timeFormat is how PostgREST and Realtime write a time. Years have four digits,
// so that the texts sort as the times do.
const timeFormat = "2006-01-02T15:04:05.999999-07:00"

// FormatTime turns a time into a value of a row.
func FormatTime(t time.Time) string { return t.UTC().Round(time.Microsecond).Format(timeFormat) }

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

func number(value any) json.Number {
	n, _ := value.(json.Number)
	return n
}
