package table

import (
	"strconv"
	"strings"
	"time"
)

// timeFields is a set of the parts that a time has.
type timeFields int

const (
	hasYear timeFields = 1 << iota
	hasMonth
	hasDay
	hasDayOfYear
	hasClock
	hasZone
	hasWeekday
	hasHalf     // am or pm
	hasEra      // AD or BC
	hasConstant // epoch or infinity
	hasDate     = hasYear | hasMonth | hasDay
)

// writtenTime is a time as it was written, token by token.
type writtenTime struct {
	at  time.Time // of the reading: what now means
	has timeFields

	year, month, day, dayOfYear int
	hour, minute, second        int
	fraction                    time.Duration
	zone                        *time.Location // UTC if none was written

	namedMonth bool
	shortYear  bool // of one or two digits
	half       string
	bc         bool
	label      string // what the next token is: "t" a clock, "j" a Julian day

	relative  bool   // it depends on at
	constant  string // epoch, infinity or -infinity: the other fields do not count
	posixZone bool   // it names a zone in POSIX's form
}

// The reasons to refuse a time.
type timeProblem string

const (
	noTime        timeProblem = CodeTime
	timeRange     timeProblem = CodeTimeRange
	zoneRange     timeProblem = CodeZoneRange
	unknownZone   timeProblem = CodeZone
	noTimeProblem timeProblem = ""
)

// readTime reads whatever Postgres 15 reads in a session with UTC and the date
// style ISO, MDY, except years before 1 and after 9999, zones in POSIX's form
// (GMT+1) and the units of y2026m11d30.
func readTime(text string, at time.Time) (value any, relative bool, err error) {
	w := writtenTime{at: at.UTC(), zone: time.UTC}
	tokens, ok := splitTime(text)
	problem := noTime
	if ok {
		problem = w.read(tokens)
	}
	var t time.Time
	if problem == noTimeProblem {
		t, problem = w.time()
	}
	switch {
	case problem != noTimeProblem:
		return nil, false, problem.of(text)
	case strings.HasSuffix(w.constant, "infinity"):
		return w.constant, false, nil
	}
	return FormatTime(t), w.relative, nil
}

func (p timeProblem) of(text string) error {
	about := map[timeProblem]string{
		noTime:      "invalid input syntax for type timestamp with time zone: ",
		timeRange:   "date/time field value out of range: ",
		zoneRange:   "time zone displacement out of range: ",
		unknownZone: "time zone not recognized: ",
	}[p]
	return &Error{Code: string(p), Message: about + strconv.Quote(Shorten(text))}
}

// read takes all tokens.
func (w *writtenTime) read(tokens []timeToken) timeProblem {
	for i, token := range tokens {
		last := i == len(tokens)-1
		fields, problem := w.take(token, last)
		if problem != noTimeProblem {
			return problem
		}
		if fields&w.has != 0 {
			return noTime
		}
		w.has |= fields
	}
	if w.posixZone {
		return unknownZone
	}
	return noTimeProblem
}

// take takes one token. It returns the fields that the token gives.
func (w *writtenTime) take(t timeToken, last bool) (timeFields, timeProblem) {
	label := w.label
	w.label = ""
	switch {
	case t.kind == zoneToken && label == "":
		return w.offset(t.text)
	case t.kind == clockToken && label != "j":
		return w.clock(t.text)
	case t.kind == wordToken && label == "":
		return w.word(t.text, last)
	case t.kind == dateToken && label == "t", t.kind == dateToken && w.has&hasMonth != 0 && w.has&hasDay != 0 && isDigit(t.text[0]):
		return w.clockAndOffset(t.text)
	case t.kind == dateToken && label == "" && w.has&hasMonth != 0 && w.has&hasDay != 0:
		return w.zoneName(t.text)
	case t.kind == dateToken && label == "":
		return w.date(t.text)
	case t.kind == numberToken && label == "t":
		fields, problem := w.packed(t.text, w.has)
		if fields != hasClock {
			return 0, noTime
		}
		return fields, problem
	case t.kind == numberToken && label == "j":
		return w.julianDay(t.text)
	case t.kind == numberToken && label == "":
		return w.number(t.text)
	}
	return 0, noTime
}

// number takes a number without a label: a part of a date, or many parts without
// separators.
func (w *writtenTime) number(text string) (timeFields, timeProblem) {
	whole, _, dotted := strings.Cut(text, ".")
	switch {
	case dotted && w.has&hasDate == 0:
		return w.date(text)
	case dotted && len(whole) > 2, len(text) >= 6 && (w.has&hasDate == 0 || w.has&hasClock == 0):
		return w.packed(text, w.has)
	}
	return w.datePart(text, w.has)
}

// date takes a date with separators.
func (w *writtenTime) date(text string) (fields timeFields, problem timeProblem) {
	var parts []string
	s := scanner{text: text}
	for !s.done() {
		s.while(isPunctuation)
		switch c := s.peek(); {
		case s.done():
			return 0, noTime
		case isDigit(c):
			parts = append(parts, s.while(isDigit))
		case isLetter(c):
			month, ok := monthOf(s.while(isLetter))
			if !ok || w.has&hasMonth != 0 {
				return 0, noTime
			}
			w.month, w.namedMonth = month, true
			fields |= hasMonth
		}
		s.at++ // Postgres skips whatever follows a part, such as the t of 30-Nov-2026t
	}
	for _, part := range parts {
		found, problem := w.datePart(part, w.has|fields)
		if problem != noTimeProblem {
			return 0, problem
		}
		if found&(w.has|fields) != 0 {
			return 0, noTime
		}
		fields |= found
	}
	if (w.has|fields)&^(hasDayOfYear|hasZone) != hasDate {
		return 0, noTime
	}
	return fields, noTimeProblem
}

