package table

import (
	"strings"
	"time"
	_ "time/tzdata" // zones by name, on machines without a list of their own
)

// The names of months and weekdays, with all short forms that Postgres knows.
var (
	monthNames = words(map[int]string{
		1: "jan january", 2: "feb february", 3: "mar march", 4: "apr april", 5: "may", 6: "jun june", 7: "jul july",
		8: "aug august", 9: "sep sept september", 10: "oct october", 11: "nov november", 12: "dec december",
	})
	weekdayNames = words(map[int]string{
		0: "sun sunday", 1: "mon monday", 2: "tue tues tuesday", 3: "wed weds wednesday",
		4: "thu thur thurs thursday", 5: "fri friday", 6: "sat saturday",
	})
	// otherWords are the words with a meaning of their own.
	otherWords = words(map[int]string{0: "ad allballs am at bc epoch infinity j jd julian now on pm t today tomorrow yesterday"})
)

func words(by map[int]string) map[string]int {
	all := map[string]int{}
	for n, names := range by {
		for _, name := range strings.Fields(names) {
			all[name] = n
		}
	}
	return all
}

func monthOf(word string) (int, bool) {
	n, ok := monthNames[strings.ToLower(word)]
	return n, ok
}

// isTimeWord reports whether a word is more than the name of a zone.
func isTimeWord(word string) bool {
	word = strings.ToLower(word)
	_, month := monthNames[word]
	_, weekday := weekdayNames[word]
	_, other := otherWords[word]
	return month || weekday || other
}

// zoneHours are abbreviations of zones, in hours from UTC: those of RFC 2822,
// section 4.3, and those of Europe, Asia and Oceania that Postgres knows and
// that always mean one distance.
var zoneHours = map[string]float64{
	"z": 0, "zulu": 0, "utc": 0, "uct": 0, "ut": 0, "gmt": 0,
	"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
	"akst": -9, "akdt": -8, "hst": -10, "ast": -4, "adt": -3, "nst": -3.5, "ndt": -2.5,
	"wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2, "met": 1, "mest": 2, "mez": 1, "mesz": 2, "eet": 2, "eest": 3,
	"ist": 2, "idt": 3, "jst": 9, "kst": 9, "hkt": 8, "sast": 2, "eat": 3,
	"awst": 8, "acst": 9.5, "acdt": 10.5, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13,
}

// word takes a word.
func (w *writtenTime) word(text string, last bool) (timeFields, timeProblem) {
	word := strings.ToLower(text)
	if month, ok := monthNames[word]; ok {
		return w.monthName(month), noTimeProblem
	}
	if _, ok := weekdayNames[word]; ok {
		return hasWeekday, noTimeProblem // whatever it says
	}
	if hours, ok := zoneHours[word]; ok {
		w.zone = time.FixedZone("", int(hours*3600))
		return hasZone, noTimeProblem
	}
	switch word {
	case "on", "at":
		return 0, noTimeProblem
	case "am", "pm":
		w.half = word
		return hasHalf, noTimeProblem
	case "ad", "bc":
		w.bc = word == "bc"
		return hasEra, noTimeProblem
	case "j", "jd", "julian", "t":
		return 0, w.labelNext(word[:1], last)
	}
	if fields, ok := w.wholeWord(word); ok {
		return fields, noTimeProblem
	}
	if _, problem := w.zoneName(text); problem != noTimeProblem {
		return 0, noTime
	}
	return hasZone, noTimeProblem
}

// monthName takes the name of a month. A number before it, which seemed to be
// the month, is the day.
func (w *writtenTime) monthName(month int) timeFields {
	fields := hasMonth
	if w.has&hasMonth != 0 && w.has&hasDay == 0 && !w.namedMonth && w.month >= 1 && w.month <= 31 {
		w.day, fields = w.month, hasDay
	}
	w.month, w.namedMonth = month, true
	return fields
}

// labelNext says what the next token is. A t stands between a date and a clock.
func (w *writtenTime) labelNext(label string, last bool) timeProblem {
	if last || label == "t" && w.has&hasDate != hasDate {
		return noTime
	}
	w.label = label
	return noTimeProblem
}

// wholeWord takes a word that means a time, a day or a clock.
func (w *writtenTime) wholeWord(word string) (timeFields, bool) {
	const everything = hasDate | hasClock | hasZone
	days, isDay := map[string]int{"yesterday": -1, "today": 0, "tomorrow": 1}[word]
	switch {
	case isDay:
		w.relative = true
		w.setDate(w.at.AddDate(0, 0, days))
		return hasDate, true
	case word == "now":
		w.relative = true
		w.setMoment(w.at)
		return everything, true
	case word == "epoch", word == "infinity", word == "-infinity":
		w.constant = word
		return hasConstant, true
	case word == "allballs":
		w.hour, w.minute, w.second = 0, 0, 0
		return hasClock | hasZone | hasConstant, true // like epoch, it goes with no other constant
	}
	return 0, false
}

func (w *writtenTime) setMoment(t time.Time) {
	w.setDate(t)
	w.hour, w.minute, w.second = t.Clock()
	w.fraction = time.Duration(t.Nanosecond())
}

// zoneName takes the name of a zone, such as Europe/Berlin, as the IANA writes
// it. It takes no zone in POSIX's form, such as GMT+0100: Postgres counts those
// to the other side, and whole hours, so the time would be far from what was
// meant.
func (w *writtenTime) zoneName(name string) (timeFields, timeProblem) {
	zone, err := time.LoadLocation(name)
	switch {
	case strings.EqualFold(name, "local"):
		return 0, unknownZone
	case err != nil && strings.ContainsAny(name, "+-0123456789"):
		w.posixZone = true
		return hasZone, noTimeProblem
	case err != nil:
		return 0, unknownZone
	}
	w.zone = zone
	return hasZone, noTimeProblem
}
