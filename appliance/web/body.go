package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"unicode/utf8"
)

// maxBody bounds every request body of /box/v1, in bytes: the longest
// password and a few fields.
const maxBody = 8 << 10

// readBody reads one JSON object into v. It ignores unknown fields, and an
// empty body is an empty object. Errors: errTooBig, errBody.
func readBody(w http.ResponseWriter, r *http.Request, v any) error {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return errTooBig
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errBody, err)
	}
	return parseBody(raw, v)
}

func parseBody(raw []byte, v any) error {
	if len(raw) == 0 {
		return nil
	}
	if !utf8.Valid(raw) {
		return fmt.Errorf("%w: not UTF-8", errBody)
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return fmt.Errorf("%w: %w", errBody, err)
	}
	return nil
}
