package table

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// clock takes 09:00, 09:00:30 and 09:00:30.5. With a fraction and one colon,
// Postgres reads minutes and seconds.
func (w *writtenTime) clock(text string) (timeFields, timeProblem) {
	digits, fraction, dotted := strings.Cut(text, ".")
	n, parts, problem := sexagesimal(digits, timeRange)
	if problem != noTimeProblem {
		return 0, problem
	}
	if parts > 3 || strings.Trim(fraction, "0123456789") != "" {
		return 0, noTime
	}
	if dotted && parts == 2 {
		n = [3]int{0, n[0], n[1]}
	}
	w.hour, w.minute, w.second = n[0], n[1], n[2]
	w.setFraction(fraction)
	return hasClock, w.clockProblem()
}

// clockProblem says what is wrong with the clock. 24:00 is midnight at the end of
// the day, and a minute may have a second 60.
func (w *writtenTime) clockProblem() timeProblem {
	beyond := w.hour == 24 && (w.minute > 0 || w.second > 0 || w.fraction > 0)
	if w.hour > 24 || beyond || w.minute > 59 || w.second > 60 {
		return timeRange
	}
	return noTimeProblem
}

// sexagesimal reads the first three of some numbers with colons between them. A
// missing number is 0. beyond is the problem with a number that is too large.
func sexagesimal(text string, beyond timeProblem) (n [3]int, parts int, problem timeProblem) {
	for part := range strings.SplitSeq(text, ":") {
		if parts < len(n) && part != "" {
			if n[parts], problem = integer(part); problem == timeRange {
				problem = beyond
			}
			if problem != noTimeProblem {
				return n, 0, problem
			}
		}
		parts++
	}
	return n, parts, noTimeProblem
}

// integer reads digits. Postgres works with 32 bits here.
func integer(digits string) (int, timeProblem) {
	n, err := strconv.ParseInt(digits, 10, 32)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, timeRange
	case err != nil:
		return 0, noTime
	}
	return int(n), noTimeProblem
}

// setFraction takes the digits after the point of a second. Postgres rounds them
// to microseconds.
func (w *writtenTime) setFraction(digits string) {
	f, _ := strconv.ParseFloat("0."+digits, 64) // digits only
	w.fraction = time.Duration(math.RoundToEven(f*1e6)) * time.Microsecond
}

// clockAndOffset takes a clock without separators and a zone: 090000-08.
func (w *writtenTime) clockAndOffset(text string) (timeFields, timeProblem) {
	digits, offset, ok := strings.Cut(text, "-")
	if !ok || w.has&hasClock != 0 || strings.Trim(digits, "0123456789.") != "" {
		return 0, noTime
	}
	if fields, problem := w.offset("-" + offset); problem != noTimeProblem {
		return fields, problem
	}
	fields, problem := w.packed(digits, w.has)
	return fields | hasZone, problem
}

// hourOfDay applies am and pm.
func (w *writtenTime) hourOfDay() (int, timeProblem) {
	switch {
	case w.half == "":
		return w.hour, noTimeProblem
	case w.hour > 12:
		return 0, timeRange
	case w.half == "am" && w.hour == 12:
		return 0, noTimeProblem
	case w.half == "pm" && w.hour < 12:
		return w.hour + 12, noTimeProblem
	}
	return w.hour, noTimeProblem
}

// maxOffset is how many hours a zone may be from UTC (MAX_TZDISP_HOUR).
const maxOffset = 15

// offset takes a distance from UTC: +1, +01, +0130, +01:30, +01:30:15.
func (w *writtenTime) offset(text string) (timeFields, timeProblem) {
	s := scanner{text: text[1:]}
	digits := s.while(func(c byte) bool { return isDigit(c) || c == ':' })
	n, parts, problem := sexagesimal(digits, zoneRange)
	if parts == 1 && s.done() && len(digits) > 2 {
		n[0], n[1] = n[0]/100, n[0]%100
	}
	switch {
	case problem != noTimeProblem:
		return 0, problem
	case n[0] > maxOffset || n[1] > 59 || n[2] > 59:
		return 0, zoneRange
	case parts > 3 || !s.done():
		return 0, noTime
	}
	seconds := n[0]*3600 + n[1]*60 + n[2]
	if text[0] == '-' {
		seconds = -seconds
	}
	w.zone = time.FixedZone("", seconds)
	return hasZone, noTimeProblem
}
