package upstream

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// kind is what a failure means for the rows that wait.
type kind int

const (
	passing kind = iota // the network or the server: try again later
	refused             // the login: try again later, and a person must act
	poison              // one row: the others may pass
)

// Reason says in a word why rows wait, for pages that have sentences of their
// own.
type Reason string

// The reasons.
const (
	Unreachable Reason = "unreachable" // no network, no such name, no answer in time
	Untrusted   Reason = "untrusted"   // its certificate
	Login       Reason = "login"       // the name or the password
	Admission   Reason = "admission"   // the login was not admitted or is revoked
	Outdated    Reason = "schema"      // to be migrated, or the box to be updated
	ReadOnly    Reason = "read_only"
	Busy        Reason = "busy" // starting, stopping, or with too many connections
	Full        Reason = "full" // its disk
	Rows        Reason = "rows" // it does not take what the box sends
	Other       Reason = "other"
)

// problem is a failure in a sentence for a person.
type problem struct {
	kind     kind
	reason   Reason
	sentence string
	cause    error
}

func (p *problem) Error() string { return p.sentence }
func (p *problem) Unwrap() error { return p.cause }

// held says that the upstream is not as this box needs it. A person must act.
func held(why Reason, format string, args ...any) *problem {
	return &problem{kind: refused, reason: why, sentence: fmt.Sprintf(format, args...)}
}

// own marks a failure of the box itself, such as of its disk.
func own(err error) error {
	if err == nil {
		return nil
	}
	return &problem{kind: passing, reason: Other, sentence: sentenceOwn, cause: err}
}

// The classes of SQLSTATE (Postgres manual, appendix A).
const (
	classData       = "22" // a value that the column cannot hold
	classConstraint = "23"
	classLogin      = "28"
	classNoDatabase = "3D"
	classLimit      = "54"    // a row too long for an index
	codeCopied      = "DB001" // our own: see note in schema/0001_downbeat.sql
	codeNoPrivilege = "42501"
	codeReadOnly    = "25006"
	codeNoTable     = "42P01"
	codeNoColumn    = "42703"
	codeNoFunction  = "42883"
	codeNoSchema    = "3F000"
	codeTooMany     = "53300"
	codeDiskFull    = "53100"
	codeShutdown    = "57P01"
	codeStarting    = "57P03"
	sentenceMigrate = "an administrator has to run: downbeat upstream migrate"
	// sentenceStrong refuses a login with which a thief of the box could read all
	// that the school has.
	sentenceStrong   = "the login in --upstream may read everything in the school's database: give this box one of its own"
	sentenceOwn      = "the box cannot read or write what it keeps for the school's database: its log says why"
	sentenceNotAdmit = "the school's database does not admit this box: an administrator has to admit its login, or has revoked it"
)

// explain turns a failure into a problem.
func explain(err error) *problem {
	if p, ok := errors.AsType[*problem](err); ok {
		return p
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return explainPostgres(pg)
	}
	why, sentence := explainNetwork(err)
	return &problem{kind: passing, reason: why, sentence: sentence, cause: err}
}

func explainPostgres(err *pgconn.PgError) *problem {
	p := &problem{kind: passing, reason: Other, cause: err}
	switch class := err.Code[:min(2, len(err.Code))]; {
	case class == classLogin:
		p.kind, p.reason, p.sentence = refused, Login, "the school's database refuses the name or the password in --upstream"
	case class == classNoDatabase:
		p.kind, p.reason, p.sentence = refused, Login, "the school's server has no database of the name in --upstream"
	case err.Code == codeNoPrivilege:
		p.kind, p.reason, p.sentence = poison, Rows, "the school's database does not let this box write the row"
	case class == classData, class == classConstraint, class == classLimit:
		p.kind, p.reason, p.sentence = poison, Rows, "the school's database cannot take the row: "+reasonOf(err)
	case err.Code == codeNoTable, err.Code == codeNoColumn, err.Code == codeNoFunction, err.Code == codeNoSchema:
		p.kind, p.reason, p.sentence = refused, Outdated, "the school's database lacks what this box needs: "+sentenceMigrate
	case err.Code == codeCopied:
		p.sentence = "a copy of this box has sent its rows"
	case err.Code == codeReadOnly:
		p.reason, p.sentence = ReadOnly, "the school's database takes no changes at the moment: it is read-only"
	case err.Code == codeTooMany:
		p.reason, p.sentence = Busy, "the school's database has too many connections at the moment"
	case err.Code == codeDiskFull:
		p.reason, p.sentence = Full, "the disk of the school's database is full"
	case err.Code == codeStarting, err.Code == codeShutdown:
		p.reason, p.sentence = Busy, "the school's database is starting or stopping"
	default:
		p.sentence = "the school's database answers with an error: " + err.Code
	}
	return p
}

// reasonOf says which constraint or column refuses a row. The message of Postgres
// may quote a student's words, so it is not used.
func reasonOf(err *pgconn.PgError) string {
	switch {
	case err.ConstraintName != "":
		return "it breaks the rule " + err.ConstraintName + " of table " + err.TableName
	case err.ColumnName != "":
		return "its " + err.ColumnName + " may not be empty"
	}
	return "error " + err.Code
}

func explainNetwork(err error) (Reason, string) {
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return Unreachable, "the name of the school's database is not known here: is there internet?"
	}
	timeout, ok := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), ok && timeout.Timeout():
		return Unreachable, "the school's database does not answer in time"
	case strings.Contains(err.Error(), "tls") || strings.Contains(err.Error(), "x509"):
		return Untrusted, "the school's database has no certificate that this box trusts"
	}
	return Unreachable, "the school's database cannot be reached"
}
