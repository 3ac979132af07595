#!/usr/bin/env python3
"""Renders the web-shell corpus from tests/detect/webshell_shapes/*.shapes.

    webshell_corpus.py OUT      writes OUT/PART/KIND/FAMILY/SHAPE-N/FILE and OUT/manifest.tsv (part, kind, family, shape, path)

PART is "tuned" or "held-out", KIND is "webshell" or "benign". The shapes are descriptions, not programs: a middle dot
stands inside the words that act, so nothing in the repository is a working sample; the samples exist only while a test
runs. They are short, have no command channel and no payload, and the hosts they name end in ".invalid".

The form of a .shapes file:

    === NAME tuned|held-out [benign] [name=FILE]
    text with [alternatives], several per shape: sample N takes alternative N of each group (modulo its size)

    U+27E6 a U+00A6 b U+27E7      alternatives
    U+27EA CODE:text U+27EB       text encoded (ENCODERS below)
    U+00B7                        removed

A held-out shape has no sibling in the tuned part: another mechanism, not another spelling. They were written and marked
before the detector had a line of code, and are measured only, never tuned on.
"""
import base64
import codecs
import pathlib
import re
import sys
import zlib

NAMES = {"php": "page.php", "jsp": "page.jsp", "asp": "page.asp", "aspx": "page.aspx", "python": "app.py",
         "perl": "page.pl", "node": "server.js", "shell": "page.cgi"}


def raw(text):
    return text.encode("latin-1")


def b64(data):
    return base64.b64encode(data).decode()


def deflate(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def rot13_bytes(data):
    return codecs.encode(data.decode("latin-1"), "rot13").encode("latin-1")


def xor_pair(text):
    """Two texts of printable characters whose bytewise XOR is `text`."""
    first, second = "", ""
    for c in text:
        for k in "[]{}@_^0123456789":
            other = chr(ord(c) ^ ord(k))
            if 0x20 < ord(other) < 0x7F and other not in "'\"\\$":
                first, second = first + other, second + k
                break
        else:
            raise ValueError(text)
    return first, second


ENCODERS = {
    "b64": lambda t: b64(raw(t)),
    "gz64": lambda t: b64(deflate(raw(t))),
    "zl64": lambda t: b64(zlib.compress(raw(t))),
    "rotgzrot64": lambda t: b64(rot13_bytes(deflate(rot13_bytes(raw(t))))),
    "rot13": lambda t: codecs.encode(t, "rot13"),
    "rev": lambda t: t[::-1],
    "hex": lambda t: raw(t).hex(),
    "hexesc": lambda t: "".join("\\x%02x" % ord(c) for c in t),
    "octesc": lambda t: "".join("\\%o" % ord(c) for c in t),
    "uni": lambda t: "".join("\\u%04x" % ord(c) if c.isalpha() else c for c in t),
    "nums": lambda t: ", ".join(str(ord(c)) for c in t),
    "chrdot": lambda t: ".".join("chr(%d)" % ord(c) for c in t),
    "chramp": lambda t: " & ".join("Chr(%d)" % ord(c) for c in t),
    "xorpair": lambda t: "' ^ '".join(xor_pair(t)),
    "xora": lambda t: xor_pair(t)[0],
    "xorb": lambda t: xor_pair(t)[1],
    "xor64k": lambda t: b64(bytes(c ^ ord("k") for c in raw(t))),
    "not": lambda t: "".join("\\x%02x" % (~ord(c) & 255) for c in t),
    "not64": lambda t: b64(bytes(~c & 255 for c in raw(t))),
}


def shapes(folder):
    """(family, name, part, kind, file name, text) of every shape."""
    for path in sorted(pathlib.Path(folder).glob("*.shapes")):
        for block in re.split(r"(?m)^=== ", path.read_text(encoding="utf-8"))[1:]:
            head, text = block.split("\n", 1)
            words = head.split()
            file_name = next((w[5:] for w in words if w.startswith("name=")), NAMES[path.stem])
            part = words[1]
            if part not in ("tuned", "held-out"):
                raise SystemExit(f"{path.name}: {words[0]}: neither tuned nor held-out")
            yield path.stem, words[0], part, "benign" if "benign" in words else "webshell", file_name, text


def render(text):
    """Every sample of one shape."""
    groups = [g.split("¦") for g in re.findall("⟦(.*?)⟧", text, re.S)]
    for n in range(max(len(g) for g in groups)):
        parts = iter(groups)
        sample = re.sub("⟦.*?⟧", lambda _: (g := next(parts))[n % len(g)], text, flags=re.S).replace("·", "")
        yield re.sub("⟪([a-z0-9]+):(.*?)⟫", lambda m: ENCODERS[m.group(1)](m.group(2)), sample, flags=re.S)


def main():
    out = pathlib.Path(sys.argv[1])
    rows = []
    for family, name, part, kind, file_name, text in shapes(pathlib.Path(__file__).parent / "webshell_shapes"):
        for n, sample in enumerate(render(text)):
            path = out / part / kind / family / f"{name}-{n}" / file_name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(sample, encoding="utf-8")
            rows.append("\t".join((part, kind, family, name, str(path.relative_to(out)))))
    (out / "manifest.tsv").write_text("\n".join(rows) + "\n")
    print(len(rows), "samples")


if __name__ == "__main__":
    main()
