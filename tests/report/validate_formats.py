#!/usr/bin/env python3
"""Checks every output format against its public schema, or, where none can be had here, with an independent reader.

  json       api/report.schema.json (JSON Schema 2020-12)           jsonschema, PyPI
  cyclonedx  the CycloneDX 1.6 strict schema                         cyclonedx-python-lib, PyPI
  spdx       the SPDX 2.3 rules, JSON and tag-value                  spdx-tools, PyPI
  sarif      the SARIF 2.1.0 schema                                  serde-sarif, crates.io (ships schema.json)
  openvex    an independent reader of OpenVEX 0.2                    vexipy, PyPI
  junit      an independent reader of JUnit XML                      junitparser, PyPI
  gitlab     tests/data/report/gitlab.schema.json, written from the published container scanning schema 15.2.4, which
             no package carries
  html       no outside address, every element closed (html.parser); the search, in Chromium where there is one

Usage: validate_formats.py FOLDER [--only FORMAT,...] [--tool PLIMSOLL REPORT...]
FOLDER holds FORMAT/CASE.EXT as tests/data/report does; with --tool the reports given are converted first and checked too.
Exit 77 (skipped) with the reason when the registries cannot be reached and nothing is cached, and also, once all else is
right, when a check could not be made for want of its schema or browser.
"""
import argparse
import html.parser
import importlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

REQUIREMENTS = ["jsonschema==4.26.0", "cyclonedx-python-lib[json-validation]==11.12.0", "spdx-tools==0.8.5", "vexipy==0.3.0", "junitparser==5.0.3"]
ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "plimsoll" / "test" / "formats"


not_made = []  # checks that could not be made, with the reason


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def enter_environment():
    """Runs again inside a virtual environment that has the requirements."""
    stamp, wanted = CACHE / "stamp", "\n".join(REQUIREMENTS)
    python = CACHE / "venv" / "bin" / "python"
    if not (stamp.exists() and stamp.read_text() == wanted):
        CACHE.mkdir(parents=True, exist_ok=True)
        for command in ([sys.executable, "-m", "venv", str(CACHE / "venv")], [str(python), "-m", "pip", "install", "--quiet", *REQUIREMENTS]):
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                skip(f"{' '.join(command[:4])}...: {(done.stderr or done.stdout).strip().splitlines()[-1:]}")
        stamp.write_text(wanted)
    if pathlib.Path(sys.prefix).resolve() != (CACHE / "venv").resolve():
        os.execv(python, [str(python), *sys.argv])


def sarif_schema():
    """The schema that the crate serde-sarif carries, by cargo; None, and a check not made, where there is no cargo."""
    kept = CACHE / "sarif-2.1.0.json"
    if kept.exists():
        return json.loads(kept.read_text())
    with tempfile.TemporaryDirectory() as folder:
        manifest = pathlib.Path(folder) / "Cargo.toml"
        manifest.write_text('[package]\nname = "x"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\nserde-sarif = "=0.8.0"\n[lib]\npath = "x.rs"\n')
        (pathlib.Path(folder) / "x.rs").write_text("")
        home = pathlib.Path(folder) / "cargo"
        try:
            done = subprocess.run(["cargo", "fetch", "--quiet", "--manifest-path", str(manifest)], capture_output=True, text=True, env={**os.environ, "CARGO_HOME": str(home)})
        except FileNotFoundError:
            not_made.append("sarif against its schema: cargo is not installed")
            return None
        found = sorted(home.glob("registry/src/*/serde-sarif-*/src/schema.json"))
        if done.returncode or not found:
            not_made.append(f"sarif against its schema: {done.stderr.strip().splitlines()[-1:]}")
            return None
        kept.write_bytes(found[0].read_bytes())
    return json.loads(kept.read_text())


def schema_errors(schema, text):
    jsonschema = importlib.import_module("jsonschema")
    validator = jsonschema.validators.validator_for(schema)(schema)
    return [f"{e.json_path}: {e.message[:200]}" for e in validator.iter_errors(json.loads(text))]


def check_json(path):
    return schema_errors(json.loads((ROOT / "api/report.schema.json").read_text()), path.read_text())


def check_cyclonedx(path):
    validation = importlib.import_module("cyclonedx.validation.json")
    schema = importlib.import_module("cyclonedx.schema")
    return [str(e)[:300] for e in validation.JsonStrictValidator(schema.SchemaVersion.V1_6).validate_str(path.read_text(), all_errors=True) or []]


def check_spdx(path):
    parser = importlib.import_module("spdx_tools.spdx.parser.parse_anything")
    validator = importlib.import_module("spdx_tools.spdx.validation.document_validator")
    return [m.validation_message[:300] for m in validator.validate_full_spdx_document(parser.parse_file(str(path)))]


def check_sarif(path):
    schema = sarif_schema()
    return [] if schema is None else schema_errors(schema, path.read_text())


def check_openvex(path):
    if not json.loads(path.read_text())["statements"]:
        return []  # a clean image has nothing to state; the reader, like the schema, wants one statement
    vexipy = importlib.import_module("vexipy")
    try:
        read = vexipy.Document.from_json(path.read_text())
        return [] if read.statements else ["no statement was read"]
    except Exception as error:  # whatever the reader throws is its verdict
        return [str(error)[:300]]


