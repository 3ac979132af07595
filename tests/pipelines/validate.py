#!/usr/bin/env python3
"""validate.py: the files of deploy/ci against their published schemas (check-jsonschema carries those of GitHub and GitLab),
GitHub's also by actionlint. They come from PyPI and the Go module proxy. Exit 77 when they cannot be had.

Jenkins has no schema: its file is only held to balanced brackets here; the real check needs a Jenkins server.
"""
import os
import pathlib
import subprocess
import sys
import venv

root = pathlib.Path(__file__).resolve().parents[2]
cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "plimsoll" / "test" / "pipelines"
tools = cache / "bin"
if not (tools / "check-jsonschema").exists():
    venv.create(cache, with_pip=True)
    got = subprocess.run([tools / "pip", "-q", "install", "check-jsonschema==0.29.4"], capture_output=True, text=True)
    if got.returncode:
        print("skipped: the checkers cannot be had:", got.stderr.strip().splitlines()[-1:])
        sys.exit(77)
failed = 0
for arguments in (["check-jsonschema", "--builtin-schema", "vendor.github-workflows", "github-actions.yml"],
                  ["check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", "gitlab-ci.yml"],
                  [root / "tools/go", "run", "github.com/rhysd/actionlint/cmd/actionlint@v1.7.7", "-shellcheck=", "-pyflakes=", "github-actions.yml"]):
    done = subprocess.run([tools / arguments[0], *arguments[1:]], cwd=root / "deploy/ci", capture_output=True, text=True)
    print(*arguments[1:], "ok" if done.returncode == 0 else done.stdout + done.stderr)
    failed += done.returncode != 0
text = (root / "deploy/ci/Jenkinsfile").read_text()
if any(text.count(a) != text.count(b) for a, b in ("{}", "()", "[]")):
    print("Jenkinsfile: brackets do not balance")
    failed += 1
sys.exit(1 if failed else 0)
