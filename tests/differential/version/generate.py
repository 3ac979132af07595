"""Versions and ranges of every scheme, made by chance from a seed: plausible ones, nasty ones, and small edits of both."""
import random

NUMBERS = ["0", "1", "2", "3", "9", "10", "11", "12", "19", "20", "99", "100", "2024", "20240131"]
ODD_NUMBERS = ["00", "01", "007", "010", "4294967296", "9999999999", "123456789012345678"]


class Maker:
    """One scheme's shapes. `whole` makes a version; edits work on the text and may make it invalid."""

    def __init__(self, seed, scheme):
        self.r = random.Random(f"{seed}:{scheme}")
        self.scheme = scheme
        self.whole = getattr(self, scheme)

    def chance(self, p):
        return self.r.random() < p

    def pick(self, *options):
        return self.r.choice(options)

    def num(self, odd=0.05):
        return self.r.choice(ODD_NUMBERS if self.chance(odd) else NUMBERS)

    def dotted(self, low, high, odd=0.05, sep="."):
        return sep.join(self.num(odd) for _ in range(self.r.randint(low, high)))

    def word(self):
        return self.pick("a", "b", "c", "x", "rc", "alpha", "beta", "pre", "dev", "p", "git", "Z", "abc", "Final", "m", "sp", "snapshot")

    # --- schemes -------------------------------------------------------------------------------------------------------
    def deb(self):
        out = self.dotted(1, 4, 0.1)
        for _ in range(self.r.randint(0, 3)):
            out += self.pick("~", "+", ".", "-", "", "~~", "+~") + self.pick(self.word(), self.num(0.1), "dfsg", "deb12u", "ubuntu", "really")
        if self.chance(0.6):
            out += "-" + self.num(0.1) + self.pick("", "", "ubuntu1", "+b1", "~bpo12+1", "+deb12u2", ".1", "build1", "~exp")
        return (self.pick("0:", "1:", "2:", "10:", "01:") if self.chance(0.2) else "") + out

    def rpm(self):
        out = self.dotted(1, 4, 0.1)
        for _ in range(self.r.randint(0, 3)):
            out += self.pick("~", "^", ".", "_", "+", "", "..", "^~") + self.pick(self.word(), self.num(0.1), "20240131git1a2b3c", "P1")
        if self.chance(0.7):
            out += "-" + self.num(0.1) + self.pick("", ".el9", ".fc40", ".el8_6", ".amzn2023.0.1", "~rc1", "^1", ".1.el7_9.3", ".")
        return (self.pick("0:", "1:", "2:", "10:") if self.chance(0.2) else "") + out

    def alpm(self):
        out = self.dotted(1, 4, 0.1)
        for _ in range(self.r.randint(0, 2)):
            out += self.pick(".", "_", "+", "", "..", ":") + self.pick(self.word(), self.num(0.1), "r123.g1a2b3c4", "beta2")
        if self.chance(0.7):
            out += "-" + self.pick("1", "2", "10", "1.1", "2.1")
        return (self.pick("0:", "1:", "2:", "10:") if self.chance(0.2) else "") + out

    def semver_like(self, build=0.15, numbers=3):
        out = ".".join(self.num(0.0 if self.chance(0.95) else 1.0).lstrip("0") or "0" for _ in range(numbers))
        if self.chance(0.5):
            ids = [self.pick("alpha", "beta", "rc", "rc1", "RC", "x-y", "-", "0", "1", "2", "10", "11", "1a", "a1", "alpha-1", "20240131093000", "0a")
                   for _ in range(self.r.randint(1, 3))]
            out += "-" + ".".join(ids)
        if self.chance(build):
            out += "+" + ".".join(self.pick("1", "01", "001", "build", "sha-1a2b", "a", "2", "20") for _ in range(self.r.randint(1, 2)))
        return out

    def semver(self):
        return self.semver_like()

    npm = cargo = hex = pub = semver

    def go(self):
        if self.chance(0.15):
            return "go1." + self.pick("4", "9", "20", "21", "22", "23") + self.pick("", ".0", ".1", ".10", "rc1", "rc2", "beta1", "alpha1", "rc")
        core = "v" + self.semver_like(0.05)
        if self.chance(0.2):
            core = "v" + self.pick("0.0.0-", "1.2.3-0.", "2.0.0-pre.0.") + self.pick("20210101000000", "20230405060708") + "-" + self.pick("abcdefabcdef", "012345678901")
        if self.chance(0.1):
            core = "v" + self.pick("1", "2", "1.2", "1.10", "0")
        return core + ("+incompatible" if self.chance(0.1) and "+" not in core else "")

    def nuget(self):
        return self.semver_like(0.1, self.pick(2, 3, 4))

    def pep440(self):
        out = self.dotted(1, 4, 0.08)
        if self.chance(0.4):
            out += self.pick("", "", ".", "-", "_") + self.pick("a", "b", "rc", "alpha", "beta", "c", "pre", "preview", "RC") + self.pick("", self.num(), "." + self.num())
        if self.chance(0.25):
            out += self.pick("." + "post" + self.num(), "-" + self.num(), ".rev" + self.num(), "post" + self.num(), ".post", ".r1")
        if self.chance(0.25):
            out += self.pick(".dev" + self.num(), "dev" + self.num(), "-dev", ".dev")
        if self.chance(0.12):
            out += "+" + self.pick("ubuntu.1", "abc", "1", "1.2", "abc.10", "ABC-1", "local_2", "01")
        return (self.pick("1!", "0!", "2!") if self.chance(0.08) else "") + self.pick("", "", "", "v") + out

    def maven(self):
        out = self.dotted(1, 4, 0.08)
        for _ in range(self.r.randint(0, 3)):
            out += self.pick("-", ".", "", "-", "_") + self.pick("alpha", "beta", "milestone", "rc", "cr", "snapshot", "SNAPSHOT", "ga", "final", "Final", "RELEASE",
                                                                "sp", "jre", "android", "a", "b", "m", "RC", "M", "x", self.num(0.1), self.num(0.1), "0", "jdk8", "beta2", "rc1")
        return out

    def rubygems(self):
        out = self.dotted(1, 4, 0.08)
        for _ in range(self.r.randint(0, 3)):
            out += self.pick(".", ".", "-") + self.pick("a", "b", "rc1", "pre", "alpha", "beta2", "0", "00", "x86", "java", "A", self.num(), self.num(), "rc", "dev")
        return out

    def packagist(self):
        if self.chance(0.03):
            return self.pick("dev-main", "dev-feature", "1.x-dev", "2.1.x-dev", "dev-master", "9999999-dev")
        out = self.pick("", "", "", "v") + self.dotted(1, 4, 0.02)
        if self.chance(0.5):
            out += self.pick("-", "", ".", "_") + self.pick("alpha", "beta", "RC", "rc", "a", "b", "p", "pl", "patch", "stable", "dev") + self.pick("", "1", "2", "10", ".1", "-3", "1.2", "")
        if self.chance(0.08):
            out += "-dev"
        if self.chance(0.05):
            out += "+" + self.pick("build1", "abc.1")
        return out

    def conan(self):
        if self.chance(0.3):
            out = ".".join(self.pick(self.num(), self.num(), "1a", "rc", "cci", "20210118", "b", "9e") for _ in range(self.r.randint(1, 4)))
        else:
            out = self.dotted(1, 4)
        if self.chance(0.3):
            out += "-" + self.pick("rc.1", "rc1", "alpha", "beta.2", "1", "0", "pre.10", "", "a-b")
        if self.chance(0.15):
            out += "+" + self.pick("1", "abc", "0", "1.2", "10")
        return out

    def cran(self):
        return "".join((self.pick(".", ".", "-") if i else "") + self.num() for i in range(self.r.randint(2, 5)))

    def apk(self):
        out = self.dotted(1, 4, 0.1)
        out += self.pick("", "", "", "a", "b", "z")
        for _ in range(self.r.randint(0, 2)):
            out += "_" + self.pick("alpha", "beta", "pre", "rc", "cvs", "svn", "git", "hg", "p") + self.pick("", "1", "2", "10", "20240131")
        if self.chance(0.05):
            out += "~" + self.pick("abc123", "0f", "deadbeef")
        return out + ("-r" + self.num(0.02) if self.chance(0.6) else "")

    def generic(self):
        return self.pick(self.deb, self.pep440, self.maven, self.semver)()

    # --- pairs and ranges ----------------------------------------------------------------------------------------------
    def edit(self, version):
        at = self.r.randrange(len(version) + 1)
        what = self.r.random()
        if what < 0.3:
            return version[:at] + self.pick("0", "1", "9", ".", "-", "~", "+", "_", "a", "rc", ".0", "-0", "^", "dev", "p1") + version[at:]
        if what < 0.55:
            return version[:at] + version[at + 1:]
        if what < 0.8:
            digits = [i for i, c in enumerate(version) if c.isdigit()]
            if digits:
                i = self.r.choice(digits)
                return version[:i] + self.r.choice("0123456789") + version[i + 1:]
        return version + self.pick(".0", ".1", "-1", "a", "0", ".0.0", "-rc1", "+1", "~1", "-dev")

    def pair(self):
        a = self.whole()
        if self.chance(0.55):
            b = a
            for _ in range(self.r.randint(1, 3)):
                b = self.edit(b) or a
        else:
            b = self.whole()
        return (b, a) if self.chance(0.5) else (a, b)

    def pairs(self, count):
        while count > 0:
            a, b = self.pair()
            if a.strip() and b.strip() and not set("\t\n\r") & set(a + b):
                count -= 1
                yield a, b

    def near(self, version):
        """A version likely to be close to an edge of a range that mentions `version`."""
        return self.pick(self.edit(version), version, self.whole(), version + self.pick("-rc.1", ".dev1", "a1", ".1", "-beta", ".pre", ".post1", "-alpha"))

    def plain(self, low=1, high=3):
        return ".".join(self.pick("0", "0", "1", "1", "2", "3", "10") for _ in range(self.r.randint(low, high)))

    def ranges(self, count):
        make = getattr(self, "range_" + self.scheme)
        for _ in range(count):
            text = make()
            versions = [v for v in text.replace(",", " ").replace("|", " ").replace("*", "0").split() if any(c.isdigit() for c in v)]
            base = self.r.choice(versions).lstrip("<>=!~^[(").rstrip("])") if versions else "1.0"
            yield self.near(base) if self.chance(0.7) else self.whole(), text

    def range_npm(self):
        def version():
            v = self.plain(1, 3)
            if v.count(".") == 2 and self.chance(0.3):
                v += "-" + self.pick("rc.1", "alpha", "beta.2", "0")
            elif v.count(".") < 2 and self.chance(0.3):
                v += self.pick(".x", ".*", ".X")
            return v

        def alternative():
            if self.chance(0.15):
                return version() + " - " + version()
            return " ".join(self.pick("^", "~", "", ">=", "<", ">", "<=", "=", ">= ", "~>", "^ ", "v") + version() for _ in range(self.r.randint(1, 2)))

        text = " || ".join(alternative() for _ in range(self.pick(1, 1, 1, 2, 3)))
        return text if self.chance(0.97) else self.pick("*", "", "x", "|| 1.2.3", "latest", ">=1.0.0,<2.0.0 1")

    def range_cargo(self):
        def version():
            v = self.plain(1, 3)
            return v + "-" + self.pick("rc.1", "alpha", "0") if v.count(".") == 2 and self.chance(0.3) else v

        if self.chance(0.1):
            return self.plain(1, 2) + ".*"
        return ", ".join(self.pick("^", "~", "", "^", "=", ">=", "<") + version() for _ in range(self.r.randint(1, 2)))

    def range_hex(self):
        full = lambda: self.plain(3, 3) + self.pick("", "", "-rc.1", "-dev")
        one = lambda: self.pick("~> " + self.plain(2, 3), "~> " + self.plain(3, 3), ">= " + full(), "< " + full(), "!= " + full(), "== " + full())
        return self.pick(" and ", " or ").join(one() for _ in range(self.r.randint(1, 3)))

    def range_pep440(self):
        def one():
            v = self.plain(1, 4)
            suffix = self.pick("", "", "", "a1", "rc1", ".post1", ".dev1")
            if self.chance(0.25):
                return self.pick("==", "!=") + v + ".*"
            if self.chance(0.2) and "." in v:
                return "~=" + v + self.pick("", "", "a1", ".post1")
            if self.chance(0.05):
                return "===" + v + suffix
            return self.pick("==", "!=", ">=", "<=", ">", "<") + v + suffix

        text = ",".join(one() for _ in range(self.r.randint(1, 3)))
        return text if any(o in text for o in ("==", "!=", "~=")) else text + ",!=9.9"

    def range_maven(self):
        v = lambda: self.plain(1, 3) + self.pick("", "", "", "-alpha", "-rc1", "-SNAPSHOT", "-sp1")
        one = lambda: self.pick(f"[{v()},{v()})", f"({v()},{v()}]", f"[{v()}]", f"[{v()},)", f"(,{v()}]", f"(,{v()})", f"({v()},)")
        return ",".join(one() for _ in range(self.pick(1, 1, 1, 2)))

    def range_rubygems(self):
        v = lambda: self.plain(1, 4) + self.pick("", "", "", ".rc1", ".a", "-b2")
        return ", ".join(self.pick("~> ", "~>", "!= ", ">= ", "< ", "= ", "") + v() for _ in range(self.r.randint(1, 3)))

    def range_packagist(self):
        v = lambda: self.plain(1, 4) + self.pick("", "", "", "", "-beta1", "-RC", "-dev", "@beta", "-alpha2")

        def alternative():
            if self.chance(0.15):
                return self.plain(1, 3) + " - " + self.plain(1, 3)
            if self.chance(0.2):
                return self.plain(1, 3) + ".*"
            return self.pick(" ", ",", ", ").join(self.pick("^", "~", "", "!=", ">=", "<", ">", "<=", "^", "~") + v() for _ in range(self.r.randint(1, 2)))

        text = self.pick(" || ", "|", " | ").join(alternative() for _ in range(self.pick(1, 1, 2)))
        return text if any(c in text for c in "^~|*!@- ") else "^" + text.lstrip("<>=")

    def range_conan(self):
        v = lambda: self.plain(1, 3) + self.pick("", "", "", "-rc", "-pre.1")
        one = lambda: self.pick("~", "^", ">=", "<", ">", "<=", "^", "~") + v()
        text = " || ".join(" ".join(one() for _ in range(self.r.randint(1, 2))) for _ in range(self.pick(1, 1, 2)))
        return text + self.pick("", ", include_prerelease", ", include_prerelease") if "||" in text or self.chance(0.5) else text + " ^1"
