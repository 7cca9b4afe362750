"""Signals on a sample administration: ranked, explained, on record, the same again, and what a conversation gave."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import flow

NEAR_ONLY = """budget = 100
random = 0
score_min = 2
left = 0.5
rest = 2
[detector.near]
weight = 1
cap = 6
"""


def plain(lines):
    """Signals without what is new in every run."""
    return [{key: value for key, value in line.items() if key not in ("signal", "feedback")} for line in lines]


class Signals(flow.FlowTest):
    def setUp(self):
        super().setUp()
        self.weerbaar("sample", self.data, "--employees", 300, "--days", 42, "--seed", 5)

    def adopt(self, *more, status=0):
        return self.weerbaar("policy", self.data, "adopt", "--name", "Beleid", "--json", *more, status=status)

    def signals(self, *more):
        return self.weerbaar("signals", self.data, "--json", *more).lines()

    def test_signals_name_employees_and_the_accesses_that_they_rest_on(self):
        refused = self.weerbaar("signals", self.data, status=2)
        self.assertIn("no control policy was adopted", refused.err)
        self.adopt()
        signals = self.signals("--keys", self.keys)
        self.assertGreater(len(signals), 2)
        chosen = [line for line in signals if "random" not in line]
        self.assertEqual([line["rank"] for line in chosen], list(range(1, len(chosen) + 1)))
        self.assertTrue(all("rank" not in line for line in signals[len(chosen):]))
        self.assertEqual([line["score"] for line in chosen], sorted((line["score"] for line in chosen), reverse=True))
        truth = [json.loads(line) for line in (self.directory / "data" / "truth.jsonl").read_text().splitlines()]
        self.assertIn(chosen[0]["actor"], {actor for planted in truth for actor in planted["actors"]})
        for line in chosen:
            self.assertTrue(0 < len(line["events"]) <= 50, line)
            self.assertTrue(line["why"] and line["why_nl"] and line["why"] != line["why_nl"])
            self.assertEqual(line["rule"], line["rules"][0]["rule"])
            self.assertTrue(set(line["rules"][0]["events"]) <= set(line["events"]))
            self.assertTrue(all(0 < len(part["events"]) <= 50 for part in line["rules"]), line)
        by = self.weerbaar("consultations", self.data, "--by", chosen[0]["actor"], "--keys", self.keys, "--json").lines()
        self.assertTrue(set(chosen[0]["events"]) <= {line["index"] for line in by})
        hidden = self.weerbaar("signals", self.data, "--json")
        for line in signals:
            self.assertNotIn(line["actor"], hidden.out)
        self.assertTrue(all(line["actor"].startswith("~2026-Q") for line in hidden.lines()))
        people = self.weerbaar("signals", self.data)
        self.assertIn("score", people.out)
        self.assertIn("never proof", people.err)

    def test_the_same_again_gives_the_same_and_stands_in_the_trail(self):
        self.adopt()
        first = self.signals()
        self.assertEqual(plain(first), plain(self.signals()))
        heads = []
        for run in (1, 2):
            lines = (self.directory / "data" / "signals" / f"{run}.jsonl").read_text().splitlines()
            heads.append(json.loads(lines[0]))
            self.assertEqual(len(lines), 1 + len(first))
        self.assertEqual(heads[0]["signals_sha256"], heads[1]["signals_sha256"])
        self.assertEqual(heads[1]["first"], len(first) + 1)
        own = self.weerbaar("count", self.data, "--group-by", "source,component", "--json").lines()
        self.assertIn({"source": "self", "component": "signals", "count": 2}, own)
        none = self.signals("--budget", 0)
        self.assertTrue(none and all(line["random"] for line in none))
        later = self.signals("--from", "2026-02-02")
        self.assertTrue(all(line["from"] >= "2026-02-02" for line in later))

    def test_a_signal_policy_is_part_of_what_is_adopted(self):
        wrong = self.adopt("--signals", self.write("wrong.toml", NEAR_ONLY.replace("cap", "cup")), status=2)
        self.assertIn("wrong.toml:8:1: an unknown key", wrong.err)
        self.adopt("--signals", self.write("near.toml", NEAR_ONLY))
        signals = self.signals()
        self.assertEqual({line["rule"] for line in signals}, {"near"})

    def test_feedback_is_shown_beside_later_signals_and_changes_no_score(self):
        self.adopt()
        before = self.signals("--keys", self.keys)
        number = before[0]["signal"]
        remark = "gesprek gevoerd: hielp een collega"
        self.weerbaar("signals", self.data, "feedback", number, "justified", "--remark", remark)
        after = self.signals("--keys", self.keys)
        self.assertEqual(plain(before), plain(after))
        actor = before[0]["actor"]
        for line in after:
            feedback = line.get("feedback", [])
            self.assertEqual([(one["signal"], one["justified"]) for one in feedback],
                             [(number, True)] if line["actor"] == actor else [])
        for file in (self.directory / "data").rglob("*.json*"):
            self.assertNotIn("hielp", file.read_text(errors="ignore"), file)
        said = self.weerbaar("signals", self.data)
        self.assertIn(f"signal {number} of this employee was justified", said.out)
        missing = self.weerbaar("signals", self.data, "feedback", 999, "not-justified", status=2)
        self.assertIn("there is no signal 999", missing.err)
        self.weerbaar("signals", self.data, "feedback", number, "perhaps", status=2)
        passed_over = self.weerbaar("signals", self.data, "--reason", "why", "feedback", number, "justified", status=2)
        self.assertIn("--reason", passed_over.err)


if __name__ == "__main__":
    flow.main()