def check_junit(path):
    junitparser = importlib.import_module("junitparser")
    suites = junitparser.JUnitXml.fromfile(str(path))
    out = []
    totals = dict(tests=0, failures=0, errors=0, skipped=0)
    for suite in suites:
        counted = dict(tests=0, failures=0, errors=0, skipped=0)
        for case in suite:
            kinds = {type(r).__name__ for r in case.result}
            counted["tests"] += 1
            counted["failures"] += "Failure" in kinds
            counted["errors"] += "Error" in kinds
            counted["skipped"] += "Skipped" in kinds
        for key, value in counted.items():
            totals[key] += value
            if getattr(suite, key) != value:
                out.append(f"suite {suite.name}: {key} says {getattr(suite, key)}, {value} found")
    out += [f"testsuites: {k} says {getattr(suites, k)}, {v} found" for k, v in totals.items() if int(getattr(suites, k)) != v]
    return out


def check_gitlab(path):
    return schema_errors(json.loads((ROOT / "tests/data/report/gitlab.schema.json").read_text()), path.read_text())


class Page(html.parser.HTMLParser):
    VOID = {"meta", "link", "input", "br", "hr", "img", "path", "rect", "circle", "line", "col"}

    def __init__(self):
        super().__init__()
        self.open, self.errors, self.ids = [], [], set()

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in ("src", "srcset", "background", "poster", "data") or (tag == "link" and name == "href"):
                self.errors.append(f"<{tag} {name}=...> loads something from outside")
            if name.startswith("on"):
                self.errors.append(f"<{tag} {name}=...> is an event handler in markup")
            if name == "href" and not re.match(r"(https?://|#)", value or ""):
                self.errors.append(f"<{tag} href={value!r}>")
            if name == "id":
                if value in self.ids:
                    self.errors.append(f"id {value!r} twice")
                self.ids.add(value)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.errors.append(f"</{tag}> closes what is not open at {self.getpos()}")


def check_html(path):
    page, text = Page(), path.read_text()
    page.feed(text)
    page.close()
    if page.open:
        page.errors.append(f"never closed: {page.open}")
    if re.search(r"@import|url\(\s*['\"]?(?!data:)", text):
        page.errors.append("a style sheet loads something from outside")
    return page.errors + search_in_chromium(path, text)


def search_in_chromium(path, text):
    """The page opened in a real browser with a search: its script runs under its own policy and hides what does not match."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    changes = re.findall(r'<details class="change"[^>]*>\s*<summary>.*?<b>(.*?)</b>', text, re.S)
    if len(changes) < 2:
        return []
    if not chromium:
        not_made.append("html, its search: chromium is not installed")
        return []
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run([chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}", "--dump-dom", f"{path.resolve().as_uri()}#q=lodash%204.17.15"],
                              capture_output=True, text=True, timeout=120)
    tags = re.findall(r'<details class="change"[^>]*>', done.stdout)
    shown = [tag for tag in tags if "hidden" not in tag]
    wanted = sum("lodash 4.17.15" in change for change in changes)
    return [] if len(tags) == len(changes) and len(shown) == wanted else [f"in Chromium a search shows {len(shown)} of {len(tags)} changes, {wanted} match"]


def check_gitlab_quality(path):
    """GitLab Docs, Code Quality: what a tool's report must hold."""
    errors, seen = [], set()
    for issue in json.loads(path.read_text()):
        missing = {"description", "check_name", "fingerprint", "severity", "location"} - set(issue)
        if missing:
            errors.append(f"an issue lacks {sorted(missing)}")
        if issue["severity"] not in ("info", "minor", "major", "critical", "blocker"):
            errors.append(f"severity {issue['severity']}")
        if not isinstance(issue["location"]["lines"]["begin"], int) or not issue["location"]["path"]:
            errors.append("a location without path or line")
        if issue["fingerprint"] in seen:
            errors.append(f"fingerprint {issue['fingerprint']} twice")
        seen.add(issue["fingerprint"])
    return errors


CHECKS = {"json": check_json, "cyclonedx": check_cyclonedx, "spdx": check_spdx, "spdx-tv": check_spdx, "sarif": check_sarif,
          "openvex": check_openvex, "junit": check_junit, "gitlab": check_gitlab, "gitlab-quality": check_gitlab_quality, "html": check_html}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--tool", nargs="+", default=[])
    arguments.add_argument("--only", default=",".join(CHECKS))
    options = arguments.parse_args()
    wanted = options.only.split(",")
    for name in set(CHECKS) - set(wanted):
        del CHECKS[name]
    enter_environment()
    failed = checked = 0
    with tempfile.TemporaryDirectory() as folder:
        files = [(name, path) for name in CHECKS for path in sorted((options.folder / name).glob("*")) if path.is_file()]
        for report in options.tool[1:]:
            for name in CHECKS:
                extension = next((p.name.split(".", 1)[1] for n, p in files if n == name), name)
                out = pathlib.Path(folder) / f"{pathlib.Path(report).stem}.{extension}"
                done = subprocess.run([options.tool[0], "convert", report, "--format", f"{name}={out}"], capture_output=True, text=True)
                if done.returncode:
                    print(f"{name} {report}: {done.stderr.strip()}")
                    failed += 1
                else:
                    files.append((name, out))
        for name, path in files:
            errors = CHECKS[name](path)
            checked += 1
            failed += bool(errors)
            print(f"{name:10} {path.name:24} {'ok' if not errors else ''}")
            for error in errors[:10]:
                print(f"    {error}")
    missing = [name for name in CHECKS if not any(n == name for n, _ in files)]
    if missing or not checked:
        print(f"no file to check for: {', '.join(missing)}")
        failed += 1
    print(f"{checked} documents, {failed} wrong")
    if failed:
        sys.exit(1)
    if not_made:
        skip("; ".join(sorted(set(not_made))))


main()
