"""A real OpenLDAP server holds people, units and groups; what ldapsearch and slapcat write of it goes into the register."""

import base64
import contextlib
import pathlib
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import flow

SLAPD = pathlib.Path("/usr/sbin/slapd")
SCHEMAS = pathlib.Path("/etc/ldap/schema")
SUFFIX = "dc=example,dc=org"
ADMINISTRATOR = ("-x", "-D", f"cn=admin,{SUFFIX}", "-w", "secret")

CONFIGURATION = """
include {schemas}/core.schema
include {schemas}/cosine.schema
include {schemas}/nis.schema
include {schemas}/inetorgperson.schema
moduleload back_mdb.so
pidfile {directory}/slapd.pid
database mdb
suffix "{suffix}"
rootdn "cn=admin,{suffix}"
rootpw secret
directory "{directory}/database"
dbnosync
"""

MAPPING = """
[[groups]]
name = "BVR-*"
system = "BVR"
[[groups]]
name = "*"
pass_over = true
"""
# What -LLL and slapcat write tells not that it is whole.
MAY_LACK_ITS_END = "may_lack_its_end = true\n"

UNITS = {"Inning": "Directie Inning, één van vijf", "Inning West": "", "Toezicht": "Toezicht op alles wat in de regio's " + "ver " * 20 + "weg is"}
# Number, name, surname, accounts, unit, function, supervisor: with letters that LDIF writes in base64, signs that a
# name of an entry escapes, and values longer than a line.
PEOPLE = [
    ("1001", "Zoë Bakker", "Bakker", ["zbakker"], "Inning West", "Hoofd", None),
    ("1002", "Jansen, Jan", "Jansen", ["jjansen", "jjansen-beheer"], "Inning West", "Inspecteur", "1001"),
    ("1003", "Ünal + Søn", "Ünal", ["unal"], "Inning", "Medewerker invordering", "1001"),
    ("1004", "Maria " + "van der Meulen-" * 7 + "Smit", "Smit", ["msmit"], "Toezicht", "Inspecteur", "1001"),
    ("1005", "#5 <Test> \"x\"", "Test", ["test5"], "Toezicht", "Tester", "1004"),
] + [(str(2000 + n), f"Naam {n}", f"Naam{n}", [f"u{n}"], "Inning", "Medewerker", "1003") for n in range(40)]
GROUPS = {"BVR-raadplegen": ["1002", "1003", "2001", "2002"], "BVR-muteren": ["1002"], "koffie": ["2003"]}
# A group whose members are those of other groups too.
NESTED = ("BVR-alles", ["1004"], ["BVR-muteren"])
POSIX = ("BVR-beheer", ["jjansen-beheer", "u7"])


def attribute(name, value):
    return f"{name}:: {base64.b64encode(value.encode()).decode()}\n"


def escaped(text):
    return "".join("\\" + sign if sign in ',+"\\<>;#' else sign for sign in text)


def name_of_person(person):
    return f"cn={escaped(person[1])},ou=Mensen,{SUFFIX}"


def entry(name, classes, attributes):
    return attribute("dn", name) + "".join(attribute(key, value) for key, value in [("objectClass", one) for one in classes] + attributes) + "\n"


def entries():
    """The directory as one LDIF file for ldapadd."""
    names = {person[0]: name_of_person(person) for person in PEOPLE}
    text = entry(SUFFIX, ["dcObject", "organization"], [("dc", "example"), ("o", "Example")])
    for unit in ("Mensen", "Groepen"):
        text += entry(f"ou={unit},{SUFFIX}", ["organizationalUnit"], [("ou", unit)])
    for unit, description in UNITS.items():
        parent = f"ou=Inning,{SUFFIX}" if unit == "Inning West" else SUFFIX
        text += entry(f"ou={unit},{parent}", ["organizationalUnit"], [("ou", unit)] + [("description", description)] * bool(description))
    for person in PEOPLE:
        number, name, surname, accounts, unit, function, supervisor = person
        attributes = [("cn", name), ("sn", surname), ("employeeNumber", number), ("departmentNumber", unit), ("title", function)]
        attributes += [("uid", account) for account in accounts]
        if supervisor:
            # Names of entries may be written otherwise than the entries were.
            attributes.append(("manager", names[supervisor].replace(",ou=Mensen", " , OU=mensen")))
        text += entry(names[number], ["inetOrgPerson"], attributes)
    for group, members in GROUPS.items():
        text += entry(f"cn={group},ou=Groepen,{SUFFIX}", ["groupOfNames"], [("cn", group)] + [("member", names[one]) for one in members])
    group, members, inside = NESTED
    text += entry(f"cn={group},ou=Groepen,{SUFFIX}", ["groupOfNames"], [("cn", group)] + [("member", names[one]) for one in members] +
                  [("member", f"cn={one},ou=Groepen,{SUFFIX}") for one in inside])
    group, accounts = POSIX
    text += entry(f"cn={group},ou=Groepen,{SUFFIX}", ["posixGroup"], [("cn", group), ("gidNumber", "500")] + [("memberUid", one) for one in accounts])
    return text


