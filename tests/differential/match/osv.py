#!/usr/bin/env python3
"""osv.py --tool PLIMSOLL [--feeds DIR] [--packages N]: does a scan of an SBOM find what OSV records say, and nothing else?

Reads every OSV record (JSON lines, .zst or not) below DIR, takes packages at and around the edges of their ranges, and
evaluates the records by the schema's own algorithm (ossf.github.io/osv-schema, "Evaluation") with the ecosystems' own
order: `packaging` for PyPI, rpm for AlmaLinux, SemVer 2.0 for Go, crates.io and Bitnami. plimsoll compiles the same
folder, scans an SBOM of those packages, and the two answers must be the same, package by package.

AlmaLinux's records speak of modules too, as Red Hat's do: a record of the stream "nodejs:18" (its summary names it, its
versions hold "module_el") is for packages of that stream alone, and one without a stream for packages of none. Modular
packages carry their stream in the purl (`rpmmod`), some a stream that is not theirs; packages of modular records that name
no stream are left out. Of other rpm packages some are scanned as a binary package whose source (`upstream`) has the name.
Exit code: 0 the same, 1 not, 77 skipped with a reason.
"""

import argparse
import collections
import functools
import importlib.util
import json
import os
import random
import re
import subprocess
import sys
import tempfile

SYSTEM_PYTHON = "/usr/bin/python3"
PURL_TYPE = {"PyPI": "pypi", "Go": "golang", "crates.io": "cargo", "Bitnami": "bitnami"}


def semver_key(text):
    text = text.removeprefix("v").split("+")[0]
    core, _, pre = text.partition("-")
    numbers = [int(part) if part.isdigit() else 0 for part in core.split(".")]
    numbers += [0] * (3 - len(numbers))
    identifiers = [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in pre.split(".")] if pre else []
    return numbers, 0 if pre else 1, identifiers


def comparers():
    """ecosystem -> compare(a, b); ecosystems whose reference is not here are named and left out."""
    found, missing = {}, []

    def semver(a, b):
        a, b = semver_key(a), semver_key(b)
        return (a > b) - (a < b)

    for ecosystem in ("Go", "crates.io", "Bitnami"):
        found[ecosystem] = semver
    try:
        from packaging.version import InvalidVersion, Version

        def pypi(a, b):
            a, b = Version(a), Version(b)
            return (a > b) - (a < b)

        pypi.refuses = InvalidVersion
        found["PyPI"] = pypi
    except ImportError:
        missing.append("PyPI (python3-packaging)")
    try:
        import rpm

        def evr(text):
            epoch, _, rest = text.rpartition(":")
            version, _, release = rest.rpartition("-")
            return (epoch or "0", version, release) if version else (epoch or "0", rest, "")

        found["AlmaLinux"] = lambda a, b: rpm.labelCompare(evr(a), evr(b))
    except ImportError:
        missing.append("AlmaLinux (python3-rpm)")
    return found, missing


def read_records(folder):
    for directory, _, names in os.walk(folder):
        for name in sorted(names):
            if not name.endswith((".jsonl", ".jsonl.zst")):
                continue
            path = os.path.join(directory, name)
            text = subprocess.run(["zstd", "-dc", "--long=27", path], capture_output=True, check=True).stdout if name.endswith(".zst") else open(path, "rb").read()
            for line in text.splitlines():
                record = json.loads(line)
                if "affected" in record and "id" in record and not record.get("withdrawn"):
                    yield record


def stream_of(record):
    """The module and stream that an AlmaLinux record's summary begins with; "" when it names none."""
    match = re.match(r"(?:\w+: )?([\w+.-]+:[\w.-]+) ", record.get("summary", ""))
    return match[1] if match else ""


def is_modular(version):
    return ".module_el" in version or ".module+el" in version


def modular(affected):
    return any(is_modular(value) for span in affected.get("ranges", []) for event in span["events"] for value in event.values())


def concerns(record, affected, module):
    """Whether a record speaks of packages of this stream, or of none when `module` is None."""
    return stream_of(record) == module if modular(affected) else module is None


