#!/usr/bin/env python3
"""rpmdb.py --tool PLIMSOLL: real rpm databases, read by plimsoll and by an independent reader, hold the same packages.

The databases are those that the Go module github.com/knqyf263/go-rpmdb (MIT) carries as test data: CentOS 5 to 8, UBI 8 on
a big-endian machine (Berkeley DB), SLE 15 (NDB), Fedora 35 and CBL-Mariner 2 (SQLite). Its reader, rpmdb-list, is built
by tests/differential/version/fetch_references into PLIMSOLL_REFERENCES (default ~/.cache/plimsoll/references).
Name, epoch, version, release, architecture, source rpm, and module and stream of every package are compared. The
"packages" gpg-pubkey are left out: they are keys.
Exit code: 0 the same, 1 not, 77 skipped with a reason.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

REFERENCES = pathlib.Path(os.environ.get("PLIMSOLL_REFERENCES", pathlib.Path.home() / ".cache/plimsoll/references"))
PLACES = {"Packages": "var/lib/rpm/Packages", "Packages.db": "usr/lib/sysimage/rpm/Packages.db", "rpmdb.sqlite": "var/lib/rpm/rpmdb.sqlite"}


def databases():
    if not (REFERENCES / "rpmdb-list").exists() or not shutil.which("go"):
        return []
    here = pathlib.Path(__file__).parent
    done = subprocess.run(["go", "list", "-m", "-f", "{{.Dir}}", "github.com/knqyf263/go-rpmdb"], cwd=here, capture_output=True, text=True, check=False)
    folder = done.stdout.strip()
    return sorted(pathlib.Path(folder).glob("pkg/testdata/*/[Pr]*")) if folder else []


def theirs(database):
    with tempfile.TemporaryDirectory() as folder:  # the reader writes beside the file; a module's files are read-only
        copy = shutil.copy(database, folder)
        os.chmod(copy, 0o600)
        done = subprocess.run([REFERENCES / "rpmdb-list", copy], capture_output=True, check=True)
    rows = [line.split("\t") for line in done.stdout.decode(errors="replace").split("\n") if line]
    return sorted((n, e, v, r, a if a != "(none)" else "", s if s != "(none)" else "", ":".join(m.split(":")[:2]))
                  for n, e, v, r, a, s, m in rows if n != "gpg-pubkey")


def ours(tool, database):
    with tempfile.TemporaryDirectory() as root:
        place = pathlib.Path(root, PLACES[database.name])
        place.parent.mkdir(parents=True)
        shutil.copy(database, place)
        done = subprocess.run([tool, "scan", f"rootfs:{root}", "--only", "inventory", "--no-cache", "--format", "json"], capture_output=True, check=False)
    report = json.loads(done.stdout)
    rows = []
    for p in report["packages"]:
        if "rpm" not in p["foundBy"]:
            continue
        epoch, _, rest = p["version"].rpartition(":")
        version, _, release = rest.rpartition("-")
        rows.append((p["name"], epoch or "0", version, release, p.get("arch", ""), p, p.get("properties", {}).get("modularity", "")))
    return rows, report["gaps"]


def source_of(package):
    """The name and version of the source, as the report says them."""
    source = package.get("source", {})
    return source.get("name", ""), source.get("version", package["version"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", required=True)
    options = parser.parse_args()
    found = databases()
    if not found:
        print("skipped: go-rpmdb and its databases are not here (tests/differential/version/fetch_references)")
        return 77
    failed = total = 0
    for database in found:
        want = theirs(database)
        rows, gaps = ours(options.tool, database)
        got = sorted((n, e, v, r, a, m) for n, e, v, r, a, _, m in rows)
        expected = sorted((n, e, v, r, a, m) for n, e, v, r, a, _, m in want)
        lacking = [row for row in set(expected) if row not in set(got)]
        beside = [row for row in set(got) if row not in set(expected)]
        sources = {(n, v, r, a): s for n, _, v, r, a, s, _ in want}
        for n, _, v, r, a, package, _ in rows:
            rpm = sources.get((n, v, r, a), "")
            name, version = source_of(package)
            version = version.rpartition(":")[2]
            if rpm and rpm.removesuffix(".src.rpm").removesuffix(".nosrc.rpm") != f"{name}-{version}":
                beside.append((n, "source", rpm, name, version))
        wrong = bool(lacking or beside or gaps) or not expected
        failed += wrong
        total += len(expected)
        print(f"{database.parent.name:24} {len(expected):4} packages, {len(lacking)} lacking, {len(beside)} beside, {len(gaps)} gaps")
        for row in sorted(lacking)[:3] + sorted(beside, key=str)[:3] + [g["why"] for g in gaps[:2]]:
            print("   ", row)
    print(f"{len(found)} databases, {total} packages, {failed} databases differ")
    return 1 if failed else 0


sys.exit(main())