def expected_facts():
    """What the register must say of the directory, by table."""
    number_of_account = {account: person[0] for person in PEOPLE for account in person[3]}
    roles = {(one, "BVR", group) for group, members in GROUPS.items() if group.startswith("BVR-") for one in members}
    group, members, inside = NESTED
    roles |= {(one, "BVR", group) for one in members} | {(one, "BVR", group) for other in inside for one in GROUPS[other]}
    roles |= {(number_of_account[account], "BVR", POSIX[0]) for account in POSIX[1]}
    units = {(unit, description or None, "Inning" if unit == "Inning West" else None) for unit, description in UNITS.items()}
    return {
        "employee": {(number, name, surname) for number, name, surname, *_ in PEOPLE},
        "account": {(account, number) for account, number in number_of_account.items()},
        "position": {(number, unit, function) for number, _, _, _, unit, function, _ in PEOPLE},
        "supervisor": {(person[0], person[6]) for person in PEOPLE if person[6]},
        "authorisation": roles,
        "unit": units | {("Mensen", None, None), ("Groepen", None, None)},
    }


FOREVER = 2**63 - 1
COLUMNS = {"employee": "employee, name, surname", "account": "account, employee", "position": 'employee, unit, "function"',
           "supervisor": "employee, supervisor", "authorisation": 'employee, "system", role', "unit": "unit, name, part_of"}


class Server:
    """A server of its own, in a directory of its own, on a socket there."""

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="weerbaar-ldap-"))
        (self.directory / "database").mkdir()
        self.configuration = self.directory / "slapd.conf"
        self.configuration.write_text(CONFIGURATION.format(schemas=SCHEMAS, directory=self.directory, suffix=SUFFIX))
        self.address = "ldapi://" + urllib.parse.quote(str(self.directory / "socket"), safe="")
        with open(self.directory / "log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen([SLAPD, "-f", self.configuration, "-h", self.address, "-d", "0"], stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while not self.listens():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError("slapd did not start: " + (self.directory / "log").read_text())
            time.sleep(0.02)

    def listens(self):
        with socket.socket(socket.AF_UNIX) as attempt:
            return attempt.connect_ex(str(self.directory / "socket")) == 0

    @staticmethod
    def run(*command, stdin=""):
        run = subprocess.run([str(one) for one in command], input=stdin.encode(), capture_output=True, timeout=60, check=False)
        if run.returncode != 0:
            raise AssertionError(f"{command[0]}: {run.stderr.decode(errors='replace')}")
        return run.stdout

    def change(self, ldif, tool="ldapadd"):
        self.run(tool, "-H", self.address, *ADMINISTRATOR, stdin=ldif)

    def search(self, *options):
        return self.run("ldapsearch", "-H", self.address, *ADMINISTRATOR, *options, "-b", SUFFIX)

    def dump(self):
        return self.run(SLAPD, "-T", "cat", "-f", self.configuration, "-b", SUFFIX)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)
        shutil.rmtree(self.directory)