// datePart takes a number that is a year, a month or a day: which one depends
// on those before it and on its length.
func (w *writtenTime) datePart(text string, has timeFields) (timeFields, timeProblem) {
	n, problem := integer(text)
	if problem != noTimeProblem {
		return 0, problem
	}
	setYear := func() (timeFields, timeProblem) {
		w.year, w.shortYear = n, len(text) <= 2
		return hasYear, noTimeProblem
	}
	setMonth := func() (timeFields, timeProblem) { w.month = n; return hasMonth, noTimeProblem }
	setDay := func() (timeFields, timeProblem) { w.day = n; return hasDay, noTimeProblem }
	switch known := has & hasDate; {
	case len(text) == 3 && known == hasYear && n >= 1 && n <= 366:
		w.dayOfYear = n
		return hasDayOfYear | hasMonth | hasDay, noTimeProblem
	case known == 0 && len(text) >= 3, known == hasMonth|hasDay:
		return setYear()
	case known == 0, known == hasYear, known == hasDay:
		return setMonth()
	case known == hasMonth && w.namedMonth && len(text) >= 3:
		return setYear()
	case known == hasYear|hasMonth && w.namedMonth && len(text) >= 3 && w.shortYear:
		w.day = w.year // 30-Nov-2026: the number before the month was no year
		w.year, w.shortYear = n, false
		return hasDay, noTimeProblem
	case known == hasMonth, known == hasYear|hasMonth:
		return setDay()
	}
	return w.packed(text, has)
}

// packed takes a date or a clock without separators: 20261130, 090000.5, 0900.
func (w *writtenTime) packed(text string, has timeFields) (timeFields, timeProblem) {
	digits, fraction, dotted := strings.Cut(text, ".")
	if dotted {
		w.setFraction(fraction)
	} else if has&hasDate != hasDate && len(digits) >= 6 {
		end := len(digits) - 4
		n, problem := integer(digits[:end])
		if problem != noTimeProblem {
			return 0, problem
		}
		w.year, w.shortYear = n, end == 2
		w.month, w.day = twoDigits(digits[end:]), twoDigits(digits[end+2:])
		return hasDate, noTimeProblem
	}
	if has&hasClock != 0 || len(digits) != 6 && len(digits) != 4 {
		return 0, noTime
	}
	w.hour, w.minute, w.second = twoDigits(digits), twoDigits(digits[2:]), 0
	if len(digits) == 6 {
		w.second = twoDigits(digits[4:])
	}
	return hasClock, w.clockProblem()
}

// twoDigits is the number of the first two digits of a text.
func twoDigits(text string) int { return int(text[0]-'0')*10 + int(text[1]-'0') }

// julianDay takes the number of a day since November of 4714 BC.
func (w *writtenTime) julianDay(text string) (timeFields, timeProblem) {
	n, problem := integer(text)
	if problem != noTimeProblem {
		return 0, problem
	}
	const ofEpoch = 2440588 // of 1970-01-01
	day := time.Unix(0, 0).UTC().AddDate(0, 0, min(n, 1<<24)-ofEpoch)
	w.setDate(day)
	return hasDate, noTimeProblem
}

func (w *writtenTime) setDate(t time.Time) {
	w.year, w.month, w.day = t.Year(), int(t.Month()), t.Day()
}

// time is the moment that the fields describe.
func (w *writtenTime) time() (time.Time, timeProblem) {
	if problem := w.completeDate(); problem != noTimeProblem {
		return time.Time{}, problem
	}
	hour, problem := w.hourOfDay()
	if problem != noTimeProblem {
		return time.Time{}, problem
	}
	switch {
	case w.constant != "":
		return time.Unix(0, 0), noTimeProblem
	case w.has&hasDate != hasDate:
		return time.Time{}, noTime
	}
	t := time.Date(w.year, time.Month(w.month), w.day, hour, w.minute, w.second, int(w.fraction), w.zone).UTC()
	if t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}, timeRange
	}
	return t, noTimeProblem
}

// completeDate works out the year and the day, and checks the date.
func (w *writtenTime) completeDate() timeProblem {
	switch {
	case w.has&hasYear == 0:
	case w.shortYear && w.year < 70:
		w.year += 2000
	case w.shortYear:
		w.year += 1900
	}
	if w.has&hasYear != 0 && (w.year < 1 || w.year > 10_000 || w.bc) {
		return timeRange // of a year after 9999, the first hours may be in 9999 in UTC
	}
	if w.has&hasDayOfYear != 0 {
		w.setDate(time.Date(w.year, 1, w.dayOfYear, 0, 0, 0, 0, time.UTC))
	}
	if w.has&hasMonth != 0 && (w.month < 1 || w.month > 12) || w.has&hasDay != 0 && (w.day < 1 || w.day > 31) {
		return timeRange
	}
	if w.has&hasDate == hasDate && time.Date(w.year, time.Month(w.month), w.day, 0, 0, 0, 0, time.UTC).Day() != w.day {
		return timeRange
	}
	return noTimeProblem
}
