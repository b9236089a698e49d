package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// mutant is the code of a package without one guard.
type mutant struct {
	file  string // from the root of the module
	line  int
	guard string // what is taken away, in one line
	code  []byte // of the whole file without it
}

func (m mutant) String() string { return fmt.Sprintf("%s:%d: %s", m.file, m.line, m.guard) }

// find lists the mutants of a package folder.
func find(dir string) (all []mutant, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".go") && !strings.HasSuffix(e.Name(), "_test.go") {
			found, err := findIn(filepath.Join(dir, e.Name()))
			if err != nil {
				return nil, err
			}
			all = append(all, found...)
		}
	}
	return all, nil
}

func findIn(path string) ([]mutant, error) {
	code, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f := file{path: path, code: code, set: token.NewFileSet()}
	tree, err := parser.ParseFile(f.set, path, code, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IfStmt:
			f.condition(n.Init, n.Cond, n.Body.List)
		case *ast.BlockStmt:
			f.asked(n.List)
		case *ast.SwitchStmt:
			for _, c := range n.Body.List {
				if c := c.(*ast.CaseClause); n.Tag == nil && len(c.List) == 1 {
					f.condition(nil, c.List[0], c.Body)
				}
			}
		case *ast.ExprStmt:
			if slices.Contains(pauses, calledName(n.X)) {
				f.without(n)
			}
		case *ast.ValueSpec:
			f.bound(n)
		}
		return true
	})
	slices.SortStableFunc(f.found, func(a, b mutant) int { return a.line - b.line })
	return f.found, nil
}

// file is one file in which mutants are found.
type file struct {
	path  string
	code  []byte
	set   *token.FileSet
	found []mutant
}

// pauses are the names of what holds a client back.
var pauses = []string{"wait", "Wait", "WaitN", "Charge", "Revoke"}

// askers are the names of what refuses with an error.
var askers = []string{"Try", "Guess", "guess", "Spend", "Hold", "admit", "Allow", "allow", "derive", "ReadBody", "readBody", "check"}

// condition finds a condition that refuses. before is the statement that it asks about.
func (f *file) condition(before ast.Stmt, cond ast.Expr, body []ast.Stmt) {
	if isErrorCheck(cond) && !asks(before) || !refuses(body) {
		return
	}
	f.add(cond, "false && ("+f.text(cond)+")", f.text(cond))
}

// asked finds the check of an error that the statement before asked for.
func (f *file) asked(list []ast.Stmt) {
	for i, s := range list {
		if check, ok := s.(*ast.IfStmt); ok && i > 0 && check.Init == nil && isErrorCheck(check.Cond) {
			f.condition(list[i-1], check.Cond, check.Body.List)
		}
	}
}

// without finds a statement that holds back.
func (f *file) without(s ast.Stmt) { f.add(s, "if false { "+f.text(s)+" }", f.text(s)) }

// bound finds a constant that bounds something: 64 times as much is none.
func (f *file) bound(spec *ast.ValueSpec) {
	for i, name := range spec.Names {
		lower := strings.ToLower(name.Name)
		if i < len(spec.Values) && (strings.HasPrefix(lower, "max") || strings.HasSuffix(lower, "atonce") || strings.HasSuffix(lower, "waiting")) {
			f.add(spec.Values[i], "64*("+f.text(spec.Values[i])+")", name.Name+" = "+f.text(spec.Values[i]))
		}
	}
}

// add adds the mutant that has other text in the place of a node.
func (f *file) add(n ast.Node, text, guard string) {
	from, to := f.set.Position(n.Pos()), f.set.Position(n.End())
	code := slices.Concat(f.code[:from.Offset], []byte(text), f.code[to.Offset:])
	f.found = append(f.found, mutant{f.path, from.Line, strings.Join(strings.Fields(guard), " "), code})
}

func (f *file) text(n ast.Node) string {
	return string(f.code[f.set.Position(n.Pos()).Offset:f.set.Position(n.End()).Offset])
}

// isErrorCheck reports whether a condition is that of an error that is passed on.
func isErrorCheck(cond ast.Expr) bool {
	b, ok := cond.(*ast.BinaryExpr)
	if !ok || b.Op != token.NEQ {
		return false
	}
	name, ok := b.X.(*ast.Ident)
	return ok && strings.HasPrefix(strings.ToLower(name.Name), "err")
}

// asks reports whether a statement asks for leave.
func asks(s ast.Stmt) bool {
	a, ok := s.(*ast.AssignStmt)
	return ok && len(a.Rhs) == 1 && slices.Contains(askers, calledName(a.Rhs[0]))
}

// calledName is the name of the function that an expression calls.
func calledName(x ast.Expr) string {
	call, ok := x.(*ast.CallExpr)
	if !ok {
		return ""
	}
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		return f.Sel.Name
	case *ast.Ident:
		return f.Name
	}
	return ""
}

// refuses reports whether a body ends with an error, or with false.
func refuses(body []ast.Stmt) bool {
	if len(body) == 0 {
		return false
	}
	r, ok := body[len(body)-1].(*ast.ReturnStmt)
	if !ok || len(r.Results) == 0 {
		return false
	}
	switch last := r.Results[len(r.Results)-1].(type) {
	case *ast.Ident:
		return last.Name == "false" || strings.HasPrefix(strings.ToLower(last.Name), "err")
	case *ast.SelectorExpr:
		return strings.HasPrefix(last.Sel.Name, "Err")
	case *ast.CallExpr:
		name := calledName(last)
		return name == "Errorf" || name == "New" || strings.HasPrefix(name, "bad") || strings.HasPrefix(name, "err")
	case *ast.UnaryExpr: // &SlowDownError{…}
		return last.Op == token.AND
	}
	return false
}
