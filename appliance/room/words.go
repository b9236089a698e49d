package room

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
)

// Languages are those in which the box has texts.
var Languages = []string{"en", "es"}

// Words is a text in several languages, by the language. A text in one language
// alone is under "". In JSON it is an object, or a plain text.
type Words map[string]string

// PlainWords is a text in one language.
func PlainWords(text string) Words { return Words{"": text} }

// In returns the text in a language, or in one that there is.
func (w Words) In(language string) string {
	found := cmp.Or(w[language], w[""])
	for _, other := range Languages {
		found = cmp.Or(found, w[other])
	}
	return found
}

// MarshalJSON writes a text in one language plainly.
func (w Words) MarshalJSON() ([]byte, error) {
	if text, plain := w[""]; plain {
		return json.Marshal(text)
	}
	return json.Marshal(map[string]string(w))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (w *Words) UnmarshalJSON(raw []byte) error {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		*w = PlainWords(text)
		return nil
	}
	var all map[string]string
	if err := json.Unmarshal(raw, &all); err != nil {
		return errors.New("words are a text, or texts by language")
	}
	*w = Words{}
	maps.Copy(*w, all)
	return nil
}
