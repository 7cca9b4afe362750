"""Counts the instructions that an event costs on the hot paths, and fails when a path takes far more than it did.

    instructions_test.py HOT_PATHS BOUNDS

A slip of speed is seen on any machine, also a busy one: callgrind counts what is executed, not how long it takes. The
bounds are generous, for compilers and processors differ. Each path has a slow double that must be found too slow.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ALLOWED = 1.5
SKIPPED = 77


def instructions_per_event(program, path, events):
    with tempfile.TemporaryDirectory() as directory:
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", "--toggle-collect=measured_*",
             f"--callgrind-out-file={directory}/out", program, path, str(events)],
            capture_output=True, text=True, check=False)
    collected = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode != 0 or not collected:
        sys.exit(f"hot_paths {path} failed under callgrind ({run.returncode}):\n{run.stderr}")
    return int(collected.group(1)) / events


def read_bounds(file):
    for line in pathlib.Path(file).read_text().splitlines():
        if line and not line.startswith("#"):
            path, events, measured = line.split()
            yield path, int(events), int(measured)


def main():
    program, bounds = sys.argv[1:]
    if shutil.which("valgrind") is None:
        print("skipped: valgrind is not installed")
        return SKIPPED
    failures = []
    for path, events, measured in read_bounds(bounds):
        bound = ALLOWED * measured
        count = instructions_per_event(program, path, events)
        print(f"{path}: {count:.0f} instructions an event; {measured} when the bound was set")
        if count > bound:
            failures.append(f"{path} takes {count:.0f} instructions an event, more than {ALLOWED} x {measured}: make it "
                            f"as fast as it was, or say in the commit why it must cost more and raise it in {bounds}")
        double = instructions_per_event(program, path + "_twice", events)
        if double <= bound:
            failures.append(f"the double of {path} ({double:.0f}) is not found too slow: the bound of {measured} in "
                            f"{bounds} is blind, lower it to what is measured")
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