class Ldap(flow.FlowTest):
    def setUp(self):
        super().setUp()
        self.server = Server()
        self.addCleanup(self.server.stop)
        self.server.change(entries())
        self.whole = self.write("whole.toml", MAPPING)
        self.silent = self.write("silent.toml", MAY_LACK_ITS_END + MAPPING)

    def exports(self):
        """The same directory as each tool writes it: name, LDIF, mapping."""
        return [("ldapsearch", self.server.search("-E", "pr=10/noprompt"), self.whole),
                ("ldapsearch-LLL", self.server.search("-LLL"), self.silent),
                ("slapcat", self.server.dump(), self.silent)]

    def use(self, name):
        self.data = str(self.directory / name)
        self.keys = self.data + ".keys"

    def take(self, name, ldif, mapping, as_of, status=0):
        return self.weerbaar("register", self.data, "import", "ldif", self.write(f"{name}.ldif", ldif), "--mapping", mapping,
                             "--as-of", as_of, "--json", status=status)

    def facts(self):
        """What the register says now, by table."""
        with contextlib.closing(sqlite3.connect(f"file:{self.data}/register.db?mode=ro", uri=True)) as register:
            return {table: set(register.execute(f'SELECT {columns} FROM "fact_{table}" WHERE withdrawn_in IS NULL AND valid_to = {FOREVER}'))
                    for table, columns in COLUMNS.items()}

    def test_what_each_tool_exports_becomes_the_same_facts_and_a_change_ends_what_is_no_more(self):
        expected = expected_facts()
        count = sum(map(len, expected.values()))
        for name, ldif, mapping in self.exports():
            self.use(name)
            self.init()
            taken = self.take(name, ldif, mapping, "2026-03-01").json()
            self.assertEqual((taken["added"], taken["refused"], taken["ended"]), (count, 0, 0), name)
            self.assertEqual(self.facts(), expected, name)
        gone, moved = PEOPLE[6], PEOPLE[1]
        self.server.change(
            f"dn: {name_of_person(gone)}\nchangetype: delete\n\n"
            f"dn: {name_of_person(moved)}\nchangetype: modify\nreplace: title\ntitle: Adviseur\n\n"
            f"dn: cn=BVR-raadplegen,ou=Groepen,{SUFFIX}\nchangetype: modify\ndelete: member\nmember: {name_of_person(gone)}\n",
            "ldapmodify")
        for facts in ("employee", "account", "position", "supervisor", "authorisation"):
            expected[facts] = {fact for fact in expected[facts] if gone[0] not in fact}
        expected["position"] -= {(moved[0], moved[4], moved[5])}
        expected["position"] |= {(moved[0], moved[4], "Adviseur")}
        for name, ldif, mapping in self.exports():
            self.use(name)
            changed = self.take(f"{name}-later", ldif, mapping, "2026-04-01").json()
            # Who is gone was an employee with an account, a position, a supervisor and a right; and one position is another.
            self.assertEqual((changed["added"], changed["ended"], changed["refused"]), (1, 6, 0), (name, changed))
            self.assertEqual(self.facts(), expected, name)
            again = self.take(f"{name}-again", ldif, mapping, "2026-04-02").json()
            self.assertEqual((again["added"], again["ended"], again["unchanged"]), (0, 0, sum(map(len, expected.values()))), name)
            self.assertTrue(self.weerbaar("verify", self.data, "--json").json()["ok"])

    def test_the_exports_have_what_makes_ldif_hard(self):
        for name, ldif, _ in self.exports():
            self.assertIn(b"\n ", ldif, f"{name} folds no line")
            self.assertIn(b"cn:: ", ldif, f"{name} writes nothing in base64")
            self.assertIn(b"\ndn:: ", ldif, f"{name} writes no name of an entry in base64")
        self.assertIn(b"\\2C", self.server.dump())

    def test_an_export_that_may_lack_its_end_is_refused_unless_the_mapping_allows_it(self):
        self.use("refused")
        self.init()
        for ldif in (self.server.search("-LLL"), self.server.dump()):
            self.assertIn("may_lack_its_end", self.take("silent", ldif, self.whole, "2026-03-01", status=2).err)
        whole = self.server.search()
        half = whole[:whole.rindex(b"\n# numEntries")] + b"\n# numEntries: 9\n"
        self.assertIn("half.ldif", self.take("half", half, self.whole, "2026-03-01", status=2).err)


if __name__ == "__main__":
    if not SLAPD.exists() or not shutil.which("ldapsearch") or not (SCHEMAS / "inetorgperson.schema").exists():
        print("skipped: slapd and ldap-utils are not installed")
        sys.exit(77)
    flow.main()
