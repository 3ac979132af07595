"""libalpm's alpm_pkg_vercmp, the function behind vercmp(8)."""
import ctypes
import ctypes.util
import sys

lib = ctypes.CDLL(ctypes.util.find_library("alpm") or "libalpm.so.13")
for line in sys.stdin:
    a, b = line.rstrip("\n").split("\t")
    value = lib.alpm_pkg_vercmp(a.encode(), b.encode())
    print((value > 0) - (value < 0))
