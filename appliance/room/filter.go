package room

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// The words that no nickname may hold, in rot13 so that nobody has to read
// them. Those of rudeAnywhere are refused inside other words too; those of
// rudeAlone would catch Scunthorpe, and are refused only by themselves.
var (
	rudeAnywhere = strings.Fields(`shpx shxx shhpx shpc shpa cuhpx fuvg phag ovgpu nffubyr onfgneq jnaxre jnaxvat gjng
		juber fyhg cravf intvan pyvgbevf obbof gvggvrf qvyqb cbea encvfg uvgyre anmvf fhvpvqr xvyylbh xvyyzr
		ergneq avttre avttn avtn snttbg genaal obyybpx zbgureshpx pbpxfhpx oybjwbo unaqwbo wvmm
		zvreqn pnoeba iretn craqrwb chgnzn chgvgn znevpba wbqre pbwbarf tvyvcbyynf`)
	rudeAlone = strings.Fields(`nff nefr gvg gvgf phz frk frkl encr snt snttl qvpx pbpx chffl chfl fcvp xvxr
		puvax cnxv anmv qlxr ubzb tnl wnc cvff cvffl xlf fgsh pencurnq chgn chgb chygn pbab phyb xxx ff`)
	// importantAlone are people a child must not pass for, in plain.
	importantAlone = strings.Fields(`teacher theteacher admin administrator moderator mod system downbeat stage
		principal headteacher maestra maestro profe profesor profesora director directora root support`)
	titles = strings.Fields(`mr mrs ms miss mx sir madam dr prof sr sra srta`)
)

// lookalikes are what letters are written with to get past a filter.
var lookalikes = strings.NewReplacer(
	"0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "6", "g", "7", "t", "8", "b", "9", "g", "!", "i", "@", "a", "$", "s",
)

// plain is a name without case, accents, look-alikes and repeats, word by
// word.
func plain(name string) []string {
	var b strings.Builder
	last := rune(0)
	for _, r := range lookalikes.Replace(strings.ToLower(norm.NFKD.String(name))) {
		switch {
		case unicode.Is(unicode.Mn, r) || r == last && unicode.IsLetter(r):
			continue
		case unicode.IsLetter(r):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
		last = r
	}
	return strings.Fields(b.String())
}

// rude reports whether a name holds a word that is meant to hurt, however it
// is spaced or spelled.
func rude(name string) bool {
	words := plain(name)
	whole := strings.Join(words, "")
	for _, w := range rudeAnywhere {
		if strings.Contains(whole, single(rot13(w))) {
			return true
		}
	}
	for _, w := range rudeAlone {
		w = single(rot13(w))
		if whole == w || slices.Contains(words, w) {
			return true
		}
	}
	return false
}

// important reports whether a name passes for a grown-up or the box.
func important(name string) bool {
	words := plain(name)
	whole := strings.Join(words, "")
	for _, w := range importantAlone {
		if w = single(w); whole == w || slices.Contains(words, w) {
			return true
		}
	}
	for _, title := range titles {
		if len(words) > 1 && words[0] == single(title) {
			return true
		}
	}
	return false
}

// single is a word with repeated letters written once, as plain leaves them.
func single(word string) string {
	var b strings.Builder
	last := rune(0)
	for _, r := range word {
		if r != last {
			b.WriteRune(r)
		}
		last = r
	}
	return b.String()
}

func rot13(word string) string {
	return strings.Map(func(r rune) rune {
		if r < 'a' || r > 'z' {
			return r
		}
		return 'a' + (r-'a'+13)%26
	}, word)
}
