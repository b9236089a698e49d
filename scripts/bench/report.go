package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"downbeat.local/appliance/classroom"
)

// median takes the median of every figure over the runs. Losses are summed.
func median(runs []result) result {
	of := func(get func(result) float64) float64 {
		var values []float64
		for _, r := range runs {
			values = append(values, get(r))
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	m := result{
		latency: classroom.Percentiles{
			P50: of(func(r result) float64 { return r.latency.P50 }),
			P95: of(func(r result) float64 { return r.latency.P95 }),
			P99: of(func(r result) float64 { return r.latency.P99 }),
			Max: of(func(r result) float64 { return r.latency.Max }),
		},
		cpu:    of(func(r result) float64 { return r.cpu }),
		cores:  of(func(r result) float64 { return r.cores }),
		rss:    of(func(r result) float64 { return r.rss }),
		frames: of(func(r result) float64 { return r.frames }),
		air:    of(func(r result) float64 { return r.air }),
	}
	m.figures = make(map[string]float64)
	for name := range runs[0].figures {
		m.figures[name] = of(func(r result) float64 { return r.figures[name] })
	}
	for _, r := range runs {
		m.sent += r.sent
		m.delivered += r.delivered
		m.lost += r.lost
		m.doubled += r.doubled
	}
	return m
}

func report(s servers, floors [2]classroom.Percentiles, rows []row, results map[string][]result, binary string) {
	fmt.Printf("%-20s %10s %5s %5s %8s %8s %8s %8s %10s %7s %7s %8s %6s\n",
		"", "deliveries", "lost", "twice", "p50 ms", "p95", "p99", "max", "CPU us/del", "cores", "RSS MB", "frames/s", "air")
	for i, name := range []string{"UDP echo, one way", "TCP echo, one way"} {
		fmt.Printf("%-20s %10s %5s %5s %8.3f %8.3f %8.3f %8.3f\n", name, "", "", "", floors[i].P50, floors[i].P95, floors[i].P99, floors[i].Max)
	}
	m := make(map[string]result)
	for _, row := range rows {
		if len(results[row.name]) == 0 {
			continue // left out by -only
		}
		r := median(results[row.name])
		m[row.name] = r
		fmt.Printf("%-20s %10d %5d %5d %8.3f %8.3f %8.3f %8.3f %10.2f %7.3f %7.1f%s\n", row.name,
			r.delivered, r.lost, r.doubled, r.latency.P50, r.latency.P95, r.latency.P99, r.latency.Max, r.cpu, r.cores, r.rss, onAir(r))
	}
	fmt.Printf("frames/s is what a member gets; air is the seconds a second that all would take of one Wi-Fi channel, computed\n" +
		"for best effort (the voice class takes 0.73 of it); 0.6 is as much as a channel carries\n")
	figures(rows, m)
	fmt.Println("\ntargets")
	targets(m)
	laneTargets(m)
	supabaseTargets(m)
	keyboardTargets(m)
	clockTargets(m)
	if paced, ok := m["box T=2ms beat"]; ok {
		target("one room of 40 on the beat, % of a core", 100*paced.cores, 5)
		target("one room of 40 on the beat, RSS MB", paced.rss, 60)
		target("T=2ms beat: p95 ms", paced.latency.P95, 4)
	}
	target("start to listening, ms", s.paced.started.Seconds()*1000, 300)
	target("binary, MB", fileSize(binary)/1e6, 30)
	target("first screen, JS and CSS, KB gzip", firstScreen("webui/dist")/1e3, 100)
}

// onAir is the columns of classes that play.
func onAir(r result) string {
	if r.frames == 0 {
		return ""
	}
	return fmt.Sprintf(" %8.1f %6.2f", r.frames, r.air)
}

// targets prints each target of the fan-out with its floor.
func targets(m map[string]result) {
	lost := 0
	for _, r := range m {
		lost += r.lost + r.doubled
	}
	target("lost or doubled, all runs", float64(lost), 0)
	for _, arrival := range []string{"beat", "even"} {
		hub, box := m["hub "+arrival], m["box T=0 "+arrival]
		ratio("T=0 "+arrival+": p50", box.latency.P50, hub.latency.P50, 1.15)
		ratio("T=0 "+arrival+": p95", box.latency.P95, hub.latency.P95, 1.15)
		ratio("T=0 "+arrival+": p99", box.latency.P99, hub.latency.P99, 1.3)
		ratio("T=0 "+arrival+": CPU a delivery", box.cpu, hub.cpu, 1)
	}
	hub := m["hub beat"]
	ratio("T=2ms beat: CPU a delivery", m["box T=2ms beat"].cpu, hub.cpu, 0.5)
	ratio("JSON beat: p50", m["box JSON beat"].latency.P50, hub.latency.P50, 1.5)
	ratio("JSON beat: p95", m["box JSON beat"].latency.P95, hub.latency.P95, 1.5)
	ratio("5 rooms, T=0: p95", m["box T=0 5 rooms"].latency.P95, m["hub 5 rooms"].latency.P95, 1.25)
}

func ratio(name string, figure, floor, most float64) {
	if figure == 0 || floor == 0 {
		return // not measured this time
	}
	fmt.Printf("  %-42s %9.3f  floor %9.3f  ratio %5.2f  at most %.2f  %s\n", name, figure, floor, figure/floor, most, verdict(figure/floor <= most))
}

func target(name string, figure, most float64) {
	fmt.Printf("  %-42s %9.3f  at most %.3f  %s\n", name, figure, most, verdict(figure <= most))
}

func verdict(ok bool) string {
	if ok {
		return "met"
	}
	return "MISSED"
}

func fileSize(path string) float64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return float64(info.Size())
}

var linked = regexp.MustCompile(`(?:src|href)="/(assets/[^"]+\.(?:js|css))"`)

// firstScreen is the size of what a student's browser loads for the join screen,
// in bytes of gzip.
func firstScreen(dist string) float64 {
	page, err := os.ReadFile(filepath.Join(dist, "index.html"))
	if err != nil {
		return 0
	}
	total := zipped(page)
	for _, m := range linked.FindAllStringSubmatch(string(page), -1) {
		if file, err := os.ReadFile(filepath.Join(dist, m[1])); err == nil {
			total += zipped(file)
		}
	}
	return total
}

func zipped(b []byte) float64 {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	_, _ = w.Write(b) // a buffer never fails
	_ = w.Close()
	return float64(buf.Len())
}

// figures prints the figures of single scenarios.
func figures(rows []row, m map[string]result) {
	fmt.Println("\nof these alone")
	for _, row := range rows {
		for _, name := range slices.Sorted(maps.Keys(m[row.name].figures)) {
			figure(row.name+": "+name, m[row.name].figures[name])
		}
	}
}

// supabaseTargets prints how many clients a box must carry, and the result.
func supabaseTargets(m map[string]result) {
	if r, ok := m["2000 idle"]; ok {
		target("2,000 idle joined connections, RSS MB", r.rss, 150)
		target(goroutinesEach, r.figures[goroutinesEach], 2)
	}
	if r, ok := m["500 in 12 rooms"]; ok {
		target("500 in 12 rooms: notes lost or doubled", float64(r.lost+r.doubled), 0)
		figure("500 in 12 rooms: p99 ms", r.latency.P99)
	}
}

// keyboardTargets prints how soon a key on the box must be on its way to the
// listeners, and the result.
func keyboardTargets(m map[string]result) {
	if r, ok := m[keyboardRow]; ok {
		target("keyboard: key to a listener, p99 ms", r.latency.P99, 1)
		if floor, ok := m[keyboardFloorRow]; ok {
			figure("keyboard: p99 of a program that only copies, ms", floor.latency.P99)
		}
		target(keyboardIdle, r.figures[keyboardIdle], 0.2)
	}
	if r, ok := m[studentRow]; ok {
		target("keyboard: key to its student's device, p99 ms", r.latency.P99, 1)
	}
}

func figure(name string, value float64) { fmt.Printf("  %-42s %9.3f\n", name, value) }
