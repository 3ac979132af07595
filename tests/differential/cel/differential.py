#!/usr/bin/env python3
"""differential.py CEL_LINES [N]: src/standard/cel against cel-go, on the expressions of tests/data/standard/cel.txt and N
random ones (2,000). Both print a line an expression; every difference is shown. Exit 1 on any, 77 when there is no Go or
its module proxy cannot be reached.
"""
import pathlib
import random
import subprocess
import sys

here = pathlib.Path(__file__).resolve().parent
root = here.parents[2]
lines = [line for line in (root / "tests/data/standard/cel.txt").read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]

dice = random.Random(20261127)


within = 0  # a macro's body: cel-go is lenient there about what a literal list holds, so nothing of a wrong kind goes in


def body(kind, depth):
    global within
    within += 1
    text = expression(kind, depth)
    within -= 1
    return text


def expression(kind, depth):
    """A random expression of a kind, sometimes of a wrong one: what is refused must be refused by both."""
    pick = dice.choice
    if not within and dice.random() < 0.03:
        kind = pick(["int", "double", "string", "bool", "list"])
    if depth <= 0:
        return {"int": lambda: pick(["0", "1", "-3", "7", "n", "9223372036854775807", "size(s)", "l[0]"]), "double": lambda: pick(["0.0", "1.5", "-2.25", "x", "1e300", "3.0"]),
                "string": lambda: pick(["''", "'a'", "s", "'héllo'", "'a,b'", "'ABC'"]), "bool": lambda: pick(["true", "false", "n > 3", "s == 'a'"]), "list": lambda: pick(["l", "[1, 2]", "[n]"])}[kind]()
    sub = lambda k: expression(k, depth - 1 - dice.randrange(2))
    if kind == "int":
        return pick([lambda: f"({sub('int')} {pick('+-*/%')} {sub('int')})", lambda: f"size({sub('string')})", lambda: f"({sub('bool')} ? {sub('int')} : {sub('int')})", lambda: f"int({sub('double')})",
                     lambda: f"{sub('list')}[{sub('int')}]", lambda: f"{sub('string')}.indexOf({sub('string')})", lambda: f"size({sub('list')})"])()
    if kind == "double":
        return pick([lambda: f"({sub('double')} {pick('+-*/')} {sub('double')})", lambda: f"double({sub('int')})", lambda: f"({sub('bool')} ? {sub('double')} : {sub('double')})"])()
    if kind == "string":
        return pick([lambda: f"({sub('string')} + {sub('string')})", lambda: f"string({sub(pick(['int', 'double', 'bool']))})", lambda: f"{sub('string')}.lowerAscii()", lambda: f"{sub('string')}.substring({sub('int')})",
                     lambda: f"{sub('string')}.replace('a', {sub('string')})", lambda: f"{sub('string')}.charAt({sub('int')})", lambda: f"{sub('string')}.trim()"])()
    if kind == "list":
        return pick([lambda: f"({sub('list')} + {sub('list')})", lambda: f"{sub('list')}.map(v, v + {body('int', depth - 1)})", lambda: f"{sub('list')}.filter(v, v {pick(['<', '>', '=='])} {body('int', depth - 1)})", lambda: f"[{sub('int')}, {sub('int')}]"])()
    return pick([lambda: f"({sub('bool')} {pick(['&&', '||'])} {sub('bool')})", lambda: f"!{sub('bool')}", lambda: f"({sub('int')} {pick(['<', '<=', '>', '>=', '==', '!='])} {sub('int')})",
                 lambda: f"({sub('double')} {pick(['<', '>=', '=='])} {sub('double')})", lambda: f"({sub('string')} {pick(['<', '==', '!='])} {sub('string')})", lambda: f"{sub('string')}.{pick(['startsWith', 'endsWith', 'contains', 'matches'])}({sub('string')})",
                 lambda: f"{sub('list')}.{pick(['all', 'exists', 'exists_one'])}(v, v {pick(['<', '>'])} {body('int', depth - 1)})", lambda: f"({sub('int')} in {sub('list')})"])()


count = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
lines += [expression(dice.choice(["bool", "int", "double", "string", "list"]), dice.randrange(1, 5)) for _ in range(count)]
text = "\n".join(lines) + "\n"

tool = root / "tools/go"
fetched = subprocess.run([tool, "mod", "tidy"], cwd=here / "go", capture_output=True, text=True)
if fetched.returncode != 0:
    print("skipped: no Go, or cel-go cannot be fetched:", fetched.stderr.strip().splitlines()[-1:] or "no message")
    sys.exit(77)
theirs = subprocess.run([tool, "run", "."], cwd=here / "go", input=text, capture_output=True, text=True)
if theirs.returncode != 0:
    print("the reference does not run:", theirs.stderr)
    sys.exit(1)
ours = subprocess.run([sys.argv[1]], input=text, capture_output=True, text=True, check=True)
a, b = ours.stdout.splitlines(), theirs.stdout.splitlines()
if not (len(a) == len(b) == len(lines)):
    sys.exit(f"{len(lines)} expressions, {len(a)} answers of ours, {len(b)} of cel-go")
wrong = [(line, x, y) for line, x, y in zip(lines, a, b) if x != y]
for line, x, y in wrong[:40]:
    print(f"{line}\n  ours   {x}\n  cel-go {y}")
errors = sum(y == "error" for y in b)
print(f"{len(lines)} expressions ({errors} that fail in cel-go), {len(wrong)} differ")
sys.exit(1 if wrong else 0)
