"""Writes the manual page of weerbaar from its --help: python3 manual.py PROGRAM DATE VERSION > weerbaar.1"""

import os
import re
import subprocess
import sys


def escaped(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in (".", "'") else text


def help_of(program, *command):
    environment = {**os.environ, "COLUMNS": "80"}
    return subprocess.run([program, *command, "--help"], check=True, capture_output=True, text=True, env=environment).stdout


def commands_of(text):
    """Name and description of each command that a help lists."""
    part = re.search(r"^Subcommands:\n(.*)", text, re.M | re.S)
    return re.findall(r"^  (\S+)\s+(\S.*)$", part.group(1), re.M) if part else []


def main():
    program, date, version = sys.argv[1:]
    whole = help_of(program)
    print(f'.TH WEERBAAR 1 "{date}" "weerbaar {version}" "User Commands"')
    print(".SH NAME\nweerbaar \\- evidence of who consulted whose data")
    print(".SH SYNOPSIS\n.B weerbaar\n.I COMMAND DIR\n[options]")
    print(".SH DESCRIPTION\nKeeps an append\\-only log of who consulted whose data, judges each consultation by what the "
          "organisation\nknows of its own work, and proves to others that nothing was changed or left out.")
    print(".SH COMMANDS")
    for name, _ in commands_of(whole):
        print(f".SS {escaped(name)}\n.nf")
        for line in help_of(program, name).rstrip().splitlines():
            print(escaped(line))
        print(".fi")
    print(".SH EXIT STATUS\n0 yes; 1 a negative finding; 2 wrong use; 3 the machine, a lock or a missing right.")
    print(".SH FILES\n.I /var/lib/weerbaar\n.br\nThe state of the service.\n.TP\n.I /usr/share/doc/weerbaar\nThe documents. What messages and "
          "settings call docs/people.md is /usr/share/doc/weerbaar/docs/people.md here.")


main()
