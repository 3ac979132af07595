"""python3-rpm: whole EVR strings, parsed and compared by librpm (rpm.ver)."""
import sys
import rpm

for line in sys.stdin:
    a, b = line.rstrip("\n").split("\t")
    try:
        x, y = rpm.ver(a), rpm.ver(b)
        print(-1 if x < y else 1 if y < x else 0)
    except ValueError:
        print("x")
