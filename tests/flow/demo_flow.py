"""The shipped log of a real PostgreSQL with pgaudit: the answers are those that its truth file tells. And what ./dev demo shows."""

import collections
import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import flow

COMMAND = re.compile(r"(?m)^\$ ((?:'[^']*'|\\\n|[^'\n])*)$")
FIXTURES = flow.ROOT / "tests" / "fixtures" / "pgaudit"


class Demo(flow.FlowTest):
    def setUp(self):
        super().setUp()
        self.init()
        self.ingested = self.ingest()
        header, *rows = [line.split("\t") for line in (FIXTURES / "demo-truth.tsv").read_text().splitlines()]
        self.truth = [dict(zip(header, row)) for row in rows]

    def ingest(self):
        return self.weerbaar("ingest", self.data, "--format", "pgaudit", "--mapping", FIXTURES / "demo-mapping.toml",
                             FIXTURES / "demo.csv", "--json").json()

    def test_consultations_name_exactly_those_who_asked_for_each_citizen(self):
        expected = collections.defaultdict(collections.Counter)
        for row in self.truth:
            for citizen in row["named"].split():
                expected[citizen][row["actor"], row["action"], row["outcome"]] += 1
        self.assertGreater(len(expected), 10)
        for citizen, accesses in expected.items():
            lines = self.weerbaar("consultations", self.data, "--of", f"bsn:{citizen}", "--keys", self.keys, "--json").lines()
            found = collections.Counter((line["actor"]["id"], line["action"], line.get("outcome", "success"))
                                        for line in lines if line["source"] != "self")
            self.assertEqual(found, accesses, citizen)

    def test_nothing_is_refused_and_twice_is_once(self):
        self.assertEqual(self.ingested["refused"], 0)
        again = self.ingest()
        self.assertEqual((again["accepted"], again["duplicate"]), (0, self.ingested["accepted"]))
        self.weerbaar("verify", self.data)


