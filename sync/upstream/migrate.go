package upstream

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// OldestSchema is the oldest upstream schema that this version works with. A
// table that a later schema brings waits until the upstream has it.
const OldestSchema = 1

// OldestBox is the oldest schema of boxes that the upstream still works with,
// once this version has migrated it. A migration that boxes of before cannot
// bear raises it.
const OldestBox = 1

// migration is one file of the schema.
type migration struct {
	version  int
	name     string
	sql      string
	checksum string
}

// migrations are all files in their order. They are named 0001_name.sql.
var migrations = readMigrations(schemaFiles)

// Schema is the version of the upstream schema that this version knows.
var Schema = migrations[len(migrations)-1].version

func readMigrations(files fs.FS) (all []migration) {
	names, err := fs.Glob(files, "schema/*.sql")
	if err != nil {
		panic(err) // the pattern is wrong
	}
	slices.Sort(names)
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		number, rest, ok := strings.Cut(path.Base(name), "_")
		version, numberErr := strconv.Atoi(number)
		if err != nil || numberErr != nil || !ok || version != len(all)+1 {
			panic("a migration is not named 0001_name.sql in order: " + name)
		}
		sum := sha256.Sum256(raw)
		all = append(all, migration{
			version: version, name: strings.TrimSuffix(rest, ".sql"), sql: string(raw), checksum: hex.EncodeToString(sum[:]),
		})
	}
	return all
}

// migrationLock is the key of the advisory lock under which one administrator
// migrates at a time: "downbeat" in ASCII.
const migrationLock = 0x646f776e62656174

// lockPatience is how long to wait for another administrator.
const lockPatience = time.Minute

// Migrate brings an upstream to this version's schema and returns the names of
// the files that it applied. Each file is one transaction. The login of url must
// own the database; it is admitted as a box too.
func Migrate(ctx context.Context, url string) (applied []string, err error) {
	conn, err := connect(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", explain(err).sentence, err)
	}
	defer closeConn(conn)
	locking, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	if _, err := conn.Exec(locking, "select pg_advisory_lock($1)", int64(migrationLock)); err != nil {
		return nil, fmt.Errorf("wait for another migration: %w", err)
	}
	if _, err := conn.Exec(ctx, migrationsTable); err != nil {
		return nil, fmt.Errorf("make the schema downbeat: %w", err)
	}
	done, err := appliedMigrations(ctx, conn)
	if err != nil {
		return nil, err
	}
	if len(done) > len(migrations) {
		return nil, fmt.Errorf("a newer Downbeat has migrated this upstream to schema %d, and this one knows %d: use the newer one", len(done), len(migrations))
	}
	for i, m := range migrations {
		if i < len(done) {
			if done[i] != m.checksum {
				return applied, fmt.Errorf("migration %d (%s) was another one when it was applied here: this upstream is of a different Downbeat", m.version, m.name)
			}
			continue
		}
		if err := m.apply(ctx, conn); err != nil {
			return applied, fmt.Errorf("migration %d (%s), of which nothing remains: %w", m.version, m.name, err)
		}
		applied = append(applied, m.name)
	}
	return applied, nil
}

const migrationsTable = `
create schema if not exists downbeat;
create table if not exists downbeat.migrations (
	version int primary key, name text not null, checksum text not null,
	oldest_box int not null, applied_at timestamptz not null default now()
);`

// appliedMigrations returns the checksums of what was applied, in order.
func appliedMigrations(ctx context.Context, conn *pgx.Conn) ([]string, error) {
	rows, err := conn.Query(ctx, "select checksum from downbeat.migrations order by version")
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func (m migration) apply(ctx context.Context, conn *pgx.Conn) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, m.sql); err != nil {
			return err
		}
		if m.version == 1 {
			if _, err := tx.Exec(ctx, "select downbeat.admit(session_user)"); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, "insert into downbeat.migrations (version, name, checksum, oldest_box) values ($1, $2, $3, $4)",
			m.version, m.name, m.checksum, OldestBox)
		return err
	})
}
