"""The shipped log of a real PostgreSQL with pgaudit: the answers are those that its truth file tells."""

import collections
import pathlib
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


if __name__ == "__main__":
    flow.main()
