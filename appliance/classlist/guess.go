package classlist

import (
	"slices"
	"strings"
	"unicode"
)

// The titles of columns, as schools' programs and teachers write them.
var (
	wholeTitles = titles("name", "full name", "student", "student name", "pupil", "pupil name", "child", "learner",
		"display name", "nombre completo", "alumno", "alumna", "alumnos", "alumno/a", "estudiante", "nombre y apellidos", "nombre y apellido",
		"apellidos y nombre", "apellidos, nombre", "nom complet", "schüler", "schülerin")
	firstTitles = titles("first", "first name", "firstname", "given name", "given", "givenname", "forename", "preferred name", "nombre", "nombres",
		"vorname", "prénom", "prenom")
	lastTitles = titles("last", "last name", "lastname", "surname", "family name", "familyname", "apellido", "apellidos", "primer apellido", "nachname", "nom")
)

func titles(all ...string) map[string]bool {
	set := map[string]bool{}
	for _, t := range all {
		set[Key(t)] = true
	}
	return set
}

// guessed is a list with a guess at its names.
type guessed struct {
	columns []string
	chosen  []int
	rows    []row // without the titles
}

// guess finds out which columns are names. familyFirst says that two columns without
// titles are a family name and a name.
func guess(rows []row, familyFirst bool) guessed {
	if len(rows) == 0 {
		return guessed{}
	}
	width := 0
	for _, r := range rows {
		width = max(width, len(r))
	}
	g := guessed{rows: rows, columns: make([]string, width)}
	for i := range g.columns {
		for _, r := range rows {
			if i < len(r) && g.columns[i] == "" {
				g.columns[i] = short(r[i])
			}
		}
	}
	if g.chosen = titled(rows[0]); len(g.chosen) > 0 {
		g.rows = rows[1:]
		return g
	}
	if width == 1 {
		for i, r := range rows {
			rows[i] = row{unnumbered(r[0])}
		}
		g.chosen = []int{0}
		return g
	}
	if g.chosen = wordy(rows, width); width == 2 && familyFirst {
		g.chosen = []int{1, 0}
	}
	return g
}

// titled finds the columns of names by their titles.
func titled(first row) []int {
	find := func(set map[string]bool) int {
		return slices.IndexFunc(first, func(cell string) bool { return set[Key(cell)] })
	}
	name, family := find(firstTitles), find(lastTitles)
	switch whole := find(wholeTitles); {
	case name >= 0 && family >= 0:
		return []int{name, family}
	case whole >= 0 && family >= 0: // "name" beside "surname" is the first name
		return []int{whole, family}
	case whole >= 0:
		return []int{whole}
	case name >= 0:
		return []int{name}
	case family >= 0:
		return []int{family}
	}
	return nil
}

// wordy finds the columns of names by what is in them: most cells are words, and
// they differ. Two neighbours of single words are a name and a family name.
func wordy(rows []row, width int) []int {
	var words []int
	for i := range width {
		named, different := 0, map[string]bool{}
		for _, r := range rows {
			if i < len(r) && likeName(r[i]) {
				named++
				different[Key(r[i])] = true
			}
		}
		if 2*named > len(rows) && 2*len(different) > named {
			words = append(words, i)
		}
	}
	switch {
	case len(words) == 0:
		return []int{0}
	case len(words) >= 2 && words[1] == words[0]+1 && singles(rows, words[0]):
		return words[:2]
	}
	return words[:1]
}

// likeName reports whether a cell may be a name: letters or pictures, no digits, no
// address.
func likeName(cell string) bool {
	return strings.TrimSpace(cell) != "" && !strings.ContainsFunc(cell, func(r rune) bool { return unicode.IsDigit(r) || r == '@' || r == '/' })
}

// singles reports whether most cells of a column are one word.
func singles(rows []row, column int) bool {
	n := 0
	for _, r := range rows {
		if column < len(r) && len(strings.Fields(r[column])) == 1 {
			n++
		}
	}
	return 2*n > len(rows)
}

// short is a cell as the title of its column.
func short(cell string) string {
	name, ok := Tidy(cell)
	if !ok {
		return ""
	}
	if runes := []rune(name); len(runes) > 24 {
		return string(runes[:23]) + "…"
	}
	return name
}
