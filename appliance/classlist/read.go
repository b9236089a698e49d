package classlist

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode"
)

// The bounds of a list that is read. What is beyond them is an ErrTooMany.
const (
	maxLines   = 1000
	maxColumns = 60
)

// Sheet is a list as it was read.
type Sheet struct {
	// Columns are the titles of the columns, or what is in their first cells.
	Columns []string `json:"columns"`
	// Chosen are the columns that make a name, in order.
	Chosen []int `json:"chosen"`
	// Names are what they make, without what is no name.
	Names []string `json:"names"`
	// LeftOut is how many lines have something that is no name.
	LeftOut int `json:"left_out"`
}

// Read reads a list of names: one a line, or a table as spreadsheets write it. It
// guesses which columns are names, unless the caller has chosen some. Errors:
// ErrFile, ErrTooMany.
func Read(raw []byte, chosen []int) (Sheet, error) {
	text, err := decode(raw)
	if err != nil {
		return Sheet{}, err
	}
	rows, err := cut(text)
	if err != nil {
		return Sheet{}, err
	}
	g := guess(rows, familyFirst(text))
	if len(chosen) > 0 {
		if slices.ContainsFunc(chosen, func(c int) bool { return c < 0 || c >= len(g.columns) }) {
			return Sheet{}, ErrFile
		}
		g.chosen = chosen
	}
	s := Sheet{Columns: g.columns, Chosen: g.chosen, Names: []string{}}
	for _, row := range g.rows {
		name, ok := Tidy(row.name(g.chosen))
		switch {
		case ok:
			s.Names = append(s.Names, name)
		case strings.TrimSpace(row.name(g.chosen)) != "":
			s.LeftOut++
		}
	}
	if len(s.Names) == 0 {
		return Sheet{}, ErrFile
	}
	return s, nil
}

// row is one line of a list.
type row []string

func (r row) name(columns []int) string {
	var words []string
	for _, c := range columns {
		if c < len(r) {
			words = append(words, r[c])
		}
	}
	return strings.Join(words, " ")
}

// cut cuts a text into rows of cells.
func cut(text string) ([]row, error) {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n").Replace(text)
	text, mark := cutMark(text)
	if mark == 0 {
		mark = separator(text)
	}
	if strings.Count(text, `"`)%2 == 1 {
		text = strings.ReplaceAll(text, `"`, "") // one that is never closed would take the rest of the list
	}
	in := csv.NewReader(strings.NewReader(text))
	in.Comma, in.LazyQuotes, in.FieldsPerRecord, in.TrimLeadingSpace = mark, true, -1, mark != '\t'
	var rows []row
	for {
		cells, err := in.Read()
		switch {
		case errors.Is(err, io.EOF):
			return oneLine(rows), nil
		case err != nil:
			return nil, ErrFile
		case len(rows) == maxLines || len(cells) > maxColumns && len(rows) > 0:
			return nil, ErrTooMany
		}
		if slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" }) {
			rows = append(rows, cells)
		}
	}
}

// cutMark cuts the line "sep=;" off, by which Excel names its separator.
func cutMark(text string) (rest string, mark rune) {
	line, rest, _ := strings.Cut(text, "\n")
	if mark, ok := strings.CutPrefix(strings.ToLower(line), "sep="); ok && len(mark) == 1 && strings.Contains(";,\t|", mark) {
		return rest, rune(mark[0])
	}
	return text, 0
}

// separator guesses what stands between the cells: the sign that is there most
// often, if half of the lines have it.
func separator(text string) rune {
	best, most := '\x1f', 0 // a sign that no list has
	for _, mark := range ";\t,|" {
		lines, with, n := 0, 0, 0
		for line := range strings.Lines(text) {
			if strings.TrimSpace(line) == "" {
				continue
			}
			lines++
			if in := unquoted(line, mark); in > 0 {
				with, n = with+1, n+in
			}
		}
		if 2*with >= lines && n > most {
			best, most = mark, n
		}
	}
	return best
}

// unquoted counts a sign outside of quotes.
func unquoted(line string, mark rune) (n int) {
	quoted := false
	for _, r := range line {
		switch {
		case r == '"':
			quoted = !quoted
		case r == mark && !quoted:
			n++
		}
	}
	return n
}

// familyFirst reports whether most lines are written as "López, Ana".
func familyFirst(text string) bool {
	lines, n := 0, 0
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		lines++
		if family, name, ok := strings.Cut(line, ", "); ok && !strings.Contains(family+name, ",") {
			n++
		}
	}
	return 2*n > lines
}

// oneLine makes a row of each cell, if all names are in one line.
func oneLine(rows []row) []row {
	if len(rows) != 1 || len(rows[0]) < 3 {
		return rows
	}
	var names []row
	for _, cell := range rows[0] {
		names = append(names, row{cell})
	}
	return names
}

// unnumbered cuts the number off a line such as "12. Ana" or "12) Ana".
func unnumbered(cell string) string {
	cell = strings.TrimSpace(cell)
	rest := strings.TrimLeftFunc(cell, unicode.IsDigit)
	if rest == cell || rest == "" {
		return cell
	}
	return strings.TrimSpace(strings.TrimLeft(rest, ".):-"))
}
