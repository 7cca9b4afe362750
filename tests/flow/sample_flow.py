"""The sample administration, from nothing to a check of it."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import flow

SMALL = ["--employees", 90, "--days", 21, "--seed", 4]


class Sample(flow.FlowTest):
    def truth(self, data):
        return [json.loads(line) for line in (pathlib.Path(data) / "truth.jsonl").read_text().splitlines()]

    def test_a_sample_is_a_data_directory_like_any_other_and_its_truth_tells_what_is_in_it(self):
        made = self.weerbaar("sample", self.data, *SMALL, "--json").json()
        truth = self.truth(self.data)
        self.assertEqual(made["planted"], len(truth))
        self.assertEqual(
            {line["kind"] for line in truth},
            {"curious_neighbour", "ex_partner", "celebrity", "address_seller", "mass_export", "shared_account",
             "slow_leaker", "break_glass_abuse", "corrupt_pair"})
        self.assertTrue(self.weerbaar("verify", self.data, "--json").json()["ok"])
        for line in truth:
            self.assertEqual("leak_file" in line, "leaked_at" in line)
            if "leak_file" in line:
                leaked = (pathlib.Path(self.data) / line["leak_file"]).read_text().splitlines()
                self.assertTrue(all(subject.startswith("bsn:") for subject in leaked))
            # What is planted is an access of the trail, of one of those who did it.
            found = set()
            for actor in line["actors"]:
                seen = self.weerbaar("consultations", self.data, "--by", actor, "--keys", self.keys, "--json").lines()
                found |= {event["id"] for event in seen}
            self.assertLessEqual(set(line["events"]), found, line["kind"])
        # Facts are on record, and explain the work.
        self.weerbaar("policy", self.data, "adopt", "--name", "Beleid", "--on", "2026-01-01")
        checked = self.weerbaar("check", self.data, "--from", "2026-01-05", "--to", "2026-01-26", "--json").json()
        self.assertEqual(checked["checked"], made["events"])
        self.assertGreater(checked["explained"], 0.9 * made["events"])

    def test_the_same_options_give_the_same_sample_and_events_come_as_many_as_asked(self):
        wanted = 20000
        once = self.weerbaar("sample", self.data, *SMALL, "--events", wanted, "--json").json()
        self.assertAlmostEqual(once["events"] / wanted, 1, delta=0.05)
        other = str(self.directory / "other")
        again = self.weerbaar("sample", other, *SMALL, "--events", wanted, "--json").json()
        self.assertEqual(once, again)
        self.assertEqual(self.truth(self.data), self.truth(other))

        def counted(data):
            return self.weerbaar("count", data, "--group-by", "day,system,unit,action", "--where", "source!=self",
                                 "--json").out

        self.assertEqual(counted(self.data), counted(other))

    def test_nothing_is_mixed_with_what_is_there(self):
        self.init()
        self.weerbaar("sample", self.data, *SMALL)  # in a directory that was just made
        refused = self.weerbaar("sample", self.data, *SMALL, status=2)
        self.assertIn("holds accesses or facts already", refused.err)
        other = self.directory / "other"
        other.mkdir()
        (other / "something").write_text("kept")
        self.assertIn("not empty", self.weerbaar("sample", other, *SMALL, status=2).err)
        self.assertEqual([path.name for path in other.iterdir()], ["something"])
        self.assertIn("--employees 5", self.weerbaar("sample", str(self.directory / "third"), "--employees", 5,
                                                     status=2).err)
        self.assertIn("--from", self.weerbaar("sample", str(self.directory / "third"), "--from", "2026-02-30",
                                              status=2).err)
        self.assertFalse((self.directory / "third").exists())


if __name__ == "__main__":
    flow.main()