def is_affected(affected, version, compare):
    if version in affected.get("versions", []):
        return True
    for span in affected.get("ranges", []):
        if span["type"] == "GIT":
            continue
        events = []
        for event in span["events"]:
            (kind, value), = event.items()
            events.append((kind, value))

        def order(a, b):
            if a[1] == "0" or b[1] == "0":
                return (a[1] != "0") - (b[1] != "0")
            return compare(a[1], b[1])

        vulnerable = False
        for kind, value in sorted((e for e in events if e[0] != "limit"), key=functools.cmp_to_key(order)):
            if kind == "introduced" and (value == "0" or compare(version, value) >= 0):
                vulnerable = True
            elif kind == "fixed" and compare(version, value) >= 0:
                vulnerable = False
            elif kind == "last_affected" and compare(version, value) > 0:
                vulnerable = False
        if vulnerable:
            return True
    return False


def neighbours(version, ecosystem, rng):
    out = {version}
    numbers = re.findall(r"\d+", version)
    if numbers:
        last = numbers[-1]
        at = version.rindex(last)
        for step in (-1, 1):
            if int(last) + step >= 0 and len(last) < 12:
                out.add(version[:at] + str(int(last) + step) + version[at + len(last):])
    if ecosystem in ("Go", "crates.io", "Bitnami") and "-" not in version:
        out.add(version + "-rc.1")
    if ecosystem == "PyPI":
        out.add(version + rng.choice(["rc1", ".post1", ".dev0", "+local"]))
    return {v for v in out if v and v != "0"}


def purl(ecosystem, name, version, module=None, is_source=False):
    base, _, release = ecosystem.partition(":")
    version = version.replace("+", "%2B")
    if base == "AlmaLinux":
        epoch, _, rest = version.rpartition(":")
        name = name.replace("+", "%2B")
        more = f"&epoch={epoch}" if epoch else ""
        if module:
            more += f"&rpmmod={module.replace(':', '%3A')}%3A8090020240101%3A0123abcd"
        if is_source:
            more += f"&upstream={name}-{rest}.src.rpm"
            name += "-plimsoll-part"
        return f"pkg:rpm/almalinux/{name}@{rest}?arch=x86_64&distro=almalinux-{release}" + more
    if base == "Go" and name in ("stdlib", "toolchain"):
        return f"pkg:golang/{name}@{version}"
    if base == "Go":
        version = "v" + version
    return f"pkg:{PURL_TYPE[base]}/{name}@{version}"


