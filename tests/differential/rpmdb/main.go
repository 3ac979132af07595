// rpmdb-list FILE: the packages of an rpm database as github.com/knqyf263/go-rpmdb reads it, one a line: name, epoch,
// version, release, architecture, source rpm, module; sorted by the caller.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"

	_ "github.com/glebarez/go-sqlite"
	rpmdb "github.com/knqyf263/go-rpmdb/pkg"
)

func main() {
	db, err := rpmdb.Open(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	packages, err := db.ListPackages()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for _, p := range packages {
		epoch := "0"
		if p.Epoch != nil {
			epoch = strconv.Itoa(*p.Epoch)
		}
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", p.Name, epoch, p.Version, p.Release, p.Arch, p.SourceRpm, p.Modularitylabel)
	}
}
