"""Counts the instructions that an event, or a question, costs on the hot paths, and fails when a path takes far more than it did.

    instructions_test.py HOT_PATHS BOUNDS

A slip of speed is seen on any machine, also a busy one: callgrind counts what is executed, not how long it takes. The
bounds are generous, for compilers and processors differ. What takes twice as long must be found too slow: two paths have
a double that does its work twice, of the others the count itself is doubled, for they take long.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ALLOWED = 1.5
DOUBLES = ("append", "jsonl")
SKIPPED = 77


def instructions_each(program, path, number):
    with tempfile.TemporaryDirectory() as directory:
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", "--toggle-collect=measured_*",
             f"--callgrind-out-file={directory}/out", program, path, str(number)],
            capture_output=True, text=True, check=False)
    collected = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode != 0 or not collected:
        sys.exit(f"hot_paths {path} failed under callgrind ({run.returncode}):\n{run.stderr}")
    return int(collected.group(1)) / number


def read_bounds(file):
    for line in pathlib.Path(file).read_text().splitlines():
        if line and not line.startswith("#"):
            path, number, measured = line.split()
            yield path, int(number), int(measured)


def main():
    program, bounds = sys.argv[1:]
    if shutil.which("valgrind") is None:
        print("skipped: valgrind is not installed")
        return SKIPPED
    failures = []
    for path, number, measured in read_bounds(bounds):
        bound = ALLOWED * measured
        count = instructions_each(program, path, number)
        print(f"{path}: {count:.0f} instructions each; {measured} when the bound was set")
        if count > bound:
            failures.append(f"{path} takes {count:.0f} instructions each, more than {ALLOWED} x {measured}: make it "
                            f"as fast as it was, or say in the commit why it must cost more and raise it in {bounds}")
        double = instructions_each(program, path + "_twice", number) if path in DOUBLES else 2 * count
        if double <= bound:
            failures.append(f"the double of {path} ({double:.0f}) is not found too slow: the bound of {measured} in "
                            f"{bounds} is blind, lower it to what is measured")
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
