package names

import "strings"

// The words that no nickname may hold, in English, Spanish and other languages
// of a school yard. They are in rot13, so that a reader of the code does not
// have to read them.

// rudeAnywhere is refused inside other words too.
const rudeAnywhere = `
	shpx sphx cuhpx shx fuvg phag ovgpu ovngpu nffubyr nefrubyr onfgneq jnaxre juber fyhg cravf
	intvan pyvgbevf obbof obbovrf gvggvrf qvyqb cbea uvgyre fvrturvy fhvpvqr xvyylbh xvyyzr ergneq
	avttre avttn snttbg genaal obyybpxf zbgures pbpxfhpx oybjwbo unaqwbo qvpxurnq chffvrf wvmm
	betnfz znfgheong rwnphyng crqbcuvy cnrqbcuvy uragnv gbffre zvreqn pnoeba craqrw uvwbqrchg
	uvwhrchg chgnznqer znevpba tvyvcbyy pbwbarf puvatnq znycnevq phyvnq wbqrgr fpurvffr nefpuybpu
	sbgmr uherafbua jvpufre fpuynzcr zreqr chgnva fnybcr pbaaneq raphyr pbñb
	xhejn cvreqby fgebamb inssnaphy bebfch fvxgve pnenyub ivggh crexryr oylnq oylng cvmqn ahmдn xhgjvws 傻逼 操你 شرموط`

// rudeAlone is refused only as words of their own: these words are also inside
// harmless ones, as in Scunthorpe.
const rudeAlone = `
	nff nffrf nefr gvg gvgf gjng jnax phz phzf phzzvat frk frkl frkb encr encrq encvfg snt sntf qvpx
	qvpxf pbpx pbpxf chffl fcvp xvxr puvax tbbx pbba cnxv anmv anmvf ubzb wnc cvff cvffrq cevpx
	obare zvys nahf nany frzra xxx xlf fgsh tgsb jgs ubr ubrf gubg chgn chgb chgnf chgbf phyb phybf
	phyreb iretn iretnf cbyyn cbyynf sbyyne wbqre mbeen grgn grgnf crqb crar
	pnmmb nzpvx cbeen sbqn fhxn plxn klh puhw zhvr svggn`

// harmless is the words that hold one of rudeAnywhere or importantAnywhere, or look
// like a rude one, and mean no harm. It is in plain text.
const harmless = "scunthorpe shiitake shitake matsushita badminton fukui fukushima anai"

// importantAnywhere and importantAlone name the grown-ups and the box. A child
// must not pass for one of them.
const (
	importantAnywhere = "teacher headmaster profesor professor downbeat"
	importantAlone    = `admin administrator admins mod moderator system stage principal profe maestra maestro
		docente director directora lehrer lehrerin professeur root owner support staff classroom`
)

// titles come before a grown-up's name.
const titles = "mr mrs ms miss mx sir madam maam dr prof senor senora senorita sr sra srta herr frau monsieur madame"

// pictures are emoji and signs that hurt.
const pictures = "\U0001F595\U0001F346\u5350\u534D\u0FD5\u0FD6\u0FD7\u0FD8"

// rot13 turns the lists of this file into words.
func rot13(words string) string {
	return strings.Map(func(r rune) rune {
		if r < 'a' || r > 'z' {
			return r
		}
		return 'a' + (r-'a'+13)%26
	}, words)
}
