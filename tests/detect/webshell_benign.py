#!/usr/bin/env python3
"""Fetches the benign look-alikes of webshell_benign.tsv through the registries' own clients, and lists their scripts.

    webshell_benign.py [--fetch]      prints "part<TAB>package<TAB>path" of each script that holds a word of a sink

Packages are unpacked once into $XDG_CACHE_HOME/plimsoll/webshell-benign (~/.cache without it). With --fetch what is
missing is downloaded: apt-get download, npm pack, pip download, mvn dependency:get. What cannot be had is named on
standard error and left out; exit status 77 when there is nothing at all, so that a test without network is skipped.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "plimsoll" / "webshell-benign"
SCRIPTS = re.compile(r"\.(php\d?|phtml|inc|module|jsp|jspx|jspf|tag|asp|asa|aspx|ashx|asmx|ascx|cshtml|py|cgi|pl|pm|psgi|js|cjs|mjs|sh|bash)$")
WORDS = re.compile(
    rb"\b(eval|exec\w*|system|popen|proc_open|passthru|assert|spawn\w*|include(_once)?|require(_once)?|file_put_contents|"
    rb"fopen|fwrite|move_uploaded_file|create_function|call_user_func\w*|array_map|usort|preg_replace|subprocess|compile|"
    rb"getattr|__import__|pickle|qx|do|open|child_process|Function|runIn\w+|writeFile\w*|Runtime|ProcessBuilder|forName|"
    rb"defineClass|ScriptEngine|Process|CreateObject|Execute|SaveAs|source|sh)\b")


def run(command, folder):
    subprocess.run(command, cwd=folder, check=True, timeout=600, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def unpack(archive, to):
    name = archive.name
    if name.endswith(".deb"):
        run(["dpkg-deb", "-x", str(archive), str(to)], to)
    elif zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as z:
            z.extractall(to)
    else:
        with tarfile.open(archive) as t:
            t.extractall(to, filter="data")


def fetch(source, package, version, to):
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        if source == "deb":
            os.chmod(work, 0o755)
            run(["apt-get", "download", package], work)
        elif source == "npm":
            run(["npm", "pack", "--silent", package], work)
        elif source == "pypi":
            run([sys.executable, "-m", "pip", "download", "--no-deps", "--no-build-isolation", "--no-binary=:none:", f"{package}=={version}"], work)
        elif source == "maven":
            group, artifact, number, kind = package.split(":")
            run(["mvn", "-q", "-B", "dependency:get", f"-Dartifact={package}", "-Dtransitive=false"], work)
            local = pathlib.Path.home() / ".m2/repository" / group.replace(".", "/") / artifact / number / f"{artifact}-{number}.{kind}"
            shutil.copy(local, work)
        part = to.with_name(to.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        for archive in sorted(work.iterdir()):
            unpack(archive, part)
        part.rename(to)


def packages():
    for line in (pathlib.Path(__file__).parent / "webshell_benign.tsv").read_text().splitlines():
        if line and not line.startswith("#"):
            yield (line.split("\t") + [""])[:4]


def main():
    found = 0
    for part, source, package, version in packages():
        folder = CACHE / source / package.replace("/", "_").replace(":", "_")
        if not folder.exists():
            if "--fetch" not in sys.argv:
                print(f"not fetched: {source} {package}", file=sys.stderr)
                continue
            try:
                fetch(source, package, version, folder)
            except (subprocess.SubprocessError, OSError, tarfile.TarError, zipfile.BadZipFile) as why:
                detail = getattr(why, "stderr", b"") or b""
                print(f"not available: {source} {package}: {why} {detail.decode(errors='replace').strip()[-200:]}", file=sys.stderr)
                continue
        for path in sorted(folder.rglob("*")):
            if path.is_symlink() or not path.is_file():
                continue
            with open(path, "rb") as file:
                head = file.read(2)
                if not SCRIPTS.search(path.name) and head != b"#!":
                    continue
                if WORDS.search(head + file.read()):
                    print(part, f"{source}:{package}", path, sep="\t")
                    found += 1
    return 0 if found else 77


if __name__ == "__main__":
    sys.exit(main())
