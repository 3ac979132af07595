// others SCHEME: the order of schemes whose own tool is neither in Debian nor in a registry, by independent readers in Go.
// apk: github.com/knqyf263/go-apk-version, after apk-tools' version.c; nuget: deps.dev/util/semver; pub:
// github.com/google/osv-scalibr/semantic. Reads pairs, prints -1, 0, 1, or x where the reference is no judge:
//
//   - what is no version by the ecosystem's own grammar, since the readers take almost anything;
//   - apk numbers with two zeros in front: the port is of apk-tools 2.10, later ones compare those as text throughout;
//   - nuget and pub identifiers with a zero in front: to the readers they are text, NuGet's int.TryParse and Dart's
//     int.tryParse read a number; pub's builds with a hyphen, which the reader cuts like a pre-release.
package main

import (
	"bufio"
	"fmt"
	"os"
	"regexp"
	"strings"

	"deps.dev/util/semver"
	"github.com/google/osv-scalibr/semantic"
	apk "github.com/knqyf263/go-apk-version"
)

func compareApk(a, b string) (int, bool) {
	if !apk.Valid(a) || !apk.Valid(b) {
		return 0, false
	}
	return apk.Version(a).Compare(apk.Version(b)), true
}

func compareNuGet(a, b string) (int, bool) {
	left, err := semver.NuGet.Parse(a)
	if err != nil {
		return 0, false
	}
	right, err := semver.NuGet.Parse(b)
	if err != nil {
		return 0, false
	}
	return left.Compare(right), true
}

func compareOsv(ecosystem string) func(a, b string) (int, bool) {
	return func(a, b string) (int, bool) {
		left, err := semantic.Parse(a, ecosystem)
		if err != nil {
			return 0, false
		}
		if _, err := semantic.Parse(b, ecosystem); err != nil {
			return 0, false
		}
		order, err := left.CompareStr(b)
		return order, err == nil
	}
}

// What each scheme's grammar takes, and what the reference misreads.
var grammar = map[string]*regexp.Regexp{
	"apk":   regexp.MustCompile(`^\d+(\.\d+)*[a-z]?(_(alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*)*(~[0-9a-f]+)?(-r\d+)?$`),
	"nuget": regexp.MustCompile(`^\d+(\.\d+){0,3}(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$`),
	"pub":   regexp.MustCompile(`^\d+\.\d+\.\d+(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$`),
}
var misread = map[string]*regexp.Regexp{
	"apk":   regexp.MustCompile(`\.00`),
	"nuget": regexp.MustCompile(`[-.+]0\d+([.+]|$)`),
	"pub":   regexp.MustCompile(`[-.+]0\d+([.+]|$)|\+.*-`),
}

func judged(scheme, version string) bool {
	return grammar[scheme].MatchString(version) && !misread[scheme].MatchString(version)
}

func main() {
	scheme := strings.Join(os.Args[1:], " ")
	compare := map[string]func(a, b string) (int, bool){"apk": compareApk, "nuget": compareNuGet, "pub": compareOsv("Pub")}[scheme]
	if compare == nil {
		fmt.Fprintln(os.Stderr, "others apk|nuget|pub")
		os.Exit(2)
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 1<<24)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for in.Scan() {
		a, b, _ := strings.Cut(in.Text(), "\t")
		order, ok := 0, false
		if judged(scheme, a) && judged(scheme, b) {
			order, ok = compare(a, b)
		}
		if ok {
			fmt.Fprintln(out, order)
		} else {
			fmt.Fprintln(out, "x")
		}
	}
}
