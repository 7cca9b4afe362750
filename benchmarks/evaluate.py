"""What the judgement finds of planted misuse, on fresh sample administrations, and at what price in false alarms.

Drives the program as a user does: `sample`, `policy`, `check`, `signals`, `trace`. The rules of thumb that it is compared with get as
many signals in each fortnight as it gave. Prints tables in Markdown; --write puts them in docs/evaluation.md and docs/signals.md too.
"""

import argparse
import collections
import concurrent.futures
import datetime
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

BLUNT = ("break_glass_abuse", "celebrity", "mass_export", "shared_account")
# The kinds of planted misuse that each detector is meant to see. What it sees of others is its luck.
MEANT_FOR = {
    "absence": ("shared_account",),
    "break-glass": ("break_glass_abuse",),
    "bulk": ("mass_export",),
    "enumeration": ("address_seller",),
    "honey": ("celebrity",),
    "hours": ("mass_export",),
    "near": ("curious_neighbour", "ex_partner"),
    "public-figure": ("celebrity",),
    "reported": ("address_seller", "corrupt_pair", "slow_leaker"),
    "returning": ("curious_neighbour", "ex_partner"),
    "sleeping": (),
    "two-places": ("shared_account",),
    "unexplained": ("address_seller", "corrupt_pair", "slow_leaker"),
    "volume": ("mass_export",),
}
ROOT = pathlib.Path(__file__).resolve().parents[1]
FIGURES, END_OF_FIGURES = "<!-- figures -->\n", "<!-- end of figures -->\n"
PERIOD = datetime.timedelta(days=14)


class Failed(Exception):
    pass


def weerbaar(program, *arguments):
    run = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
    if run.returncode not in (0, 1):
        raise Failed(f"weerbaar {arguments[0]}: {run.stderr.strip()}")
    return run.stdout


def lines_of(text):
    return [json.loads(line) for line in text.splitlines() if line]


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Activity:
    """Accesses of each employee by day, from the events that the sample made: all that the rules of thumb need."""

    def __init__(self, file, planted_ids):
        self.by_day = collections.defaultdict(collections.Counter)  # period → (actor, day) → accesses
        self.planted_periods = collections.defaultdict(set)  # id → its period
        self.first = None
        with open(file) as events:
            for line in events:
                event = json.loads(line)
                time = moment(event["time"])
                if self.first is None:
                    self.first = time.replace(hour=0, minute=0, second=0, microsecond=0)
                period = (time - self.first) // PERIOD
                self.by_day[period][(event["actor"]["id"], time.date())] += 1
                if event["id"] in planted_ids:
                    self.planted_periods[event["id"]] = period

    def busiest(self, period):
        """The employees of a period, who had most accesses on one day first."""
        most = collections.Counter()
        for (actor, _), accesses in self.by_day[period].items():
            most[actor] = max(most[actor], accesses)
        return [actor for actor, _ in sorted(most.items(), key=lambda item: (-item[1], item[0]))]


def indexes_of(program, directory, keys, actors):
    """The place in the trail of each event of these employees, by its id."""
    places = {}
    for actor in actors:
        for event in lines_of(weerbaar(program, "consultations", directory, "--by", actor, "--keys", keys, "--json")):
            places[event["id"]] = (event["index"], event.get("verdict", {}).get("outcome"))
    return places


def found_by_rules_of_thumb(case, activity, budget):
    """Whether the threshold finds it, and the chance that a random sample does."""
    by_threshold, missed = False, 1.0
    for period in {activity.planted_periods[event] for event in case["events"]}:
        ranked = activity.busiest(period)
        signals = budget.get(period, 0)
        by_threshold = by_threshold or not set(ranked[:signals]).isdisjoint(case["actors"])
        share = min(1.0, signals / max(1, len(ranked)))
        missed *= (1 - share) ** len(case["actors"])
    return by_threshold, 1 - missed


def traced(program, directory, keys, case):
    """Ranks of the employees of a case among those who may have leaked its list; None beyond the first hundred."""
    lines = lines_of(weerbaar(program, "trace", directory, "--leaked", pathlib.Path(directory) / case["leak_file"], "--before",
                              case["leaked_at"], "--top", 100, "--keys", keys, "--json"))
    ranks = {line["actor"]: line["rank"] for line in lines if "rank" in line}
    return [ranks.get(actor) for actor in case["actors"]]


