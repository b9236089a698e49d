package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"unicode/utf8"
)

// maxBody bounds the request bodies of /box/v1, in bytes: the longest password and a
// few fields. Lists of names have a bound of their own.
const maxBody = 8 << 10

// readBody reads one JSON object into v. It ignores unknown fields, and an
// empty body is an empty object. Errors: errTooBig, errBody.
func readBody(w http.ResponseWriter, r *http.Request, v any) error {
	raw, err := readRaw(w, r, maxBody)
	if err != nil {
		return err
	}
	return parseBody(raw, v)
}

// readRaw reads a body of at most that many bytes. Errors: errTooBig, errBody.
func readRaw(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, errTooBig
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBody, err)
	}
	return raw, nil
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
