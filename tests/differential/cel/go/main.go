// Reads CEL expressions, one a line, and prints what cel-go makes of each, with the libraries of Kubernetes: the reference for src/standard/cel.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"github.com/google/cel-go/ext"
	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/library"
)

func text(v ref.Val) string {
	quote := func(s string) string {
		var out strings.Builder
		encoder := json.NewEncoder(&out)
		encoder.SetEscapeHTML(false)
		_ = encoder.Encode(s)
		return strings.TrimSuffix(out.String(), "\n")
	}
	switch x := v.(type) {
	case types.Null:
		return "null"
	case types.Bool:
		return strconv.FormatBool(bool(x))
	case types.Int:
		return strconv.FormatInt(int64(x), 10)
	case types.Uint:
		return strconv.FormatUint(uint64(x), 10) + "u"
	case types.Double:
		s := strconv.FormatFloat(float64(x), 'g', -1, 64)
		if !strings.ContainsAny(s, ".eIN") {
			s += ".0"
		}
		return s
	case types.String:
		return quote(string(x))
	case types.Bytes:
		return "b" + quote(string(x))
	case types.Timestamp:
		return "timestamp(" + x.Time.UTC().Format(time.RFC3339Nano) + ")"
	case types.Duration:
		return "duration(" + strconv.FormatFloat(x.Duration.Seconds(), 'f', -1, 64) + "s)"
	}
	switch x := v.(type) {
	case *types.Optional:
		if x.HasValue() {
			return "optional.of(" + text(x.GetValue()) + ")"
		}
		return "optional.none()"
	case apiservercel.IP:
		return "net.IP(" + x.Addr.String() + ")"
	case apiservercel.CIDR:
		return "net.CIDR(" + x.Prefix.String() + ")"
	}
	if m, ok := v.(traits.Mapper); ok {
		var rows []string
		for it := m.Iterator(); it.HasNext() == types.True; {
			k := it.Next()
			rows = append(rows, text(k)+":"+text(m.Get(k)))
		}
		sort.Strings(rows)
		return "{" + strings.Join(rows, ",") + "}"
	}
	if l, ok := v.(traits.Lister); ok {
		var rows []string
		for it := l.Iterator(); it.HasNext() == types.True; {
			rows = append(rows, text(it.Next()))
		}
		return "[" + strings.Join(rows, ",") + "]"
	}
	if t, ok := v.(ref.Type); ok {
		return "type(" + t.TypeName() + ")"
	}
	return "object"
}

func answer(env *cel.Env, expression string) string {
	ast, issues := env.Compile(expression)
	if issues.Err() != nil {
		return "error"
	}
	program, err := env.Program(ast)
	if err != nil {
		return "error"
	}
	value, _, err := program.Eval(map[string]any{"n": int64(7), "x": 2.5, "s": "h\u00e9llo", "l": []int64{3, 1, 2}, "m": map[string]int64{"a": 1, "b": 2}, "d": "any"})
	if err != nil {
		return "error"
	}
	return text(value)
}

func main() {
	env, err := cel.NewEnv(ext.Strings(), library.URLs(), library.Regex(), library.Lists(), library.Quantity(), library.IP(), library.CIDR(), library.SemverLib(library.SemverVersion(1)), library.Format(), cel.OptionalTypes(), ext.Sets(), ext.TwoVarComprehensions(), cel.Variable("n", cel.IntType), cel.Variable("x", cel.DoubleType), cel.Variable("s", cel.StringType),
		cel.Variable("l", cel.ListType(cel.IntType)), cel.Variable("m", cel.MapType(cel.StringType, cel.IntType)), cel.Variable("d", cel.DynType))
	if err != nil {
		panic(err)
	}
	in := bufio.NewScanner(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for in.Scan() {
		fmt.Fprintln(out, answer(env, in.Text()))
	}
}
