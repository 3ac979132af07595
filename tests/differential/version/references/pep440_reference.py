"""packaging: versions, and specifier sets for one candidate. Argument: compare or match."""
import sys
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

for line in sys.stdin:
    a, b = line.rstrip("\n").split("\t")
    try:
        if sys.argv[1] == "match":
            print("true" if SpecifierSet(b).contains(Version(a), prereleases=True) else "false")
        else:
            x, y = Version(a), Version(b)
            print((x > y) - (x < y))
    except (InvalidVersion, InvalidSpecifier):
        print("x")
