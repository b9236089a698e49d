package store

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"downbeat.local/appliance/table"
)

// crashEnv names the file for a second run of this test binary, which writes to
// it until it is killed.
const crashEnv = "DOWNBEAT_STORE_CRASH"

// TestAcknowledgedRowsSurviveKill starts a process that writes from several
// goroutines, and kills it with SIGKILL at an arbitrary acknowledged row. Every
// acknowledged row must be in the file. The kill may hit any instruction; power
// cuts are tested elsewhere.
func TestAcknowledgedRowsSurviveKill(t *testing.T) {
	if path := os.Getenv(crashEnv); path != "" {
		writeForEver(t, path)
		return
	}
	path := filepath.Join(t.TempDir(), FileName)
	acknowledged := map[string]int{}
	for round := range 5 {
		writeAndKill(t, path, round, 20+rand.IntN(200), acknowledged)
		s := open(t, path)
		for key, want := range acknowledged {
			if got, err := keptNumber(s, key); err != nil || got < want {
				t.Fatalf("round %d: row %s: got %d, %v, want at least %d", round, key, got, err, want)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d acknowledged rows", len(acknowledged))
}

// writeAndKill starts the writer, collects the rows that it acknowledges and
// kills it after so many.
func writeAndKill(t *testing.T, path string, round, rows int, acknowledged map[string]int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAcknowledgedRowsSurviveKill$")
	cmd.Env = append(os.Environ(), crashEnv+"="+path, "DOWNBEAT_STORE_ROUND="+strconv.Itoa(round))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	seen := 0
	lines := bufio.NewScanner(out)
	for lines.Scan() { // to the end: rows printed before the kill count
		key, value, ok := strings.Cut(strings.TrimPrefix(lines.Text(), "ACK "), "=")
		n, err := strconv.Atoi(value)
		if !ok || err != nil {
			continue // the last line may be cut off, or of the test itself
		}
		acknowledged[key] = n
		if seen++; seen == rows {
			_ = cmd.Process.Kill()
		}
	}
	if err := cmd.Wait(); err == nil || seen < rows {
		t.Fatalf("writer ended by itself after %d rows", seen)
	}
}

// keptNumber reads back what putNumber wrote.
func keptNumber(s *Store, key string) (n int, err error) {
	if !strings.HasPrefix(key, "note-") {
		_, err = s.Get(Rooms, key, &n)
		return n, err
	}
	c, err := notes.ParseCondition("id", "eq."+key, nil)
	if err != nil {
		return 0, err
	}
	rows, _, err := s.Rows(notes, table.Full()).Select(context.Background(), Query{Filter: table.Filter{c}, Limit: 1})
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	kept, err := rows[0]["n"].(json.Number).Int64()
	return int(kept), err
}

// putNumber writes a number to a bucket, or to a table.
func putNumber(ctx context.Context, s *Store, key string, n int) error {
	if !strings.HasPrefix(key, "note-") {
		return s.Put(ctx, Rooms, key, n)
	}
	values := []table.Row{{"id": key, "n": json.Number(strconv.Itoa(n))}}
	_, err := s.Rows(notes, table.Full()).Merge(ctx, values, nil)
	return err
}

// writeForEver puts rows from four goroutines, each row twice and half of them
// into a table. It prints each row once it is acknowledged.
func writeForEver(t *testing.T, path string) {
	s, err := Open(Config{Path: path, Tables: []*table.Table{notes}})
	if err != nil {
		t.Fatal(err)
	}
	round := os.Getenv("DOWNBEAT_STORE_ROUND")
	var printing sync.Mutex
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for n := 1; ; n++ {
				key := fmt.Sprintf("%s-%s-%d-%d", []string{"room", "note"}[w%2], round, w, n/2)
				if err := putNumber(t.Context(), s, key, n); err != nil {
					return
				}
				printing.Lock()
				fmt.Printf("ACK %s=%d\n", key, n)
				printing.Unlock()
			}
		})
	}
	wg.Wait()
}
