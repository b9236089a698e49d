package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// config is a settings file. Its keys are the names of flags without dashes. It
// is either lines of the form
//
//	# the music room's box
//	listen: 0.0.0.0:80
//	data: /var/lib/downbeat
//	jwt-secret: "quotes keep spaces # and signs"
//	policy:
//	  lobby*  everyone   read
//	  *       signed-in  all
//
// or one flat JSON object with the same keys. The indented lines below policy
// are its rows. A key that no command knows is an error, so that a misspelt
// setting is never ignored.
type config map[string]string

// configFile is the flag that names a settings file.
type configFile = kong.ConfigFlag

// loadConfig reads a settings file for kong.
func loadConfig(r io.Reader) (kong.Resolver, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxConfig))
	if err != nil {
		return nil, fmt.Errorf("read the config file: %w", err)
	}
	c, err := parseConfig(raw)
	if err != nil {
		return nil, fmt.Errorf("config file: %w", err)
	}
	return c, nil
}

// maxConfig is the largest settings file, in bytes.
const maxConfig = 1 << 20

func parseConfig(raw []byte) (config, error) {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		return parseJSON(raw)
	}
	return parseLines(raw)
}

func parseJSON(raw []byte) (config, error) {
	var values map[string]any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&values); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	c := config{}
	for key, value := range values {
		switch v := value.(type) {
		case string, bool, json.Number:
			c[flagName(key)] = fmt.Sprint(v)
		default:
			return nil, fmt.Errorf("the value of %q must be text, a number, true or false", key)
		}
	}
	return c, nil
}

// tableKey is the setting with a value of indented lines.
const tableKey = "policy"

func parseLines(raw []byte) (config, error) {
	c := config{}
	lines := bufio.NewScanner(bytes.NewReader(raw))
	inTable := false
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if inTable && strings.ContainsRune(" \t", rune(lines.Text()[0])) {
			c[tableKey] += line + "\n"
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		if key = flagName(strings.TrimSpace(key)); !ok || key == "" || strings.ContainsAny(key, " \t") {
			return nil, fmt.Errorf("line %d is not of the form `key: value`", n)
		}
		if _, twice := c[key]; twice {
			return nil, fmt.Errorf("line %d sets %s again", n, key)
		}
		c[key] = unquote(strings.TrimSpace(value))
		inTable = key == tableKey && c[key] == ""
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	return c, nil
}

// unquote removes the quotes of a value, or the comment after an unquoted one.
func unquote(value string) string {
	for _, q := range []string{`"`, `'`} {
		if len(value) > 1 && strings.HasPrefix(value, q) && strings.HasSuffix(value, q) {
			return value[1 : len(value)-1]
		}
	}
	value, _, _ = strings.Cut(value, " #")
	return strings.TrimSpace(value)
}

// flagName also accepts jwt_secret for jwt-secret.
func flagName(key string) string { return strings.ReplaceAll(key, "_", "-") }

// Validate refuses keys that are no flag of any command.
func (c config) Validate(app *kong.Application) error {
	known := map[string]bool{}
	for _, command := range append([]*kong.Node{app.Node}, app.Children...) {
		for _, flag := range command.Flags {
			known[flag.Name] = flag.Name != "help" && flag.Name != "config"
		}
	}
	for _, key := range slices.Sorted(maps.Keys(c)) {
		if !known[key] {
			return fmt.Errorf("config file: there is no setting %q", key)
		}
	}
	return nil
}

// Resolve returns the value of a flag that the command line does not set. The
// environment wins over the file.
func (c config) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range flag.Envs {
		if _, set := os.LookupEnv(name); set {
			return nil, nil
		}
	}
	if value, set := c[flag.Name]; set {
		return value, nil
	}
	return nil, nil
}
