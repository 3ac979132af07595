#!/usr/bin/env python3
"""page_test.py FOLDER [--pictures DIR]: the HTML page looked at in Chromium, light and dark, at 1280 and 390 pixels, closed and open.

Checks for each *.html of FOLDER: nothing reaches over the right edge (what scrolls inside its own box may), the colours
are those of the scheme asked for, text has a contrast of 4.5 to what lies behind it (WCAG 2.1, 1.4.3), and what is pressed
is at least 24 pixels high (2.5.8). --pictures writes a PNG of each. Exit 77 (skipped) without Chromium.
"""
import argparse
import html
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--hide-scrollbars"]
WIDTHS = (1280, 390)
SCHEMES = {"light": 1, "dark": 0}  # Chromium's preferredColorScheme
# Runs in a copy of the page that lies in a frame of the width asked for (a window cannot be as narrow as a telephone).
MEASURE = r"""
const visible = (node) => { const box = node.getBoundingClientRect(); return box.width > 0 && box.height > 0 && box.right > 0; };
const scrolls = (node) => { for (let up = node.parentElement; up; up = up.parentElement) if (getComputedStyle(up).overflowX !== "visible") return true; return false; };
const name = (node) => node.tagName.toLowerCase() + (node.className.baseVal ?? node.className ? "." + (node.className.baseVal ?? node.className) : "");
const rgb = (text) => (text.match(/[\d.]+/g) ?? []).map(Number);
const light = (c) => { const [r, g, b] = c.map((v) => v / 255).map((v) => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
const behind = (node) => { for (let up = node; up; up = up.parentElement) { const c = rgb(getComputedStyle(up).backgroundColor); if (c.length === 3 || c[3] === 1) return c.slice(0, 3); } return [255, 255, 255]; };
const look = () => {
  const out = { width: document.documentElement.scrollWidth, room: document.documentElement.clientWidth, over: [], faint: [], small: [], texts: 0 };
  const paper = rgb(getComputedStyle(document.body).backgroundColor);
  out.dark = light(paper) < .2;
  for (const node of document.body.querySelectorAll("*")) {
    if (!visible(node)) continue;
    if (node.getBoundingClientRect().right > out.room + 1 && !scrolls(node)) out.over.push(name(node));
    if ((node.matches("button, select, input, summary")) && node.getBoundingClientRect().height < 24) out.small.push(name(node));
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (!own || node.closest("svg, script, style, option")) continue;
    out.texts += 1;
    const [a, b] = [light(rgb(getComputedStyle(node).color).slice(0, 3)), light(behind(node))];
    const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (contrast < 4.5) out.faint.push(name(node) + " " + contrast.toFixed(2));
  }
  for (const list of [out.over, out.faint, out.small]) list.splice(0, list.length, ...new Set(list));
  return out;
};
addEventListener("load", () => { if (OPEN) for (const node of document.querySelectorAll("details")) node.open = true;
  setTimeout(() => parent.postMessage(JSON.stringify(look()), "*"), 50); });
"""


def browse(chromium, folder, page, width, scheme, opened, picture):
    text = re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", page.read_text())
    measured, frame = folder / "page.html", folder / "frame.html"
    measured.write_text(text.replace("</body>", f"<script>const OPEN = {str(opened).lower()};{MEASURE}</script></body>"))
    frame.write_text("<!doctype html><style>body{margin:0}iframe{border:0;display:block}</style><pre id=said></pre>"
                     "<script>addEventListener('message', (e) => { document.getElementById('said').textContent = e.data; });</script>"
                     f"<iframe src=page.html width={width} height=1800></iframe>")
    command = [chromium, *FLAGS, f"--user-data-dir={folder / 'profile'}", f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}",
               f"--window-size={max(width, 500)},1850", "--virtual-time-budget=3000"]
    done = subprocess.run([*command, "--dump-dom", frame.as_uri()], capture_output=True, text=True, timeout=120)
    if picture:
        subprocess.run([*command, f"--screenshot={picture}", frame.as_uri()], capture_output=True, timeout=120, check=False)
    said = re.search(r"<pre id=\"said\">(.*?)</pre>", done.stdout, re.S)
    return json.loads(html.unescape(said[1])) if said and said[1] else None


def wrong_with(seen, scheme):
    if seen is None:
        return ["the browser said nothing"]
    out = []
    if seen["width"] > seen["room"] or seen["over"]:
        out.append(f"wider than the window: {seen['width']} of {seen['room']} pixels: {', '.join(seen['over'][:5])}")
    if seen["dark"] != (scheme == "dark"):
        out.append(f"the {scheme} scheme is not applied")
    if seen["faint"]:
        out.append(f"too little contrast: {', '.join(seen['faint'][:5])}")
    if seen["small"]:
        out.append(f"too small to press: {', '.join(seen['small'][:5])}")
    if not seen["texts"]:
        out.append("no text was looked at")
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--pictures", type=pathlib.Path)
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        print("skipped: chromium is not installed")
        return 77
    pages = sorted(options.folder.glob("*.html"))
    looked = failed = 0
    for page in pages:
        for width in WIDTHS:
            for scheme in SCHEMES:
                for opened in (False, True):
                    name = f"{page.stem}-{width}-{scheme}-{'open' if opened else 'closed'}"
                    with tempfile.TemporaryDirectory() as folder:
                        seen = browse(chromium, pathlib.Path(folder), page, width, scheme, opened, options.pictures and options.pictures / f"{name}.png")
                    wrong = wrong_with(seen, scheme)
                    looked += 1
                    failed += bool(wrong)
                    for line in wrong:
                        print(f"{name}: {line}")
    print(f"{len(pages)} pages looked at {looked} times, {failed} times wrong")
    return 1 if failed or not looked else 0


sys.exit(main())
