"""Versions and ranges that were really published: Debian's package lists, and the advisory feeds in PLIMSOLL_FEEDS."""
import json
import os
import pathlib
import random
import re
import subprocess

FEEDS = os.environ.get("PLIMSOLL_FEEDS")


def feed(name):
    path = pathlib.Path(FEEDS or "/nonexistent") / f"{name}.jsonl.zst"
    if not path.exists():
        return
    with subprocess.Popen(["zstd", "-dcq", "--long=27", str(path)], stdout=subprocess.PIPE) as unpack:
        for line in unpack.stdout:
            yield json.loads(line)


def osv(name):
    """Per package, the versions that its advisories mention."""
    packages = {}
    for record in feed(f"osv/{name}"):
        for affected in record.get("affected", []):
            found = packages.setdefault(affected.get("package", {}).get("name", ""), set())
            found.update(affected.get("versions", []))
            for rows in affected.get("ranges", []):
                if rows.get("type") != "GIT":
                    found.update(value for event in rows.get("events", []) for value in event.values())
    return packages


def debian():
    packages = {}
    listing = subprocess.run(["apt-cache", "dumpavail"], capture_output=True, text=True, errors="replace").stdout
    for match in re.finditer(r"^Version: (.+)$", listing, re.M):
        packages.setdefault(match[1][0], set()).add(match[1])
    return packages


def alpine():
    """Per package, the versions that Alpine's fixes name."""
    packages = {}
    for document in feed("alpine/secdb"):
        for row in document.get("packages", []):
            found = packages.setdefault(row["pkg"]["name"], set())
            found.update(version for version in row["pkg"].get("secfixes", {}) if version != "0")
    return packages


def native_ranges(name, key):
    for record in feed(f"native/{name}"):
        advisory = record["advisory"]
        if key == "branches":
            # With a space for the comma, so that it is Composer's syntax and not the generic one (src/version/range.h).
            yield from (" ".join(branch["versions"]) for branch in advisory.get("branches", {}).values() if branch.get("versions"))
        elif key == "vulnerable_versions":
            yield str(advisory.get(key) or "")
        else:
            yield from (advisory.get(key) or [])


SOURCES = {
    "deb": debian,
    "rpm": lambda: osv("AlmaLinux"),
    "apk": alpine,
    "pep440": lambda: osv("PyPI"),
    "cargo": lambda: osv("crates.io"),
    "go": lambda: {k: {"v" + v for v in vs} for k, vs in osv("Go").items()},
    "semver": lambda: osv("crates.io"),
    "maven": lambda: osv("PyPI"),
    "rubygems": lambda: {"": set(versions_in(native_ranges("ruby-advisory-db", "patched_versions")))},
    "packagist": lambda: {"": set(versions_in(native_ranges("php-security-advisories", "branches")))},
    "npm": lambda: {"": set(versions_in(native_ranges("nodejs-security-wg", "vulnerable_versions")))},
}
RANGES = {
    "npm": lambda: native_ranges("nodejs-security-wg", "vulnerable_versions"),
    "rubygems": lambda: native_ranges("ruby-advisory-db", "patched_versions"),
    "packagist": lambda: native_ranges("php-security-advisories", "branches"),
}


def versions_in(ranges):
    for text in ranges:
        yield from re.findall(r"\d[0-9A-Za-z.+-]*", text)


def pairs(scheme, count, seed):
    """Pairs of published versions, most of them of one package; none when there is no source here."""
    if scheme not in SOURCES:
        return
    chance = random.Random(f"{seed}:real:{scheme}")
    packages = [sorted(v for v in versions if v and not set("\t\n ") & set(v)) for _, versions in sorted(SOURCES[scheme]().items())]
    packages = [versions for versions in packages if len(versions) > 1]
    if not packages:
        return
    weights = [len(versions) for versions in packages]
    for versions in chance.choices(packages, weights, k=count):
        other = chance.choices(packages, weights)[0] if chance.random() < 0.1 else versions
        yield chance.choice(versions), chance.choice(other)


def ranges(scheme, count, seed):
    if scheme not in RANGES:
        return
    chance = random.Random(f"{seed}:ranges:{scheme}")
    texts = sorted({text for text in RANGES[scheme]() if text and "\t" not in text})
    if not texts:
        return
    everything = sorted(set(versions_in(texts)))
    for _ in range(count):
        text = chance.choice(texts)
        near = re.findall(r"\d[0-9A-Za-z.+-]*", text) or everything
        version = chance.choice(near if chance.random() < 0.6 else everything)
        yield version + chance.choice(["", "", "", ".1", "-rc.1", ".0", "-beta1"]), text
