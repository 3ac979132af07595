// golang.org/x/mod/semver for modules; go/version for toolchains (both versions begin with "go").
package main

import (
	"bufio"
	"fmt"
	"go/version"
	"os"
	"strings"

	"golang.org/x/mod/semver"
)

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 1<<24)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for in.Scan() {
		a, b, _ := strings.Cut(in.Text(), "\t")
		switch {
		case version.IsValid(a) && version.IsValid(b):
			fmt.Fprintln(out, version.Compare(a, b))
		case semver.IsValid(a) && semver.IsValid(b):
			fmt.Fprintln(out, semver.Compare(a, b))
		default:
			fmt.Fprintln(out, "x")
		}
	}
}
