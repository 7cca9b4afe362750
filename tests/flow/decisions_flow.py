"""Decisions, as applications meet them: over TLS, with tokens, through new facts, a new policy and a kill."""

import http.client
import json
import pathlib
import signal
import sqlite3
import ssl
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import flow
import served

FACTS = {
    "employee": "employee,name\ne1,\ne2,\n",
    "account": "account,employee\nu1,e1\n",
    "authorisation": "employee,system,role\ne1,BVR,raadplegen\ne2,BVR,raadplegen\n",
    "person": "subject\nbsn:123456782\nbsn:111222333\nbsn:999990007\n",
    "case": "case,activity\nZ-1,inning\n",
    "case_subject": "case,subject\nZ-1,bsn:111222333\n",
    "case_employee": "case,employee\nZ-1,e1\n",
    "shielded": "subject\nbsn:999990007\n",
}


def question(person="111222333", employee="u1", **context):
    """May the account u1 read this person?"""
    asked = {
        "subject": {"type": "account", "id": employee},
        "action": {"name": "read"},
        "resource": {"type": "bsn", "id": person},
    }
    return {**asked, "context": context} if context else asked


class Decisions(flow.FlowTest):
    def setUp(self):
        super().setUp()
        self.init()
        self.weerbaar("policy", self.data, "adopt", "--name", "Control 2026")
        for table, csv in FACTS.items():
            self.weerbaar("register", self.data, "import", table, self.write(f"{table}.csv", csv))
        made = self.weerbaar("token", "web", "--application", "--json").json()
        self.assertEqual(made["application"], "web")
        self.token = made["token"]
        settings = pathlib.Path(self.data) / "weerbaar.toml"
        settings.write_text(
            settings.read_text()
            + f'\n[serve]\npublic_url = "https://pdp.example.org"\n[[serve.application]]\nname = "web"\n'
            + f'token_sha256 = "{made["token_sha256"]}"\nsystems = ["BVR"]\n'
        )

    def start(self):
        server = served.Server(self.data, "--listen", "127.0.0.1:0")
        self.addCleanup(lambda: server.process.poll() is None and server.end(signal.SIGKILL))
        server.wait_for("decisions are taken by new facts")
        return server

    def connect(self, server):
        context = ssl.create_default_context(cafile=str(pathlib.Path(self.keys) / "tls.crt"))
        connection = http.client.HTTPSConnection("localhost", server.port, context=context, timeout=30)
        self.addCleanup(connection.close)
        return connection

    def ask(self, connection, asked, path="evaluation", status=200):
        """The answer as JSON."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}", "X-Request-ID": "r-1"}
        connection.request("POST", f"/access/v1/{path}", json.dumps(asked), headers)
        answer = connection.getresponse()
        body = answer.read().decode()
        self.assertEqual(answer.status, status, body)
        self.assertEqual(answer.headers["X-Request-ID"], "r-1")
        return json.loads(body) if status == 200 else body

    def codes(self, answer):
        return [reason["code"] for reason in answer["context"]["reasons"]]

    def test_decisions_are_taken_recorded_and_reviewed(self):
        server = self.start()
        connection = self.connect(server)
        connection.request("GET", "/.well-known/authzen-configuration")
        metadata = json.loads(connection.getresponse().read())
        self.assertEqual(metadata["policy_decision_point"], "https://pdp.example.org")
        permitted = self.ask(connection, question())
        self.assertEqual((permitted["decision"], self.codes(permitted)), (True, ["explained"]))
        self.assertEqual(permitted["context"]["reasons"][0]["rule"], "handles-case")
        unexplained = self.ask(connection, question("123456782"))
        self.assertEqual(unexplained["context"]["obligations"], [{"type": "ask_reason"}])
        denied = self.ask(connection, question("999990007"))
        self.assertEqual((denied["decision"], self.codes(denied)), (False, ["shielded"]))
        self.assertEqual(self.codes(self.ask(connection, question(employee="u9"))), ["unknown_employee"])
        broken = self.ask(connection, question("999990007", break_glass=True, reason="dreiging van Jansen"))
        self.assertEqual((broken["decision"], self.codes(broken)), (True, ["shielded", "break_glass"]))
        self.assertIn({"type": "review"}, broken["context"]["obligations"])
        batch = {**question(), "evaluations": [{}, {"resource": {"type": "bsn"}}, {"context": {"system": "other"}}]}
        answers = self.ask(connection, batch, "evaluations")["evaluations"]
        self.assertEqual([answer["decision"] for answer in answers], [True, False, False])
        self.assertEqual([answer["context"].get("error", {}).get("status") for answer in answers], [None, 400, 403])
        self.assertIn("subject is missing", self.ask(connection, {}, status=400))
        self.assertIn("may ask about", self.ask(connection, question(system="other"), status=403))
        connection.request("GET", "/metrics")
        metrics = connection.getresponse().read().decode()
        self.assertIn('weerbaar_decisions_total{decision="permit",ground="break_glass"} 1\n', metrics)
        self.assertEqual(server.end(signal.SIGTERM), 0)
        everything = "".join(server.log) + metrics
        for personal in ("111222333", "999990007", "123456782", "u1", "Jansen", self.token):
            self.assertNotIn(personal, everything)
        self.weerbaar("verify", self.data)
        number = int(broken["context"]["id"])
        listed = self.weerbaar("decisions", self.data, "--to-review", "--json").lines()
        self.assertEqual([line["decision"] for line in listed], [number])
        self.assertNotIn("999990007", json.dumps(listed))
        shown = self.weerbaar("decisions", self.data, "--to-review", "--keys", self.keys).out
        self.assertIn("999990007", shown)
        self.assertIn("dreiging van Jansen", shown)
        self.weerbaar("decisions", self.data, "review", number, "justified", "--remark", "gebeld met Jansen")
        self.weerbaar("decisions", self.data, "review", number, "justified", status=2)
        self.weerbaar("decisions", self.data, "review", 0, "justified", status=2)
        self.assertEqual(self.weerbaar("decisions", self.data, "--to-review", "--json").lines(), [])
        reviewed = self.weerbaar("decisions", self.data, "--json").lines()
        self.assertEqual(reviewed[0]["review"]["outcome"], "justified")
        self.weerbaar("verify", self.data)
        looks = self.weerbaar("consultations", self.data, "--of", "bsn:999990007", "--json").lines()
        self.assertEqual({look["source"] for look in looks}, {"self"}, "a decision is no look; showing it is one")

    def test_new_facts_count_within_seconds_and_each_decision_says_by_which(self):
        server = self.start()
        connection = self.connect(server)
        before = self.ask(connection, question("123456782"))
        self.assertEqual(self.codes(before), ["unexplained"])
        csv = self.write("more.csv", "case,subject\nZ-1,bsn:123456782\n")
        self.weerbaar("register", self.data, "import", "case_subject", csv)
        until = time.monotonic() + 60
        while True:
            after = self.ask(connection, question("123456782"))
            if after["context"]["register_import"] > before["context"]["register_import"]:
                break
            self.assertLess(time.monotonic(), until)
            time.sleep(0.1)
        self.assertEqual(self.codes(after), ["explained"])
        with sqlite3.connect(f"{self.data}/register.db") as database:
            database.execute("UPDATE fact_case_subject SET subject = 'bsn:999990007'")
        csv = self.write("person.csv", "subject\nbsn:555555021\n")
        self.weerbaar("register", self.data, "import", "person", csv)
        server.wait_for("what decisions are taken by could not be read, and is what it was")
        still = self.ask(connection, question("123456782"))
        self.assertEqual(still["context"]["register_import"], after["context"]["register_import"])
        self.assertEqual(server.end(signal.SIGTERM), 0)
        self.weerbaar("verify", self.data)

    def test_an_adopted_policy_counts_and_is_named(self):
        server = self.start()
        connection = self.connect(server)
        self.assertEqual(self.ask(connection, question())["context"]["policies"]["decision_policy"], 0)
        sections = ["explained", "unexplained", "flagged", "shielded", "not_authorised", "unknown_employee"]
        sections += ["unknown_person", "unknown_action", "break_glass", "break_glass_without_reason"]
        strict = "\n".join(f'[{section}]\ndecision = "deny"' for section in sections)
        wrong = self.write("wrong.toml", strict + '\n[flagged.rules.neighbor]\ndecision = "deny"\n')
        refused = self.weerbaar("decisions", self.data, "adopt", "--name", "x", "--file", wrong, status=2)
        self.assertIn("neighbor", refused.err)
        policy = self.write("decisions.toml", strict + "\n")
        adopted = self.weerbaar("decisions", self.data, "adopt", "--name", "Dicht", "--file", policy, "--json").json()
        self.assertEqual(adopted["policy"], 1)
        until = time.monotonic() + 60
        while True:
            answer = self.ask(connection, question())
            if answer["context"]["policies"]["decision_policy"] == 1 or time.monotonic() > until:
                break
            time.sleep(0.1)
        self.assertEqual((answer["decision"], self.codes(answer)), (False, ["explained"]))
        self.assertEqual(answer["context"]["policies"]["decision_policy"], 1)
        self.assertEqual(server.end(signal.SIGTERM), 0)

    def test_every_decision_that_was_answered_is_there_after_a_kill_under_load(self):
        answered = {}
        lock = threading.Lock()
        numbers = iter(range(1, 100_000_000))

        def send(server, stop):
            connection = self.connect(server)
            while not stop.is_set():
                with lock:
                    case = f"Z-load-{next(numbers)}"
                try:
                    answer = self.ask(connection, question(break_glass=True, reason="spoed", case=case))
                except (OSError, http.client.HTTPException):
                    return
                self.assertTrue(answer["decision"])
                with lock:
                    answered[int(answer["context"]["id"])] = case

        served.kill_under_load(self.start, send, (0.5, 1.2, 0.8))
        self.assertGreater(len(answered), 50)
        self.weerbaar("verify", self.data)
        lines = self.weerbaar("decisions", self.data, "--to-review", "--json").lines()
        found = {line["decision"]: line["body"]["adl.core.request"]["context"]["case"] for line in lines}
        self.assertEqual({number: found.get(number) for number in answered}, answered)


if __name__ == "__main__":
    flow.main()
