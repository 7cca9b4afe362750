"""A PostgreSQL 15 with pgaudit is started, people work on it, its log goes in: who saw whom comes out. And a register is kept there."""

import json
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import flow

BIN = pathlib.Path("/usr/lib/postgresql/15/bin")
LIBRARY = pathlib.Path("/usr/lib/postgresql/15/lib/pgaudit.so")
ANNA, BRAM, CARLA = "123456782", "111222333", "249566758"

CONFIGURATION = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{directory}'
logging_collector = on
log_destination = 'csvlog'
log_directory = '{directory}/log'
log_filename = 'audit.log'
log_timezone = 'UTC'
shared_preload_libraries = 'pgaudit'
pgaudit.log = 'read, write, function, role, ddl'
pgaudit.log_parameter = on
pgaudit.log_relation = on
fsync = off
"""

SCHEMA = """
CREATE TABLE person (bsn text PRIMARY KEY, name text, town text);
CREATE TABLE income (bsn text, year int, euros int);
INSERT INTO person VALUES ('%(anna)s', 'A', 'Almelo'), ('%(bram)s', 'B', 'Breda'), ('%(carla)s', 'C', 'Cuijk');
INSERT INTO income VALUES ('%(anna)s', 2025, 30000), ('%(bram)s', 2025, 40000), ('%(carla)s', 2025, 50000);
CREATE ROLE u100 LOGIN; CREATE ROLE u200 LOGIN; CREATE ROLE u300 LOGIN; CREATE ROLE u400 LOGIN;
GRANT SELECT, UPDATE ON person TO u100, u200, u300;
GRANT SELECT ON income TO u100, u200;
""" % {"anna": ANNA, "bram": BRAM, "carla": CARLA}

# Who does what; the persons that the statement is about.
WORK = [
    ("u100", f"SELECT name FROM person WHERE bsn = '{ANNA}'", {ANNA}),
    ("u100", f"SELECT p.name, i.euros FROM person p JOIN income i ON i.bsn = p.bsn WHERE p.bsn = '{BRAM}'", {BRAM}),
    ("u200", f"PREPARE q(text) AS SELECT euros FROM income WHERE bsn = $1; EXECUTE q('{ANNA}')", {ANNA}),
    ("u200", f"SELECT * FROM person WHERE bsn IN ('{BRAM}', '{CARLA}')", {BRAM, CARLA}),
    ("u300", f"UPDATE person SET town = 'Delft' WHERE bsn = '{CARLA}'", {CARLA}),
    ("u300", f"SELECT euros FROM income WHERE bsn = '{ANNA}'", {ANNA}),  # denied
    ("u400", f"SELECT name FROM person WHERE bsn = '{BRAM}'", {BRAM}),  # denied
    ("u300", "SELECT count(*) FROM person WHERE town = 'Breda'", set()),
]

MAPPING = """
source = "inning-sql"
system = "INNING"
[[persons]]
table = "public.person"
column = "bsn"
type = "bsn"
[[persons]]
table = "public.income"
column = "bsn"
type = "bsn"
"""


class Server:
    """A server of its own, in a directory of its own, on the loopback interface."""

    def __init__(self):
        self.directory = pathlib.Path("/tmp") / f"weerbaar-postgres-{os.getpid()}"
        self.directory.mkdir()
        self.user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        if os.geteuid() == 0:
            shutil.chown(self.directory, "postgres")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.run(BIN / "initdb", "-D", self.directory / "data", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-U", "postgres")
        with open(self.directory / "data" / "postgresql.conf", "a", encoding="utf-8") as configuration:
            configuration.write(CONFIGURATION.format(port=self.port, directory=self.directory))
        self.run(BIN / "pg_ctl", "-D", self.directory / "data", "-w", "-l", self.directory / "start.log", "start")

    def run(self, *command, check=True):
        prefix = ["setpriv", "--reuid", self.user, "--regid", self.user, "--clear-groups"] if os.geteuid() == 0 else []
        return subprocess.run([*prefix, *map(str, command)], cwd=self.directory, check=check, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True, timeout=120)

    def sql(self, user, statements, check=True):
        return self.run("psql", "-h", "127.0.0.1", "-p", self.port, "-U", user, "-d", "postgres", "-X", "-q", "-v",
                        "ON_ERROR_STOP=0", "-c", statements, check=check)

    def stop(self):
        self.run(BIN / "pg_ctl", "-D", self.directory / "data", "-m", "fast", "-w", "stop")
        log = (self.directory / "log" / "audit.csv").read_bytes()
        shutil.rmtree(self.directory)
        return log


class Postgres(flow.FlowTest):
    def test_consultations_name_exactly_who_saw_whom(self):
        server = Server()
        try:
            server.sql("postgres", "CREATE EXTENSION pgaudit")
            for statement in SCHEMA.strip().split(";\n"):
                server.sql("postgres", statement)
            for user, statement, _ in WORK:
                server.sql(user, statement, check=False)
            time.sleep(1)  # the log collector writes behind
        finally:
            log = server.stop()
        self.init()
        mapping = self.write("mapping.toml", MAPPING)
        taken = self.weerbaar("ingest", self.data, "--format", "pgaudit", "--mapping", mapping,
                              self.write("audit.csv", log), "--json").json()
        self.assertEqual(taken["refused"], 0)
        for citizen in (ANNA, BRAM, CARLA):
            lines = self.weerbaar("consultations", self.data, "--of", f"bsn:{citizen}", "--keys", self.keys, "--json").lines()
            employees = {line["actor"]["id"] for line in lines if line["source"] != "self"} - {"postgres"}
            expected = {user for user, _, persons in WORK if citizen in persons}
            self.assertEqual(employees, expected, citizen)
            denied = {line["actor"]["id"] for line in lines if line.get("outcome") == "denied"}
            self.assertEqual(denied, {ANNA: {"u300"}, BRAM: {"u400"}, CARLA: set()}[citizen])
        everything = self.weerbaar("consultations", self.data, "--by", "u300", "--keys", self.keys, "--json").out
        self.assertNotIn("Breda", everything)  # literals do not stay in the statement
        self.weerbaar("verify", self.data)

    def judged(self, register):
        """The same events and facts, judged before and after a correction; with the register in this database."""
        self.data = str(self.directory / f"data-{register.partition(':')[0] or 'sqlite'}")
        self.init()
        if register:
            settings = pathlib.Path(self.data) / "weerbaar.toml"
            settings.write_text(f"register = {json.dumps(register)}\n" + settings.read_text())
        persons = (ANNA, BRAM, CARLA)
        events = [{"id": str(n), "source": "s", "time": f"2026-03-{1 + n % 28:02}T10:00:00Z", "actor": {"id": f"u{n % 7}"}, "action": "read",
                   "system": "BVR", "subjects": [{"type": "bsn", "id": persons[n % 3]}]} for n in range(200)]
        self.weerbaar("ingest", self.data, "--format", "jsonl", self.write("e.jsonl", "".join(json.dumps(e) + "\n" for e in events)))
        self.weerbaar("policy", self.data, "adopt", "--name", "P", "--on", "2026-01-01")
        for table, text in (
                ("case", "case\nZ-1\nZ-é\nz-1\n"),
                ("case_subject", f"case,subject\nZ-1,bsn:{ANNA}\nZ-é,bsn:{BRAM}\nz-1,bsn:{CARLA}\n"),
                ("case_employee", "case,employee,valid_from,valid_to\nZ-1,u1,2026-03-01,\nZ-é,u2,2026-03-01,\nz-1,u3,2026-03-05,2026-03-10\n"),
                ("employee", f"employee,subject\nu5,bsn:{BRAM}\n")):
            self.weerbaar("register", self.data, "import", table, self.write(table, text))
        before = self.weerbaar("check", self.data, "--to", "2026-04-01", "--json").json()
        # He handled the case for a week only.
        self.weerbaar("register", self.data, "import", "case_employee",
                      self.write("corrected", "case,employee,valid_from,valid_to\nZ-1,u1,2026-03-01,2026-03-08\n"))
        after = self.weerbaar("check", self.data, "--to", "2026-04-01", "--json").json()
        then = self.weerbaar("check", self.data, "--to", "2026-04-01", "--known-at", 4, "--json").json()
        self.assertEqual(then["findings_sha256"], before["findings_sha256"])
        self.assertLess(after["explained"], before["explained"])
        self.assertEqual(self.weerbaar("verify", self.data, "--json").json()["ok"], True)
        return [(c["checked"], c["explained"], c["flagged"], c["by_rule"], c["findings_sha256"]) for c in (before, after, then)]

    def test_a_register_on_postgresql_judges_as_one_on_sqlite_also_after_a_correction(self):
        server = Server()
        try:
            server.sql("postgres", "CREATE DATABASE register")
            address = f"postgresql:host=127.0.0.1 port={server.port} user=postgres dbname=register"
            self.assertEqual(self.judged(address), self.judged(""))
        finally:
            server.stop()


if __name__ == "__main__":
    if not LIBRARY.exists():
        print("skipped: postgresql-15 and postgresql-15-pgaudit are not installed")
        sys.exit(77)
    flow.main()
