package rest

import (
	"mime"
	"strconv"
	"strings"

	"downbeat.local/appliance/table"
)

// form is the form of the rows in an answer.
type form struct {
	single bool // one object instead of an array
	strip  bool // without nulls
}

// contentType is the media type of the form.
func (f form) contentType() string {
	kind := "application/json"
	switch {
	case f.single:
		kind = "application/vnd.pgrst.object+json"
	case f.strip:
		kind = "application/vnd.pgrst.array+json"
	}
	if f.strip {
		kind += "; nulls=stripped"
	}
	return kind + "; charset=utf-8"
}

// parseAccept finds the first form in an Accept header that the box has.
func parseAccept(headers []string) (form, error) {
	accept := strings.Join(headers, ",")
	if strings.TrimSpace(accept) == "" {
		return form{}, nil
	}
	for _, part := range strings.Split(accept, ",") {
		kind, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		f := form{strip: params["nulls"] == "stripped"}
		switch kind {
		case "*/*", "application/*", "application/json":
			return form{}, nil
		case "application/vnd.pgrst.object+json", "application/vnd.pgrst.object":
			f.single = true
			return f, nil
		case "application/vnd.pgrst.array+json", "application/vnd.pgrst.array":
			return f, nil
		}
	}
	return form{}, &table.Error{Code: codeMedia, Message: "None of these media types are available: " + table.Shorten(accept)}
}

// preferences are the requests of a Prefer header.
type preferences struct {
	represent   bool   // return=representation
	count       bool   // count=exact; planned and estimated count exactly too
	resolution  string // merge-duplicates or ignore-duplicates
	missing     bool   // missing=default
	maxAffected int    // with handling=strict; no limit if below 0
	applied     []string
}

// parsePrefer reads Prefer headers. An unknown preference is ignored, or an
// error with handling=strict.
func parsePrefer(headers []string) (preferences, error) {
	p := preferences{maxAffected: -1}
	strict := false
	var unknown []string
	for _, part := range strings.Split(strings.Join(headers, ","), ",") {
		part = strings.TrimSpace(part)
		switch {
		case part == "":
			continue
		case part == "handling=strict":
			strict = true
		case !p.read(part):
			unknown = append(unknown, part)
			continue
		}
		p.applied = append(p.applied, part)
	}
	if !strict {
		p.maxAffected = -1
	} else if len(unknown) > 0 {
		return p, &table.Error{
			Code: codePrefer, Message: "Invalid preferences given with handling=strict",
			Details: "Invalid preferences: " + table.Shorten(strings.Join(unknown, ", ")),
		}
	}
	return p, nil
}

// read reads one preference and reports whether it is known.
func (p *preferences) read(part string) bool {
	name, value, _ := strings.Cut(part, "=")
	switch part {
	case "return=representation":
		p.represent = true
	case "return=minimal", "return=headers-only", "handling=lenient", "missing=null", "tx=commit":
	case "count=exact", "count=planned", "count=estimated":
		p.count = true
	case "resolution=merge-duplicates", "resolution=ignore-duplicates":
		p.resolution = value
	case "missing=default":
		p.missing = true
	default:
		n, err := strconv.ParseUint(value, 10, 31)
		if name != "max-affected" || err != nil {
			return false
		}
		p.maxAffected = int(n)
	}
	return true
}
