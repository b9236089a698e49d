// Package pgtest runs real Postgres servers for tests and measurements.
//
// A [Server] is a cluster of its own, on a free port of the loopback interface, in
// a folder that Close removes. It runs as an unprivileged user, because Postgres
// refuses root. It does not sync its disk: a test may kill the process, but not
// the machine.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrMissing says that this machine has no Postgres.
var ErrMissing = errors.New("no Postgres is installed (on Debian: apt-get install postgresql)")

// patience is how long a server may take to start on a machine with much else to
// do.
const patience = 90 * time.Second

// Server is one Postgres.
type Server struct {
	dir     string // holds the data and the log
	bin     string // the folder of the programs
	port    int
	process *exec.Cmd
	ended   chan struct{} // closed when process has
	names   atomic.Int32
}

// Start makes a cluster and runs it.
func Start() (s *Server, err error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "downbeat-postgres-")
	if err != nil {
		return nil, err
	}
	s = &Server{dir: dir, bin: bin}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	if id := unprivileged(); id != nil {
		if err := os.Chown(dir, int(id.Uid), int(id.Gid)); err != nil {
			return nil, err
		}
	}
	initdb := s.command("initdb", "-D", s.data(), "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--no-locale")
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	// Logins have passwords, so that a wrong one is refused as at a school.
	hba := "local all all trust\nhost all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
	if err := os.WriteFile(filepath.Join(s.data(), "pg_hba.conf"), []byte(hba), 0o600); err != nil {
		return nil, err
	}
	if s.port, err = freePort(); err != nil {
		return nil, err
	}
	return s, s.Run()
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// programs finds the folder with initdb and postgres.
func programs() (string, error) {
	installed, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(installed) > 0 {
		return filepath.Dir(slices.Max(installed)), nil
	}
	path, err := exec.LookPath("postgres")
	if err != nil {
		return "", ErrMissing
	}
	return filepath.Dir(path), nil
}

// unprivileged is the user as whom root runs a server; nil for any other user.
func unprivileged() *syscall.Credential {
	if os.Getuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			uid, _ := strconv.ParseUint(u.Uid, 10, 32)
			gid, _ := strconv.ParseUint(u.Gid, 10, 32)
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		}
	}
	return nil
}

func (s *Server) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, program), args...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: unprivileged(), Pdeathsig: syscall.SIGQUIT}
	return cmd
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// Run starts the server again after Kill, and returns when it answers.
func (s *Server) Run() error {
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	until := time.Now().Add(patience)
	for {
		s.process = s.command("postgres", "-D", s.data(), "-p", strconv.Itoa(s.port), "-c", "listen_addresses=127.0.0.1",
			"-c", "unix_socket_directories="+s.dir, "-c", "fsync=off", "-c", "max_connections=200", "-c", "autovacuum=off")
		s.process.Stdout, s.process.Stderr = log, log
		if err := s.process.Start(); err != nil {
			return err
		}
		s.ended = make(chan struct{})
		go func(p *exec.Cmd, ended chan struct{}) { // ends with the process
			_ = p.Wait()
			close(ended)
		}(s.process, s.ended)
		if s.answers(until) {
			return nil
		}
		if time.Now().After(until) {
			text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			return fmt.Errorf("postgres does not start: %s", text)
		}
	}
}

// answers waits until the server answers; false if it has ended, because the
// memory of a killed one is not free yet.
func (s *Server) answers(until time.Time) bool {
	for time.Now().Before(until) {
		if s.Exec("postgres", "select 1") == nil {
			return true
		}
		select {
		case <-s.ended:
			return false
		case <-time.After(20 * time.Millisecond):
		}
	}
	return false
}

// Kill ends the server at once, as a power cut of the school's server does.
func (s *Server) Kill() {
	_ = s.process.Process.Kill()
	<-s.ended
}

// Close stops the server and removes its data.
func (s *Server) Close() {
	if s.process != nil {
		_ = s.process.Process.Signal(syscall.SIGQUIT)
		<-s.ended
	}
	_ = os.RemoveAll(s.dir)
}

// Address is where the server listens.
func (s *Server) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// URL is the address of a database for a login. The password of a login is its
// name.
func (s *Server) URL(database, login string) string { return At(s.Address(), database, login) }

// At is a URL through another address, such as a proxy's.
func At(address, database, login string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(login, login), Host: address, Path: database, RawQuery: "sslmode=disable"}
	return u.String()
}

// Exec runs statements as the superuser.
func (s *Server) Exec(database, sql string) error {
	_, err := s.Query(database, sql)
	return err
}

// Query runs statements as the superuser, and returns the rows of the last one,
// each as its columns with a bar between.
func (s *Server) Query(database, sql string) (rows []string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.URL(database, "postgres"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close(ctx) }()
	results, err := conn.PgConn().Exec(ctx, sql).ReadAll()
	if err != nil || len(results) == 0 {
		return nil, err
	}
	for _, values := range results[len(results)-1].Rows {
		texts := make([]string, len(values))
		for i, v := range values {
			texts[i] = string(v)
		}
		rows = append(rows, strings.Join(texts, "|"))
	}
	return rows, nil
}

// Database makes a database of a new name.
func (s *Server) Database() (name string, err error) {
	name = fmt.Sprintf("school%d", s.names.Add(1))
	return name, s.Exec("postgres", "create database "+name)
}

// Login makes a login whose password is its name.
func (s *Server) Login(name string) error {
	return s.Exec("postgres", fmt.Sprintf("create role %[1]s login password '%[1]s'", name))
}