def contributions_of(signals, planted):
    """Of each detector, whether each of its contributions rests on a planted access of that employee."""
    contributions = collections.defaultdict(list)
    for signal in signals:
        for part in signal["rules"]:
            if part["rule"] not in MEANT_FOR:
                raise Failed(f"say in MEANT_FOR what the detector {part['rule']} is meant for")
            contributions[part["rule"]].append(not planted.get(signal["actor"], set()).isdisjoint(part["events"]))
    return contributions


def detectors_that_see(case, indexes, signals):
    return sorted({part["rule"] for signal in signals if signal["actor"] in case["actors"]
                   for part in signal["rules"] if not indexes.isdisjoint(part["events"])})


def evaluate(program, seed, more):
    with tempfile.TemporaryDirectory(prefix="evaluate") as folder:
        directory, keys, events = (os.path.join(folder, name) for name in ("data", "data.keys", "events.jsonl"))
        weerbaar(program, "sample", directory, "--seed", seed, "--events-file", events, *more)
        weerbaar(program, "policy", directory, "adopt", "--name", "Evaluation", "--on", "2026-01-01")
        cases = lines_of((pathlib.Path(directory) / "truth.jsonl").read_text())
        activity = Activity(events, {event for case in cases for event in case["events"]})
        os.unlink(events)
        to = (activity.first + PERIOD * (1 + max(activity.by_day))).isoformat()
        check = json.loads(weerbaar(program, "check", directory, "--to", to, "--json"))
        signals = lines_of(weerbaar(program, "signals", directory, "--to", to, "--keys", keys, "--json"))
        signals = [signal for signal in signals if "rank" in signal]
        places = indexes_of(program, directory, keys, sorted({actor for case in cases for actor in case["actors"]}))
        budget = collections.Counter((moment(signal["from"]) - activity.first) // PERIOD for signal in signals)
        result = {"seed": seed, "signals": len(signals), "unrelated": 0, "check": check, "cases": []}
        planted = collections.defaultdict(set)  # actor → indexes
        for case in cases:
            for actor in case["actors"]:
                planted[actor].update(places[event][0] for event in case["events"] if event in places)
        result["unrelated"] = sum(planted[s["actor"]].isdisjoint(s["events"]) if s["actor"] in planted else True for s in signals)
        result["contributions"] = contributions_of(signals, planted)
        for case in cases:
            indexes = {places[event][0] for event in case["events"]}
            ranks = [s["rank"] for s in signals if s["actor"] in case["actors"] and not indexes.isdisjoint(s["events"])]
            threshold, chance = found_by_rules_of_thumb(case, activity, budget)
            outcomes = collections.Counter(places[event][1] for event in case["events"])
            result["cases"].append({
                "kind": case["kind"], "rank": min(ranks, default=None), "threshold": threshold, "chance": chance,
                "events": len(case["events"]), "outcomes": outcomes, "hides": case.get("hides_behind_case", False),
                "seen_by": detectors_that_see(case, indexes, signals),
                "traced": traced(program, directory, keys, case) if "leak_file" in case else None})
        return result


def table(heading, rows):
    widths = [max(len(str(row[i])) for row in [heading, *rows]) for i in range(len(heading))]
    lines = ["| " + " | ".join(str(cell).ljust(width) for cell, width in zip(row, widths)) + " |" for row in [heading, *rows]]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def share(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "–"


def kinds_table(results):
    by_kind = collections.defaultdict(list)
    for result in results:
        for case in result["cases"]:
            by_kind[case["kind"]].append(case)
    rows = []
    groups = [*sorted(by_kind.items()), ("**all**", [case for cases in by_kind.values() for case in cases]),
              ("**blunt kinds**", [case for kind in BLUNT for case in by_kind[kind]])]
    for kind, cases in groups:
        ranks = [case["rank"] for case in cases if case["rank"] is not None]
        rows.append((kind, len(cases), share(len(ranks), len(cases)), f"{statistics.median(ranks):g}" if ranks else "–",
                     share(sum(case["threshold"] for case in cases), len(cases)),
                     share(sum(case["chance"] for case in cases), len(cases))))
    return table(("kind", "planted", "found", "median rank", "most accesses in a day", "at random"), rows)


def explained_table(results):
    def total(name):
        return sum(result["check"][name] for result in results)

    planted = collections.Counter()
    hidden = 0
    for result in results:
        for case in result["cases"]:
            planted.update(case["outcomes"])
            hidden += case["outcomes"]["explained"] if case["hides"] else 0
    legitimate = total("checked") - sum(planted.values())
    flagged = total("flagged") - planted["flagged"]
    rows = [
        ("legitimate accesses explained", share(total("explained") - planted["explained"], legitimate)),
        ("first accesses of a pair explained, planted ones among them", share(total("first_explained"), total("first_checked"))),
        ("legitimate accesses flagged", share(flagged, legitimate)),
        ("planted accesses", sum(planted.values())),
        ("planted accesses explained, though they hide behind no case", planted["explained"] - hidden),
        ("signals a sample", f"{statistics.mean(result['signals'] for result in results):.1f}"),
        ("signals unrelated to anything planted", share(sum(r["unrelated"] for r in results), sum(r["signals"] for r in results))),
    ]
    return table(("what", "measured"), rows)


def traces_table(results):
    by_kind = collections.defaultdict(list)
    for result in results:
        for case in result["cases"]:
            if case["traced"] is not None:
                by_kind[case["kind"]].append(case["traced"])
    rows = []
    for kind, lists in sorted(by_kind.items()):
        first = sum(1 in ranks for ranks in lists)
        five = sum(all(rank is not None and rank <= 5 for rank in ranks) for ranks in lists)
        rows.append((kind, len(lists), share(first, len(lists)), share(five, len(lists))))
    return table(("kind", "leaked lists", "one of them ranks first", "all of them in the first five"), rows)


def detectors_table(results):
    cases = [case for result in results for case in result["cases"]]
    rows = []
    for detector, kinds in MEANT_FOR.items():
        contributions = [right for result in results for right in result["contributions"][detector]]
        meant = [case for case in cases if case["kind"] in kinds]
        seen = sum(detector in case["seen_by"] for case in meant)
        elsewhere = sum(detector in case["seen_by"] for case in cases if case["kind"] not in kinds)
        rows.append((f"`{detector}`", len(contributions), share(sum(contributions), len(contributions)),
                     ", ".join(f"`{kind}`" for kind in kinds) or "–", len(meant) or "–", share(seen, len(meant)), elsewhere))
    return table(("detector", "contributions", "precision", "meant for", "planted", "recall", "cases of other kinds"), rows)


def report(results, heading):
    parts = [heading, "## By kind", kinds_table(results), "## Purpose check and signals", explained_table(results), "## Leaked lists",
             traces_table(results)]
    return "\n\n".join(parts) + "\n"


def fill(page, figures):
    """Puts figures between the marks of a page."""
    before, begin, rest = page.read_text().partition(FIGURES)
    _, end, after = rest.partition(END_OF_FIGURES)
    if not begin or not end:
        raise Failed(f"{page} lacks the marks {FIGURES.strip()} and {END_OF_FIGURES.strip()}")
    page.write_text(f"{before}{begin}\n{figures}\n{end}{after}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--commit", default="unknown")
    parser.add_argument("--seeds", default="1000-1009", help="FIRST-LAST; those below 1000 are for tuning")
    parser.add_argument("--write", action="store_true", help="also replace the figures of the pages under docs/")
    parser.add_argument("--details", action="store_true", help="also each case, as JSON Lines on standard error")
    parser.add_argument("more", nargs="*", help="options for `weerbaar sample`, behind --")
    options = parser.parse_args()
    first, last = map(int, options.seeds.split("-"))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        results = list(pool.map(lambda seed: evaluate(options.program, seed, options.more), range(first, last + 1)))
    if options.details:
        for result in results:
            for case in result["cases"]:
                print(json.dumps({"seed": result["seed"], **case}), file=sys.stderr)
    heading = (f"{datetime.date.today()}, commit {options.commit}; seeds {options.seeds} of `weerbaar sample`"
               f"{' ' + ' '.join(options.more) if options.more else ''}.")
    pages = {"docs/evaluation.md": report(results, heading), "docs/signals.md": f"{heading}\n\n{detectors_table(results)}\n"}
    print("\n".join(pages.values()))
    if options.write:
        for name, figures in pages.items():
            fill(ROOT / name, figures)


if __name__ == "__main__":
    try:
        main()
    except Failed as failed:
        sys.exit(f"evaluate: {failed}")
