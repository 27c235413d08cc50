"""Take away each access check in turn, and see that a test fails: `make mutation`.

First the whole suite runs once on SQLite and notes which tests pass by which check. Then each check is taken away and
its tests run until one fails. A check that nothing misses is printed, and so is why, where it makes no difference.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from pathlib import Path

from tests.proof.access_checks import all_sites

PROJECT = Path(__file__).parents[2]
AT_ONCE = 2
#: Tests that a check is tried against at most: the quick ones whose names speak of a refusal first, then other quick
#: ones, then the table of who may do what, then what speaks the protocol of Slack or plays whole cycles. Of each kind
#: those come first that pass by the fewest checks, since they are most likely to be about this one.
MOST_REFUSING, MOST_QUICK, MOST_SLOW = 60, 60, 20
_REFUSING = re.compile("refus|only|not_|nobody|no_one|never|may|cannot|kept|closed|reader|stranger|outsider|interest")
_TABLE = "tests/proof/test_authorisation.py"
_SLOW = ("tests/slack/", "tests/practice/", "tests/journeys/", "tests/proof/")
LIMIT_SECONDS = 900
#: Checks of which another makes the same refusal, by the module and the line that stands there, with the reason.
EQUIVALENT: dict[tuple[str, str], str] = {
    ("", "Verb.SEE_DIARY"): "every role has this right already",
    (
        "bot/records/actions/changes.py",
        "same_agency = standing.actor.agency_id == action.agency_id and standing.may(Verb.HOLD_ACTIONS)",
    ): "who doesn't hold actions sees none, and is answered before as if it were not there",
    (
        "bot/records/meeting/duties.py",
        "standing = find_panel(work, actor, where, Verb.SEE_DIARY)",
    ): "every role sees the diary, and `_refusal` answers who has none on the panel as if it were not there",
    (
        "bot/records/meeting/duties.py",
        "standing, _ = require_meeting(work, actor, meeting_id, Verb.SEE_DIARY)",
    ): "every role sees the diary, and `_refusal` answers who has none on the panel as if it were not there",
    (
        "bot/services/agenda/triage.py",
        "meant = work.find(Case, is_meant(check_reference(reference)), readable(actor.person_id))",
    ): "the list in which the case is sought then holds only cases that the chair may read",
    (
        "bot/services/home/overview.py",
        "scheduling = [number for number, seat in seats.items() if seat.may(Verb.SCHEDULE) or not seat.roles]",
    ): "saves a question: only panels that one chairs or keeps show what was not held",
    (
        "bot/services/home/overview.py",
        "reading = [number for number, seat in seats.items() if seat.may(Verb.READ_CASES)]",
    ): "saves a question: only panels that one chairs or coordinates show how many flags wait, of those one may read",
    (
        "bot/services/home/overview.py",
        "asking = [one for one in self._next.values() if any(seats[one.panel_id].may(verb) for verb in returning)]",
    ): "saves a question: only a chair's card shows gaps, and `_owed` asks again",
    (
        "bot/services/home/overview.py",
        "if meeting is None or not seat.may(Verb.RETURN):",
    ): "`asked_of_person` then leaves out what is not asked of a representative or deputy",
    (
        "bot/services/meeting/opening.py",
        "standing, meeting = require_meeting(work, actor, meeting_id, Verb.SEE_DIARY)",
    ): "every role sees the diary, and who has none is refused in the next line in the same words",
    (
        "bot/services/meeting/sheet.py",
        "decides = RecordPart.DECISIONS in parts and is_case and standing.may(Verb.DECIDE) and not meeting.is_interim",
    ): "only who may note is shown a sheet, and the same roles may decide",
    (
        "bot/services/minutes/amending.py",
        "may = standing.may(Verb.APPROVE_MINUTES) and not is_writer and slip.decided_at is None",
    ): "who neither wrote a slip nor may approve it is refused before, until it is approved",
    (
        "bot/services/minutes/approving.py",
        'standing = require(work, actor, meeting.panel_id, Verb.READ_MINUTES, noun="those minutes")',
    ): "who may neither approve nor write minutes is refused in the next lines in the same words",
    (
        "bot/services/minutes/exporting.py",
        "standing = find_panel(work, actor, where, Verb.READ_MINUTES)",
    ): "`papers_of_meetings`, called next, refuses in the same words",
    (
        "bot/services/minutes/extract.py",
        "case = work.find(Case, col(Case.id) == case_id, readable(actor.person_id))",
    ): "`version_facts` then leaves out the case's items, and without items the case is refused in the same words",
    (
        "bot/services/minutes/extract.py",
        "case = work.find(Case, col(Case.id) == case.merged_into_id, readable(actor.person_id))",
    ): "`version_facts` then leaves out the case's items, and without items the case is refused in the same words",
    (
        "bot/slack/actions/drafts.py",
        "if here is None or not here.may(Verb.ADD_ACTION) or first_answer(work, key) is not None:",
    ): "`people_to_hold`, called next, refuses the same people, who get no answer then either",
}


class Outcome(StrEnum):
    """What came of taking one check away."""

    MISSED = "missed"
    UNMISSED = "UNMISSED"
    UNTRIED = "UNTRIED"  # its tests didn't end in time, or not as tests end


def main() -> None:
    """Try them all, or those whose path begins with an argument; exits with 1 when one is not missed."""
    chosen = tuple(sys.argv[1:])
    tests_of = _noted()
    rows = [f"Verb.{name}" for name in _rows()]
    sites = [one for one in [*all_sites(), *rows] if not chosen or one.startswith(chosen)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(lambda site: _try(site, tests_of), sites))
    unmissed = [site for site, outcome in zip(sites, outcomes, strict=True) if outcome is Outcome.UNMISSED]
    untried = [site for site, outcome in zip(sites, outcomes, strict=True) if outcome is Outcome.UNTRIED]
    named = [site for site in unmissed if _place(site) in EQUIVALENT]
    for site in unmissed:
        print(f"{site}: {EQUIVALENT.get(_place(site), 'NO TEST MISSES IT')}  {_place(site)[1]}")
    for site in untried:
        print(f"{site}: COULD NOT BE TRIED  {_place(site)[1]}")
    missed = len(sites) - len(unmissed) - len(untried)
    print(f"{len(sites)} access checks: {missed} missed by a test, {len(named)} equivalent, {len(untried)} untried.")
    sys.exit(len(unmissed) > len(named) or bool(untried))


def _rows() -> list[str]:
    from bot.domain.permissions import Verb  # noqa: PLC0415 - in this process nothing is rewritten

    return [verb.name for verb in Verb]


def _place(site: str) -> tuple[str, str]:
    """Return the module of a check and the line of code where it stands, stripped; for a verb, its name alone."""
    if site.startswith("Verb."):
        return "", site
    path, line, _ = site.split(":")
    return path, (PROJECT / path).read_text(encoding="utf-8").splitlines()[int(line) - 1].strip()


def _noted() -> dict[str, list[str]]:
    """Run the suite once. Return which tests pass by which check, those first that pass by the fewest."""
    kept = os.environ.get("ACCESS_CHECKS_FROM")
    with tempfile.TemporaryDirectory() as folder:
        if kept is None:
            _pytest(
                ["-n", str(AT_ONCE + 1), "tests", "-k", "not postgresql", "-m", "not proof"],
                ACCESS_CHECKS_TO=folder,
                limit=None,
            )
        found: dict[str, set[str]] = defaultdict(set)
        for file in Path(kept or folder).glob("*.json"):
            for site, tests in json.loads(file.read_text()).items():
                found[site] |= set(tests)
    passed_by = Counter(test for tests in found.values() for test in tests)
    return {site: sorted(tests, key=lambda test: (passed_by[test], test)) for site, tests in found.items()}


def _try(site: str, tests_of: dict[str, list[str]]) -> Outcome:
    """Return whether a test misses this check. One that can't be tried doesn't end the others, which take hours."""
    if site.startswith("Verb.") or site not in tests_of:  # a check made while its module is imported has no test noted
        tests = ["tests/domain", "tests/records/access", "tests/services", "-m", "not slow", "-k", "not postgresql"]
    else:
        tests = _chosen(tests_of[site])
    try:
        is_missed = _pytest(["-x", *tests], ACCESS_CHECK_LIFTED=site, limit=LIMIT_SECONDS) != 0
        outcome = Outcome.MISSED if is_missed else Outcome.UNMISSED
    except (subprocess.TimeoutExpired, RuntimeError) as failure:
        print(failure, flush=True)
        outcome = Outcome.UNTRIED
    print(f"{outcome}  {site}", flush=True)
    return outcome


def _chosen(tests: list[str]) -> list[str]:
    """Return the tests that one check is tried against, in the order in which they are tried."""
    table = [test for test in tests if test.startswith(_TABLE)]
    slow = [test for test in tests if test.startswith(_SLOW) and test not in table]
    quick = [test for test in tests if not test.startswith(_SLOW)]
    refusing = [test for test in quick if _REFUSING.search(test.split("::", 1)[1])]
    others = [test for test in quick if test not in refusing]
    return [*refusing[:MOST_REFUSING], *others[:MOST_QUICK], *table, *slow[:MOST_SLOW]]


def _pytest(arguments: list[str], *, limit: float | None, **variables: str) -> int:
    command = [sys.executable, "-m", "pytest", "-p", "tests.proof.watching", "-p", "no:cacheprovider", *arguments]
    ran = subprocess.run(
        command, cwd=PROJECT, env=os.environ | variables, capture_output=True, timeout=limit, check=False
    )
    if ran.returncode not in (0, 1):
        raise RuntimeError(ran.stdout.decode()[-2000:] + ran.stderr.decode()[-2000:])
    return ran.returncode


if __name__ == "__main__":
    main()
