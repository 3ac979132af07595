#!/usr/bin/env python3
"""Compares our version order and ranges with each ecosystem's own tool, on pairs made from a fixed seed.

    differential.py --lines BUILD/src/version/version_lines [--only deb,npm] [--pairs 40000] [--ranges 4000] [--seed 1]

References come from Debian packages (deb, rpm, alpm, rubygems, packagist, hex, cran), and from the folder
PLIMSOLL_REFERENCES (default ~/.cache/plimsoll/references) that fetch_references fills from npm, PyPI, Maven Central, the
Go module proxy and crates.io. A reference that is missing is skipped, and the reason printed. Exit 1 when any scheme
agrees on fewer than 99.9 % of the pairs or 98 % of the ranges that the reference accepts, 77 when all were skipped.

A range of plain comparators and whole versions is read as ours in every scheme, pre-releases included (src/version/range.h),
also where the ecosystem reads the same text in its own way; those are not judged, but the share that differs is printed.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys

import real
from generate import Maker

HERE = pathlib.Path(__file__).parent
REFERENCES = pathlib.Path(os.environ.get("PLIMSOLL_REFERENCES", pathlib.Path.home() / ".cache/plimsoll/references"))
SYSTEM_PYTHON = "/usr/bin/python3"


def run(command, lines, env=None):
    text = "".join(line + "\n" for line in lines)
    done = subprocess.run(command, input=text.encode(), capture_output=True, env={**os.environ, "LC_ALL": "C.UTF-8", **(env or {})})
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: {done.stderr.decode(errors='replace')[-300:]}")
    out = done.stdout.decode().split("\n")[: len(lines)]
    if len(out) != len(lines):
        raise RuntimeError(f"{command[0]}: {len(out)} answers to {len(lines)} lines")
    return out


def is_generic(line):
    """A range of plain comparators and whole versions is ours to read, with pre-releases in it: src/version/range.h."""
    text = line.split("\t")[1]
    return all(re.fullmatch(r"\s*(=|<=?|>=?)\s*\d[^\s,|*]*\s*", part) for part in re.split(r",|\|\|", text))


def need(condition, reason):
    if not condition:
        raise LookupError(reason)


def tool(name):
    need(shutil.which(name), f"{name} is not installed")


def works(command, reason, env=None):
    done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})})
    need(done.returncode == 0, reason)


def deb(_):
    works(["perl", "-MDpkg::Version", "-e", "1"], "libdpkg-perl is not installed")
    return ["perl", str(HERE / "references/deb.pl")], {}


def rpm(_):
    works([SYSTEM_PYTHON, "-c", "import rpm"], "python3-rpm is not installed")
    return [SYSTEM_PYTHON, str(HERE / "references/rpm_reference.py")], {}


def alpm(_):
    program = str(HERE / "references/alpm_reference.py")
    works([SYSTEM_PYTHON, program], "libalpm is not installed (pacman-package-manager)")
    return [SYSTEM_PYTHON, program], {}


def node(verb):
    tool("node")
    env = {"NODE_PATH": str(REFERENCES / "node_modules")}
    works(["node", "-e", "require('semver')"], f"npm's semver is not in {REFERENCES}", env)
    return ["node", str(HERE / "references/semver.js"), verb], env


def python(name, module):
    def find(verb):
        env = {"PYTHONPATH": str(REFERENCES / "python")}
        works([sys.executable, "-c", f"import {module}"], f"{module} is not in {REFERENCES}", env)
        return [sys.executable, str(HERE / f"references/{name}_reference.py"), verb], env

    return find


def maven(verb):
    tool("java")
    jars = sorted(REFERENCES.glob("maven/*.jar"))
    need(jars, f"maven-artifact is not in {REFERENCES}/maven")
    return ["java", "-cp", ":".join(map(str, jars)), str(HERE / "references/Maven.java"), verb], {}


def rubygems(verb):
    tool("ruby")
    return ["ruby", str(HERE / "references/gem.rb"), verb], {}


def packagist(verb):
    tool("php")
    works(["php", "-r", "require 'Composer/Semver/autoload.php';"], "php-composer-semver is not installed")
    return ["php", str(HERE / "references/composer.php"), verb], {}


def hex_(verb):
    tool("elixir")
    return ["elixir", str(HERE / "references/hex.exs"), verb], {}


def cran(_):
    tool("Rscript")
    return ["Rscript", "--vanilla", str(HERE / "references/cran.R")], {}


def go(_):
    tool("go")
    program = REFERENCES / "go-version"
    need(program.exists(), f"{program} is not built (fetch_references)")
    return [str(program)], {}


def others(scheme):
    def find(_):
        program = REFERENCES / "others-version"
        need(program.exists(), f"{program} is not built (fetch_references)")
        return [str(program), scheme], {}

    return find


def cargo(verb):
    program = REFERENCES / "cargo-version"
    need(program.exists(), f"{program} is not built (fetch_references)")
    return [str(program), verb], {}


# scheme -> (how to find its reference, whether it judges ranges too)
SCHEMES = {
    "deb": (deb, False), "rpm": (rpm, False), "alpm": (alpm, False), "semver": (node, False), "npm": (node, True),
    "pep440": (python("pep440", "packaging"), True), "maven": (maven, True), "rubygems": (rubygems, True), "go": (go, False),
    "packagist": (packagist, True), "cargo": (cargo, True), "hex": (hex_, True), "cran": (cran, False),
    "conan": (python("conan", "conan"), True),
    # No tool of these ecosystems is in Debian or a registry: independent readers in Go instead (references/others).
    "apk": (others("apk"), False), "nuget": (others("nuget"), False), "pub": (others("pub"), False),
}
NO_REFERENCE = {"generic": "the order is our own"}


def differences(scheme, verb, lines_program, cases, show, kind="made"):
    if not cases:
        return True  # nothing published at hand for this scheme
    find, _ = SCHEMES[scheme]
    command, env = find(verb)
    lines = [f"{a}\t{b}" for a, b in cases]
    theirs = run(command, lines, env)
    ours = run([lines_program, verb, scheme], lines)
    answered = [(line, t, o) for line, t, o in zip(lines, theirs, ours) if t != "x"]
    judged = [case for case in answered if not (verb == "match" and is_generic(case[0]))]
    wrong = [case for case in judged if case[1] != case[2]]
    share = 1 - len(wrong) / max(1, len(judged))
    print(f"{scheme:10} {kind:5} {verb:8} {len(judged):6} judged of {len(lines)}, {len(wrong)} differ, {100 * share:.3f} % agree")
    for line, theirs_one, ours_one in wrong[:show]:
        print(f"           {line!r}: theirs {theirs_one}, ours {ours_one}")
    if both := len(answered) - len(judged):
        other = sum(t != o for line, t, o in answered if is_generic(line))
        print(f"{scheme:10} {kind:5} {verb:8} {both:6} more are ranges of ours too and read so: the ecosystem says otherwise for {other}, {100 * other / both:.2f} %")
    need_share = 0.98 if verb == "match" else 0.999
    return bool(judged) and share >= need_share


def dpkg_sample(cases):
    """Some thousand pairs by dpkg itself, for Dpkg::Version is its own implementation."""
    tool("dpkg")

    def says(a, name, b):
        return subprocess.run(["dpkg", "--compare-versions", a, name, b], capture_output=True, check=False)

    for a, b in cases:
        if not all(re.match(r"(\d+:)?\d", version) for version in (a, b)):  # Policy 5.6.12; dpkg takes "+80:1" too
            continue
        less = says(a, "lt", b)
        if less.stderr:  # a warning or error: dpkg takes no such version
            continue
        yield a, b, "-1" if less.returncode == 0 else "0" if says(a, "eq", b).returncode == 0 else "1"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--pairs", type=int, default=40000)
    parser.add_argument("--ranges", type=int, default=4000)
    parser.add_argument("--dpkg", type=int, default=3000, help="made pairs for dpkg --compare-versions; half as many real ones")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=5, help="differences printed per scheme")
    options = parser.parse_args()
    only = [name for name in options.only.split(",") if name]
    good, tried = True, 0
    for scheme, (_, with_ranges) in SCHEMES.items():
        if only and scheme not in only:
            continue
        try:
            maker = Maker(options.seed, scheme)
            good &= differences(scheme, "compare", options.lines, list(maker.pairs(options.pairs)), options.show)
            good &= differences(scheme, "compare", options.lines, list(real.pairs(scheme, options.pairs, options.seed)), options.show, "real")
            good &= differences(scheme, "match", options.lines, list(real.ranges(scheme, options.ranges, options.seed)), options.show, "real")
            if with_ranges:
                good &= differences(scheme, "match", options.lines, list(maker.ranges(options.ranges)), options.show)
            tried += 1
        except LookupError as reason:
            print(f"{scheme:10} skipped: {reason}")
    if not only or "deb" in only:
        try:
            cases = list(Maker(options.seed + 1, "deb").pairs(options.dpkg)) + list(real.pairs("deb", options.dpkg // 2, options.seed + 1))
            sample = list(dpkg_sample(cases))
            ours = run([options.lines, "compare", "deb"], [f"{a}\t{b}" for a, b, _ in sample])
            wrong = [(case, o) for case, o in zip(sample, ours) if case[2] != o]
            print(f"deb        dpkg  compare  {len(sample)} pairs of {len(cases)} that dpkg itself takes, {len(wrong)} differ {wrong[:3]}")
            good &= not wrong
            tried += len(sample)
        except LookupError as reason:
            print(f"deb        by dpkg itself skipped: {reason}")
    if not real.FEEDS:
        print("published versions of PyPI, npm and others: skipped, PLIMSOLL_FEEDS is not set")
    for scheme, reason in NO_REFERENCE.items():
        if not only or scheme in only:
            print(f"{scheme:10} skipped: {reason}; see tests/data/version/{scheme}.tsv")
    if not tried:
        print("skipped: no reference is here: tools/setup references, and fetch_references beside this file")
        return 77
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
