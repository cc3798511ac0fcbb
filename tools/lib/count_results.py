#!/usr/bin/env python3
"""Counts what passed in a ctest run, and prints what failed and why something was skipped.

Usage: count_results.py REPORT.xml (written by ctest --output-junit). The last line printed is "passed failed skipped",
three numbers: test cases for Boost.Test programs, one for any other test. A case that checks nothing counts as skipped.
Lines of a test that begin with "reported: " are printed in any case.
Exit status 1 if there is no report, or no test in it.
"""
import re
import sys
import xml.etree.ElementTree as ElementTree

CASES = re.compile(r"^  (\d+) test cases? out of \d+ (passed|failed|skipped)$", re.MULTILINE)
SKIPPED = re.compile(r'Test case "([^"]+)" is skipped because (.+)')
CHECKS_NOTHING = re.compile(r"(?:^(skipped.*)\n)?^Test case (\S+) did not check any assertions", re.MULTILINE)
NOISE = re.compile(r"Entering test |Leaving test |is skipped because |did not check any|^Running \d+ test case")


def judge(test):
    """One ctest's (passed, failed, reasons for what was skipped)."""
    name, status = test.get("name"), test.get("status")
    output = test.findtext("system-out") or ""
    skip = test.find("skipped")
    if skip is not None and skip.get("message") == "Unable to find executable":
        return 0, 1, []  # ctest lists a program that could not be built among the skipped
    if skip is not None or status == "disabled":
        return 0, 0, [f"{name}: {output.strip()}"]

    cases = {outcome: int(number) for number, outcome in CASES.findall(output)}
    nothing = CHECKS_NOTHING.findall(output)
    reasons = [f"{name}: {case}: {why}" for case, why in SKIPPED.findall(output)]
    reasons += [f"{name}: {case}: {why or 'checks nothing'}" for why, case in nothing]
    passed, failed = cases.get("passed", 0) - len(nothing), cases.get("failed", 0)
    if status == "fail":
        return max(passed, 0), max(failed, 1), reasons  # a crash leaves no report behind: one failure
    return (passed, failed, reasons) if cases else (1, 0, [])


def main():
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__)
        return 0
    try:
        tests = list(ElementTree.parse(sys.argv[1]).getroot().iter("testcase"))
    except (OSError, ElementTree.ParseError) as error:
        print(f"no test results: {error}", file=sys.stderr)
        return 1
    if not tests:
        print("no test ran", file=sys.stderr)
        return 1
    total_passed, total_failed, all_reasons = 0, 0, []
    for test in tests:
        passed, failed, reasons = judge(test)
        total_passed, total_failed = total_passed + passed, total_failed + failed
        all_reasons += reasons
        for line in (test.findtext("system-out") or "").splitlines():
            if line.startswith("reported: "):
                print(line)
        if failed:
            lines = (test.findtext("system-out") or "").splitlines()
            print(f"--- {test.get('name')} failed:")
            print("\n".join(line for line in lines if line and not NOISE.search(line)))
    for reason in all_reasons:
        print(f"skipped: {reason}")
    print(total_passed, total_failed, len(all_reasons))
    return 0


if __name__ == "__main__":
    sys.exit(main())