def sbom(ecosystem, items):
    base, _, release = ecosystem.partition(":")
    components = [{"type": "library", "bom-ref": str(i), "name": name, "version": version, "purl": purl(ecosystem, name, version, *more)}
                  for i, (name, version, *more) in enumerate(items)]
    if release:
        components.append({"type": "operating-system", "name": base.lower(), "version": release})
    return {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": components}


def rpm_items(name, version, records, rng):
    """The packages to try at one AlmaLinux version: (name, version, module, is_source)."""
    if not is_modular(version):
        yield name, version, None, rng.random() < 0.2
        return
    streams = sorted({stream_of(record) for record, affected in records if modular(affected)})
    if "" in streams:
        return  # a record of no stream: nobody can say for whom
    theirs = sorted({stream_of(record) for record, affected in records if modular(affected) and
                     any(version in event.values() for span in affected["ranges"] for event in span["events"])})
    others = streams + [streams[0].split(":")[0] + ":0"]  # one package: the same version of two streams is no image
    yield name, version, rng.choice(others if rng.random() < 0.3 else theirs or streams), False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tool", required=True)
    parser.add_argument("--feeds", default=os.environ.get("PLIMSOLL_FEEDS"))
    parser.add_argument("--packages", type=int, default=1500, help="for each ecosystem")
    arguments = parser.parse_args()
    if not arguments.feeds or not os.path.isdir(arguments.feeds):
        print("skipped: no folder of feeds (--feeds DIR or PLIMSOLL_FEEDS)")
        return 77
    if not importlib.util.find_spec("rpm") and os.path.realpath(sys.executable) != os.path.realpath(SYSTEM_PYTHON):
        if subprocess.run([SYSTEM_PYTHON, "-c", "import rpm, packaging"], capture_output=True, check=False).returncode == 0:
            os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON, *sys.argv])  # Debian's modules are Debian's Python's
    compares, missing = comparers()
    for name in missing:
        print(f"left out: no reference for {name}")
    rng = random.Random(20261124)
    by_package = collections.defaultdict(lambda: collections.defaultdict(list))
    for record in read_records(arguments.feeds):
        for affected in record["affected"]:
            package = affected.get("package", {})
            by_package[package.get("ecosystem", "")][package.get("name", "")].append((record, affected))

    failures = total = 0
    with tempfile.TemporaryDirectory() as work:
        db = os.path.join(work, "db")
        subprocess.run([arguments.tool, "db", "import", arguments.feeds, "--db", db, "--quiet"], check=True)
        for ecosystem in sorted(by_package):
            compare = compares.get(ecosystem.partition(":")[0])
            if not compare:
                continue
            packages = by_package[ecosystem]
            expected = {}
            for name in rng.sample(sorted(packages), min(arguments.packages, len(packages))):
                edges = set()
                for _, affected in packages[name]:
                    edges.update(rng.sample(affected.get("versions", []), min(2, len(affected.get("versions", [])))))
                    for span in affected.get("ranges", []):
                        if span["type"] != "GIT":
                            edges.update(value for event in span["events"] for kind, value in event.items() if kind != "limit" and value != "0")
                candidates = set().union(*(neighbours(edge, ecosystem.partition(":")[0], rng) for edge in edges)) if edges else {"1.0.0"}
                is_rpm = ecosystem.startswith("AlmaLinux")
                for version in rng.sample(sorted(candidates), min(4, len(candidates))):
                    tried = rpm_items(name, version, packages[name], rng) if is_rpm else [(name, version)]
                    for item in tried:
                        try:
                            expected[item] = [record for record, affected in packages[name] if is_affected(affected, version, compare) and
                                              (not is_rpm or concerns(record, affected, item[2]) and not item[3])]
                        except (getattr(compare, "refuses", ()) or ValueError):
                            continue
            items = sorted(expected, key=repr)
            path = os.path.join(work, "sbom.json")
            json.dump(sbom(ecosystem, items), open(path, "w"))
            report_path = os.path.join(work, "report.json")
            subprocess.run([arguments.tool, "scan", f"sbom:{path}", "--db", db, "--format", "json", "--output", report_path, "--quiet"], check=True)
            report = json.load(open(report_path))
            names = {p["id"]: p for p in report["packages"]}
            found = collections.defaultdict(list)

            def key_of(text):  # type, name and version, and of the qualifiers the stream
                base, _, qualifiers = text.lower().partition("?")
                module = next((q.split("=")[1].replace("%3a", ":") for q in qualifiers.split("&") if q.startswith("rpmmod=")), "")
                return base.replace("%2b", "+"), ":".join(module.split(":")[:2])

            for finding in report["findings"]:
                found[key_of(names[finding["package"]]["purl"])].append({finding["id"], *finding.get("aliases", [])})
            wrong = 0
            for item in items:
                name, version, *more = item
                key = key_of(purl(ecosystem, *item))
                if ecosystem == "PyPI":
                    key = f"pkg:pypi/{re.sub(r'[-_.]+', '-', name)}@{version}".lower(), ""
                mine = found.get(key, [])
                ids = [{r["id"], *r.get("aliases", [])} for r in expected[item]]
                lacking = [sorted(i)[0] for i in ids if not any(i & m for m in mine)]
                beside = [sorted(m)[0] for m in mine if not any(m & i for i in ids)]
                total += 1
                if lacking or beside:
                    wrong += 1
                    if wrong <= 10:
                        print(f"  {ecosystem} {name} {version} {more}: lacks {lacking[:4]}, beside {beside[:4]}")
            failures += wrong
            print(f"{ecosystem}: {len(items)} packages, {sum(map(len, expected.values()))} expected record matches, {wrong} packages differ")
    print(f"{total - failures} of {total} packages agree")
    return 1 if failures or not total else 0


if __name__ == "__main__":
    sys.exit(main())
