#!/usr/bin/env python3
"""run.py FILE.test --tool PLIMSOLL: runs a text file of commands and compares what they print.

    # A comment. `# needs: CONDITION...` skips the file, with the reason, unless each holds: root, a program's name, or
    # the name of a program in tests/e2e/lib, which must answer `--version` (it may have to fetch something first).
    $ plimsoll version
    plimsoll 0.1.0
    $ plimsoll scan oci:nowhere
    2> plimsoll: ...nowhere...
    # exit 3

`$ ` starts a command and `> ` goes on with it. The lines below are what it must print to stdout, lines after `2> `
what stderr must hold, in that order, among others. `...` stands for any text in a line, and alone on a line for any
lines. `# exit N` is the exit code, 0 when not said. A leading `\\` keeps a line that starts with `$`, `#`, `>` or `2>`.

All commands of a file run in one shell, in a folder of its own: variables and background servers live until the end.
There HOME, XDG_CACHE_HOME and XDG_DATA_HOME are private; DATA is tests/data, ROOT the repository, TMP the folder, CACHE
the user's own cache, for what takes long to make; the programs of tests/e2e/lib (image, registry...) are on the PATH. In what is printed, the folder's path reads $TMP.
Exit code: 0 as expected, 1 not, 77 skipped.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


@dataclass
class Step:
    line: int
    command: str
    stdout: list = field(default_factory=list)
    stderr: list = field(default_factory=list)
    exit: int = 0


def parse(path):
    steps, needs = [], []
    for number, line in enumerate(open(path, encoding="utf-8").read().split("\n"), 1):
        if line.startswith("$ "):
            steps.append(Step(number, line[2:]))
        elif line.startswith("> ") and steps:
            steps[-1].command += "\n" + line[2:]
        elif match := re.fullmatch(r"# exit (\d+)", line):
            steps[-1].exit = int(match[1])
        elif line.startswith("# needs:"):
            needs += line[8:].split()
        elif line.startswith("#"):
            continue
        elif line.startswith("2> "):
            steps[-1].stderr.append(line[3:])
        elif steps:
            steps[-1].stdout.append(line[1:] if line.startswith("\\") else line)
        elif line:
            raise SystemExit(f"{path}:{number}: output without a command")
    for step in steps:
        while step.stdout and not step.stdout[-1]:
            step.stdout.pop()
    return steps, needs


def unmet(needs):
    for need in needs:
        if need == "root" and os.geteuid() != 0:
            return "needs root"
        helper = os.path.join(HERE, "lib", need)
        if os.path.exists(helper):
            ready = subprocess.run([helper, "--version"], capture_output=True, text=True)
            if ready.returncode != 0:
                return f"needs {need}: {ready.stderr.strip()[-200:]}"
        elif need != "root" and not shutil.which(need):
            return f"needs {need}, which is not installed (tools/setup test)"
    return None


def fits(expected, found):
    """Whether the lines `found` are as `expected` says: classic wildcard matching, a line a character."""
    def line_fits(pattern, line):
        return re.fullmatch(".*".join(map(re.escape, pattern.split("..."))), line, re.DOTALL) is not None

    row = [True] + [False] * len(found)
    for pattern in expected:
        below = [row[0] and pattern == "..."]
        for i, line in enumerate(found):
            below.append(row[i + 1] or below[i] if pattern == "..." else row[i] and line_fits(pattern, line))
        row = below
    return row[-1]


def script(steps, folder):
    """One shell script: each command in the same shell, its output in files, a line of progress when it ends."""
    text = ""
    for i, step in enumerate(steps):
        text += f"{{ {step.command}\n}} >{folder}/out.{i} 2>{folder}/err.{i} </dev/null; echo $? >{folder}/exit.{i}\n"
    return text


def environment(tool, tmp):
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("PLIMSOLL_", "XDG_"))}
    path = ":".join([os.path.dirname(os.path.abspath(tool)), os.path.join(HERE, "lib"), keep.get("PATH", ""),
                     "/usr/sbin", "/sbin"])
    return {**keep, "PATH": path, "HOME": f"{tmp}/home", "XDG_CACHE_HOME": f"{tmp}/cache", "TMP": tmp, "TMPDIR": tmp,
            "XDG_DATA_HOME": f"{tmp}/share", "XDG_CONFIG_HOME": f"{tmp}/config", "DATA": f"{ROOT}/tests/data",
            "CACHE": os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "ROOT": ROOT, "LC_ALL": "C.UTF-8", "TZ": "UTC", "NO_COLOR": "1",
            "PLIMSOLL_FEEDS": os.environ.get("PLIMSOLL_FEEDS", "")}


def remove(work):
    """Takes the folder away, and before it what container tools left mounted in it."""
    with open("/proc/mounts") as mounts:
        inside = [line.split()[1] for line in mounts if line.split()[1].startswith(work + "/")]
    for mount in reversed(inside):
        subprocess.run(["umount", mount], check=False)
    subprocess.run(["chmod", "-R", "u+rwX", work], check=False)
    subprocess.run(["rm", "-rf", "--one-file-system", work], check=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--tool", required=True, help="the plimsoll program")
    parser.add_argument("--timeout", type=float, default=300, help="seconds for the whole file")
    parser.add_argument("--keep", action="store_true", help="keep the folder and print its path")
    options = parser.parse_args()
    steps, needs = parse(options.file)
    if reason := unmet(needs):
        print(f"skip: {reason}")
        return 77
    if not os.access(options.tool, os.X_OK):
        print(f"{options.tool} is not there: build it first")
        return 1

    work = tempfile.mkdtemp(prefix="plimsoll-e2e.")
    tmp, logs = os.path.join(work, "tmp"), os.path.join(work, "logs")
    for folder in (tmp, logs, f"{tmp}/home"):
        os.mkdir(folder)
    shell = subprocess.Popen(["bash", "-c", script(steps, logs)], cwd=tmp, env=environment(options.tool, tmp),
                             start_new_session=True)
    try:
        shell.wait(options.timeout)
    except subprocess.TimeoutExpired:
        print(f"{options.file}: not done after {options.timeout:.0f} s")
    finally:
        try:
            os.killpg(shell.pid, signal.SIGKILL)  # servers that the file started
        except ProcessLookupError:
            pass

    def read(name):
        try:
            text = open(os.path.join(logs, name), encoding="utf-8", errors="backslashreplace").read()
        except FileNotFoundError:
            return None
        return text.replace(tmp, "$TMP").replace(ROOT, "$ROOT")

    failed = 0
    for i, step in enumerate(steps):
        code = read(f"exit.{i}")
        out, err = (read(f"out.{i}") or ""), (read(f"err.{i}") or "")
        lines = out.rstrip("\n").split("\n") if out.rstrip("\n") else []
        wrong = []
        if code is None:
            wrong.append("it did not end")
        elif int(code) != step.exit:
            wrong.append(f"exit code {code.strip()}, expected {step.exit}")
        if not fits(step.stdout, lines):
            wrong.append("stdout differs; expected:\n" + "\n".join("    | " + x for x in step.stdout))
        around = [x for line in step.stderr for x in ("...", line)] + ["..."]
        if step.stderr and not fits(around, err.split("\n")):
            wrong.append("stderr lacks:\n" + "\n".join("    | " + x for x in step.stderr))
        if wrong:
            failed += 1
            print(f"{options.file}:{step.line}: $ {step.command}")
            print("\n".join("  " + x for x in wrong))
            print("  stdout:\n" + "\n".join("    | " + x for x in lines[:60]))
            print("  stderr:\n" + "\n".join("    | " + x for x in err.split("\n")[:30] if x))
        if code is None:
            break
    if options.keep:
        print(f"kept {tmp}")
    else:
        remove(work)
    print(f"{len(steps) - failed} of {len(steps)} commands as expected")
    return 1 if failed or not steps else 0


if __name__ == "__main__":
    sys.exit(main())
