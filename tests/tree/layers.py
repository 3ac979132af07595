"""Fails on an #include that goes up or sideways in cmake/layers.txt.

A module may include itself and the rows below its own. Sources under tests/ and bench/ may include anything.
"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
rows = [line.split() for line in (root / "cmake/layers.txt").read_text().splitlines() if line and not line.startswith("#")]
rank = {name: len(rows) - i for i, row in enumerate(rows) for name in row}
include = re.compile(r'^\s*#\s*include\s+"([a-z_]+)/')

errors, files = [], 0
for path in sorted((root / "src").rglob("*")):
    if path.suffix not in (".cc", ".h", ".c"):
        continue
    files += 1
    module = path.relative_to(root / "src").parts[0]
    if module not in rank:
        errors.append(f"{path}: folder {module} is in no row of cmake/layers.txt")
        continue
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = include.match(line)
        if not match or match[1] == module:
            continue
        other = match[1]
        if other in rank and rank[other] >= rank[module]:
            errors.append(f"{path.relative_to(root)}:{number}: {module} must not include {other}")
print("\n".join(errors) or f"{files} files keep to the layers")
sys.exit(1 if errors or files == 0 else 0)
