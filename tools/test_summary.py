#!/usr/bin/env python3
"""test_summary: what was skipped and why, and one closing line, from the JUnit files that ctest wrote."""

import re
import sys
import xml.etree.ElementTree as xml

passed = failed = skipped = 0
reasons = []
for path in sys.argv[1:]:
    for case in xml.parse(path).getroot().iter("testcase"):
        name, status = case.get("name"), case.get("status")
        output = case.findtext("system-out") or ""
        why = case.find("skipped")
        if status == "run":
            passed += 1
        elif status == "disabled" or (why is not None and why.get("message", "").startswith("SKIP")):
            skipped += 1
        else:  # also a test that could not be started
            failed += 1
        # GoogleTest prints "file:line: Skipped" and the reason; our scripts print "skip: reason" or "skipped: reason".
        found = re.findall(r"^\S+:\d+: Skipped\n(.+)$|^skip(?:ped)?: (.+)$", output, re.MULTILINE)
        for reason in dict.fromkeys(first or second for first, second in found):
            reasons.append(f"  {name}: {reason}")
        if status not in ("run", "fail") and not found:
            reasons.append(f"  {name}: {why.get('message', status) if why is not None else status}")
if reasons:
    print("\nSkipped, in whole or in part:")
    print("\n".join(reasons))
print(f"\n{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(1 if failed or not passed else 0)