class Shown(flow.FlowTest):
    """docs/demo.sh, as ./dev demo runs it."""

    def setUp(self):
        super().setUp()
        run = subprocess.run([flow.ROOT / "docs" / "demo.sh", flow.PROGRAM], capture_output=True, text=True, timeout=150,
                             env={**os.environ, "TMPDIR": str(self.directory)}, check=False)
        self.assertEqual((run.returncode, run.stderr), (0, ""), run.stdout)
        self.out = run.stdout
        parts = re.split(r"^(\d+)\. ", self.out, flags=re.MULTILINE)
        self.steps = dict(zip(map(int, parts[1::2]), parts[2::2]))

    def test_the_demo_shows_what_its_sentences_say_and_leaves_nothing_behind(self):
        self.assertEqual(list(self.steps), list(range(1, 23)))
        for step, shown in {2: "56 events accepted", 3: "~2026-Q1:", 7: "The trail is whole", 8: "The package holds, and is complete",
                            9: "THE TRAIL IS NOT WHOLE", 10: "9 cases of misuse", 11: "18 rules", 12: "explains handles-case"}.items():
            self.assertIn(shown, self.steps[step])
        accesses = [line.split() for line in self.steps[4].splitlines() if line.startswith("20") and " bsn:999914479 " in line]
        employees = [line[1] for line in accesses]
        self.assertEqual(set(employees[:-1]), {"u104233", "u104387", "u104790", "u105012"})
        self.assertEqual(accesses[-1][2:5], ["search", "weerbaar", "consultations"])
        explained = float(re.search(r"^explained .*?(\d+\.\d\d) %", self.steps[12], re.MULTILINE)[1])
        self.assertTrue(90 < explained < 100)
        truth = dict(re.findall(r"^   (\w+) +(u\d+)", self.steps[15], re.MULTILINE))
        self.assertEqual(len(truth), 9)
        self.assertRegex(self.steps[13], rf"(?m)^   1  {truth['mass_export']}  score")
        self.assertRegex(self.steps[13], r"(?m)^ lot  ")
        self.assertRegex(self.steps[14], rf"(?m)^   1  {truth['address_seller']} ")
        self.assertIn("A lead, not proof", self.steps[14])
        answers = {step: re.findall(r"(?m)^\$ curl .* -H @\$DIR/([\w-]+).*(?:\n(?!\d\d\d:).*)*\n(\d\d\d):", self.steps[step])
                   for step in range(17, 23)}
        self.assertEqual(answers, {
            17: [("manager", "200"), ("administrator", "403")],
            18: [("analyst", "200")],
            19: [("investigator", "201"), ("investigator", "403"), ("data-protection-officer", "200"), ("investigator", "200"),
                 ("investigator", "200")],
            20: [("desk", "200")],
            21: [("citizens-desk", "200")],
            22: [("manager", "200")],
        })
        asked, name = self.steps[19].split("@$DIR/data-protection-officer")
        self.assertNotIn(truth["mass_export"], self.steps[18] + asked)
        self.assertIn(truth["mass_export"], name)
        self.assertIn("ask_reason", self.steps[20])
        self.assertIn('"count":', self.steps[21])
        self.assertNotIn(truth["address_seller"], self.steps[21])
        self.assertNotIn("explained", self.steps[17])
        self.assertIn('"explained":', self.steps[22])
        self.assertLessEqual({len(line) for line in self.out.splitlines()}, set(range(101)))
        self.assertEqual(list(self.directory.iterdir()), [])
        self.commands_can_be_pasted()

    def commands_can_be_pasted(self):
        """All of them, in a shell of one's own with another directory."""
        shown = {step: COMMAND.findall(text) for step, text in self.steps.items()}
        begin = COMMAND.findall(self.out.partition("\n1. ")[0])
        self.assertEqual([line.partition("=")[0] for line in begin[1:]], ["PATH", "DIR"])
        begin[2] = f"DIR={self.directory}"
        evidence = self.pasted(begin + [line for step in range(1, 10) for line in shown[step]])
        self.assertEqual(evidence.returncode, 1, evidence.stderr)
        self.assertIn("THE TRAIL IS NOT WHOLE", evidence.stdout)
        made = [line for step in range(10, 17) for line in shown[step]]
        serve = next(index for index, line in enumerate(made) if line.startswith("weerbaar serve"))
        self.assertTrue(made[serve].endswith("&"))
        made.insert(serve + 1, "echo $! >$DIR/pid")
        self.addCleanup(self.stop)
        made = self.pasted(begin + made)
        self.assertEqual(made.returncode, 0, made.stderr)
        (self.directory / ".curlrc").write_text('silent\nwrite-out = "\\n%{http_code}"\n')
        # The pseudonym and the number that the demo was given, and those of this server.
        pseudonym, number = re.compile(r"~2026-Q1:\w+"), re.compile(r"(?<=/mandates/)\d+")
        own = {}
        for step in range(17, 23):
            statuses = []
            for line in shown[step]:
                for one in (pseudonym, number):
                    line = one.sub(lambda found: own[one], line)
                answer, _, status = self.pasted(begin + [line], CURL_HOME=str(self.directory)).stdout.rpartition("\n")
                statuses.append(status)
                if step == 18:
                    own[pseudonym] = re.search(r'"actor":"(~[^"]+)"', answer)[1]
                elif status == "201":
                    own[number] = str(json.loads(answer)["number"])
            self.assertEqual(statuses, re.findall(r"(?m)^(\d\d\d): ", self.steps[step]), step)

    def pasted(self, lines, **environment):
        # Not to pipes, which a server in the background would keep open.
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            run = subprocess.run(["bash", "-ec", "\n".join(lines)], stdout=out, stderr=err, timeout=120, check=False,
                                 env={**os.environ, **environment})
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(run.args, run.returncode, out.read(), err.read())

    def stop(self):
        """The server that was started in the background, and waits until it is gone."""
        file = self.directory / "pid"
        if not file.exists():
            return
        pid = int(file.read_text())
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
            for _ in range(600):
                os.kill(pid, 0)
                time.sleep(0.1)


if __name__ == "__main__":
    flow.main()
