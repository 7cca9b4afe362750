"""What the flow tests share: starting the program, and reading its answers."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = None


class Answer:
    """What the program said."""

    def __init__(self, run):
        self.status = run.returncode
        self.out = run.stdout
        self.err = run.stderr

    def lines(self):
        """The result as JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    def json(self):
        """The result as one JSON object."""
        return json.loads(self.out)


class FlowTest(unittest.TestCase):
    """A test with a temporary directory, and a data directory in it."""

    def setUp(self):
        self._temporary = tempfile.TemporaryDirectory(prefix="weerbaar-flow-")
        self.addCleanup(self._temporary.cleanup)
        self.directory = pathlib.Path(self._temporary.name)
        self.data = str(self.directory / "data")
        self.keys = str(self.directory / "data.keys")

    def weerbaar(self, *arguments, status=0, stdin=""):
        """Runs a command; fails the test when its exit status is another than `status`."""
        run = subprocess.run([PROGRAM, *map(str, arguments)], input=stdin, capture_output=True, text=True, timeout=120)
        answer = Answer(run)
        self.assertEqual(answer.status, status, f"{arguments}: {answer.out}\n{answer.err}")
        return answer

    def init(self):
        return self.weerbaar("init", self.data, "--origin", "flow.example.org/reads", "--json").json()

    def write(self, name, content):
        path = self.directory / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path


def main():
    """python3 x_flow.py PROGRAM"""
    global PROGRAM
    PROGRAM = str(pathlib.Path(sys.argv[1]).resolve())
    # Tests find PROGRAM through this module under its own name, also when it was started as a script.
    sys.modules["flow"].PROGRAM = PROGRAM
    unittest.main(module=sys.modules["__main__"], argv=sys.argv[:1], verbosity=2)
