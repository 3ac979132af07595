"""The conan client's own classes. Argument: compare or match."""
import sys
from conan.internal.model.version import Version
from conan.internal.model.version_range import VersionRange

for line in sys.stdin:
    a, b = line.rstrip("\n").split("\t")
    try:
        if sys.argv[1] == "match":
            print("true" if VersionRange(b).contains(Version(a), None) else "false")
        else:
            x, y = Version(a), Version(b)
            print(0 if x == y else -1 if x < y else 1)
    except Exception:  # whatever conan refuses is not compared
        print("x")
