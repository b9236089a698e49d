package classlist

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf16"
)

func TestRead(t *testing.T) {
	for name, tt := range map[string]struct {
		list   string
		chosen []int
		want   string // the names, by |
	}{
		"one a line":               {"Ana\nBen\r\n\n  Cleo  Díaz \r", nil, "Ana|Ben|Cleo Díaz"},
		"numbered":                 {"1. Ana\n2) Ben\n3 Cleo", nil, "Ana|Ben|Cleo"},
		"all in one line":          {"Ana, Ben, Cleo", nil, "Ana|Ben|Cleo"},
		"family name first":        {"López, Ana\nDíaz, Ben", nil, "Ana López|Ben Díaz"},
		"with titles":              {"ID,Name,Class\n1,Ana López,5B\n2,Ben Díaz,5B", nil, "Ana López|Ben Díaz"},
		"two titles":               {"Last Name,First Name\nLópez,Ana\nDíaz,Ben", nil, "Ana López|Ben Díaz"},
		"Excel's semicolons":       {"Nº;Apellidos;Nombre\n1;López;Ana\n2;Díaz;Ben", nil, "Ana López|Ben Díaz"},
		"Excel's mark":             {"sep=;\nName;Age\nAna, the first;9", nil, "Ana, the first"},
		"a tab":                    {"Name\tMail\nAna\ta@school.example", nil, "Ana"},
		"without titles":           {"1;Ana López;a@school.example\n2;Ben Díaz;b@school.example", nil, "Ana López|Ben Díaz"},
		"two columns":              {"1;Ana;López\n2;Ben;Díaz\n3;Cleo;Roy", nil, "Ana López|Ben Díaz|Cleo Roy"},
		"another column":           {"Name;Nickname\nAna López;Anita", []int{1}, "Anita"},
		"quotes":                   {"Name,Age\n\"López, Ana\",9\n\"Ben \"\"Bee\"\" Díaz\",9", nil, `López, Ana|Ben "Bee" Díaz`},
		"a quote left open":        {"\"Ana\nBen\nCleo", nil, "Ana|Ben|Cleo"},
		"quotes inside":            {"Robert \"Bob\" Lee\nO'Neill", nil, `Robert "Bob" Lee|O'Neill`},
		"UTF-8 with a mark":        {"\xef\xbb\xbfName\nÁna", nil, "Ána"},
		"Latin-1":                  {"Name\nJos\xe9\nZo\xeb", nil, "José|Zoë"},
		"Windows-1252":             {"Name\nO\x92Neill\n\x8aime", nil, "O’Neill|Šime"},
		"emoji and right to left":  {"👩‍🎤 Ana\nعلي\nנועה\n李小龍", nil, "👩‍🎤 Ana|علي|נועה|李小龍"},
		"what nobody sees":         {"\u202eAna\u202c\nB\u200ben\nC\u00adleo\x00"[:len("\u202eAna\u202c\nB\u200ben\nC\u00adleo")], nil, "Ana|Ben|Cleo"},
		"like HTML and a formula":  {"<b>Ana</b>\n=1+1\nRobert'); DROP TABLE", nil, "<b>Ana</b>|=1+1|Robert'); DROP TABLE"},
		"a name that is too long":  {strings.Repeat("a", 61) + "\nBen", nil, "Ben"},
		"accents in several signs": {"Jose\u0301", nil, "José"},
	} {
		s, err := Read([]byte(tt.list), tt.chosen)
		if got := strings.Join(s.Names, "|"); err != nil || got != tt.want {
			t.Errorf("%s: got %q of the columns %v %q, %v, want %q", name, got, s.Chosen, s.Columns, err, tt.want)
		}
	}
}

func TestReadUTF16(t *testing.T) {
	raw := []byte("\xff\xfe")
	for _, unit := range utf16.Encode([]rune("Name\tAge\r\nJosé 🎵\t9")) {
		raw = append(raw, byte(unit), byte(unit>>8))
	}
	if s, err := Read(raw, nil); err != nil || strings.Join(s.Names, "|") != "José 🎵" {
		t.Errorf("got %+v, %v", s, err)
	}
}

func TestReadRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		list   string
		chosen []int
		want   error
	}{
		"nothing":                    {" \n;;\n", nil, ErrFile},
		"a spreadsheet":              {"PK\x03\x04\x00\x00", nil, ErrFile},
		"a column that is not there": {"Ana\nBen", []int{1}, ErrFile},
		"a column below 0":           {"Ana\nBen", []int{-1}, ErrFile},
		"too many lines":             {strings.Repeat("Ana\n", maxLines+1), nil, ErrTooMany},
		"too many columns":           {"a\n" + strings.Repeat("Ana;", maxColumns+1), nil, ErrTooMany},
		"a large file":               {strings.Repeat("a", MaxFile+1), nil, ErrTooMany},
	} {
		if s, err := Read([]byte(tt.list), tt.chosen); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %+v, %v, want %v", name, s, err, tt.want)
		}
	}
	if s, err := Read([]byte(strings.Repeat("a", 61)+"\nBen"), nil); err != nil || s.LeftOut != 1 {
		t.Errorf("a name that is too long: %+v, %v", s, err)
	}
}

func TestKey(t *testing.T) {
	for _, same := range [][2]string{{"Ana López", "ANA  lópez"}, {"Jose\u0301", "José"}, {"Ana\u00a0López", "ana lópez"}, {"Straße", "STRASSE"}, {"Ａna", "Ana"}} {
		if Key(same[0]) != Key(same[1]) {
			t.Errorf("%q and %q are two names", same[0], same[1])
		}
	}
	if Key("José") == Key("Jose") {
		t.Error("José and Jose are one name")
	}
}

func FuzzRead(f *testing.F) {
	for _, list := range []string{"Ana\nBen", "Name;Age\nAna;9", "\"a\"\"b\",c\n", "\xff\xfeA\x00", "sep=;\na;b", "1. a, b"} {
		f.Add([]byte(list), -1)
	}
	f.Fuzz(func(t *testing.T, raw []byte, column int) {
		var chosen []int
		if column >= 0 {
			chosen = []int{column}
		}
		s, err := Read(raw, chosen)
		if err != nil {
			return
		}
		for _, name := range s.Names {
			again, ok := Tidy(name)
			if !ok || again != name {
				t.Errorf("%q is no name as it is kept: %q", name, again)
			}
		}
		if len(s.Names) > maxLines || len(s.Chosen) == 0 {
			t.Errorf("got %+v", s)
		}
	})
}
