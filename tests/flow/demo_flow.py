"""The shipped log of a real PostgreSQL with pgaudit: the answers are those that its truth file tells. And what ./dev demo shows."""

import collections
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import flow

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
        """Those up to the sample are, in one shell, with another directory; of the others the bodies are read."""
        command = re.compile(r"(?m)^\$ ((?:'[^']*'|\\\n|[^'\n])*)$")
        mine, asked = command.findall(self.out.partition("\n10. ")[0]), command.findall(self.out.partition("\n17. ")[2])
        self.assertEqual([line.partition("=")[0] for line in mine[1:3]], ["PATH", "DIR"])
        mine[2] = f"DIR={self.directory}"
        run = subprocess.run(["bash", "-ec", "\n".join(mine)], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(run.returncode, 1, run.stderr)
        self.assertIn("THE TRAIL IS NOT WHOLE", run.stdout)
        words = [shlex.split(line.replace("\\\n", "")) for line in asked]
        bodies = [json.loads(line[line.index("--json") + 1]) for line in words if "--json" in line]
        self.assertEqual([list(body)[0] for body in bodies], ["case", "by", "subject", "of"])


if __name__ == "__main__":
    flow.main()
