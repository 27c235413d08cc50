"""A person first flagged a case that was closed later, without them: they learn nothing of where it is sent.

The matron flagged it to West and sits at the county's panel too, as does the nurse of the same agency. The county is
played with West keeping the case, and with West sending it up. What both are shown and sent is compared whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from bot.models.panels import Membership
from bot.models.vocabulary import DecisionKind, Role
from bot.records.meeting.deciding import DecisionForm
from bot.services.agenda import triage
from bot.services.agenda.triage import Verdict
from bot.services.cases import withdrawing
from bot.services.cases.closed_items import close_item, end_reader, name_reader
from tests.conftest import NOW
from tests.county import SHIRE, WEST, user_id
from tests.proof.life import Life, living
from tests.proof.test_differences import InOrder, Sights, StandingClock, differences, files_of, kept_by
from tests.services.cases.test_assessments import flags_unassessed

pytestmark = pytest.mark.slow

HIDDEN: Final = "WEST-0500"
PERSONAS: Final = ("matron", "nurse")
#: Everything that lists or shows a case at the county's panel.
LOOKS: Final = (
    "/case list shire-met",
    f"/case history {HIDDEN}",
    f"/case edit {HIDDEN} shire-met",
    f"/case assess {HIDDEN} shire-met",
    f"/case assess {HIDDEN} west-met",
    f"/case withdraw {HIDDEN} shire-met",
    f"/case urgent {HIDDEN} shire-met",
    f"/case seen {HIDDEN} shire-met",
    f"/case readers {HIDDEN} shire-met",
    f"/case nrm {HIDDEN} shire-met",
    f"/minutes extract {HIDDEN} shire-met",
    "/agenda triage shire-met",
    "/agenda show shire-met",
    "/agenda returns shire-met",
    "returns.mine 4",
    "returns.gaps 4",
    "/meeting now shire-met",
    "/action list all shire-met",
    "/minutes export shire-met",
)


@dataclass(frozen=True, slots=True)
class Course:
    """What becomes of the case."""

    is_sent: bool
    flags_it_too: bool = False  #: the matron flags it to the county's panel as well, after it was closed
    outcome: str = "heard"  #: or deferred, or withdrawn


def _decides(life: Life, course: Course) -> None:
    """Hold West's meeting, which keeps the case or sends it up."""
    kept = DecisionForm(DecisionKind.RETAIN, "Still missing.", review="in 6 months")
    life.at(3, 24, 14)
    life.play.holds({HIDDEN: DecisionForm(DecisionKind.ESCALATE, "Three districts.") if course.is_sent else kept})
    life.at(3, 25)


def _closes(life: Life, course: Course) -> None:
    """Flag the case to West, close it, and end the matron's reading."""
    play = life.play
    with play.store.work() as work:
        place = {"panel_id": play.county.shire_id, "role": Role.REPRESENTATIVE, "began_at": work.now}
        work.session.add(Membership(person_id=play.county.person["nurse"], **place))
    flag_id = flags_unassessed(play, HIDDEN, "matron")
    play.does("chair", triage.triage_flag, flag_id, Verdict.ACCEPT)
    play.does("chair", close_item, WEST, HIDDEN, "A colleague is named.")
    play.does("chair", end_reader, WEST, HIDDEN, user_id("matron"), "Not her ward.")
    play.does("countychair", triage.triage_flag, play.flags("WEST-0001", "chair", SHIRE), Verdict.ACCEPT)
    if course.flags_it_too:
        play.flags(HIDDEN, "matron", SHIRE)
        play.does("chair", name_reader, WEST, HIDDEN, user_id("countychair"), "Hears it too.")


def _rules(life: Life, course: Course) -> None:
    """Let the county's chair rule on what is sent there, or flagged there."""
    for flag in life.play.does("countychair", triage.flags_to_triage, SHIRE).waiting:
        if course.outcome == "withdrawn":
            life.play.does("countychair", withdrawing.withdraw_flag, SHIRE, flag.reference, "They moved.")
        else:
            verdict = Verdict.DEFER if course.outcome == "deferred" else Verdict.ACCEPT
            reason = "Not now." if verdict is Verdict.DEFER else ""
            life.play.does("countychair", triage.triage_flag, flag.id, verdict, reason)
    life.play.does("coordinator", triage.publish_agenda, SHIRE)
    life.at(3, 30)


def _hears(life: Life, _course: Course) -> None:
    """Hold the county's meeting."""
    form = DecisionForm(DecisionKind.RETAIN, "Watched.", review="next meeting")
    life.at(3, 31, 10)
    life.play.holds({HIDDEN: form, "WEST-0001": form}, "countychair", SHIRE)
    life.types("coordinator", "/minutes draft shire-met")
    life.quiet()
    life.types("countychair", "/minutes approve shire-met")
    life.at(4, 8)


ACTS: Final[Mapping[str, Any]] = {"closes": _closes, "decides": _decides, "rules": _rules, "hears": _hears}


def sights(folder: Path, course: Course) -> Sights:
    """Play one county. Return by persona all that they were shown and have: what it is, its text, a file's size."""
    folder.mkdir()
    shown: dict[str, list[tuple[str, str]]] = {who: [] for who in PERSONAS}
    with living(folder, StandingClock(NOW)) as life:
        for act, happens in ACTS.items():
            happens(life, course)
            life.quiet()
            for who in PERSONAS:
                for look in LOOKS:
                    name, _, value = look.partition(" ")
                    outcome = life.types(who, look) if look.startswith("/") else life.presses(who, name, value)
                    shown[who].append((f"{act}: {look}", life.seen(who, outcome)))
            life.quiet()
        found: Sights = {}
        for who in PERSONAS:
            # Each by itself: a flag and a meeting may have one number in one county and not in the other.
            found[who] = [(what, InOrder().written(text), 0) for what, text in shown[who]]
            found[who] += sorted((what, InOrder().written(text), 0) for what, text in kept_by(life, who))
            found[who] += sorted((name, InOrder().written(text), size) for name, text, size in files_of(life, who))
    return found


def compared(folder: Path, *, flags_it_too: bool, outcome: str) -> list[str]:
    """Return what differs for the matron and the nurse where West sends the case up."""
    kept, sent = (sights(folder / name, Course(name == "sent", flags_it_too, outcome)) for name in ("kept", "sent"))
    return differences(kept, sent)


def test_a_flagger_who_is_no_reader_is_not_told_that_the_case_was_sent(tmp_path: Path) -> None:
    found = compared(tmp_path, flags_it_too=False, outcome="heard")
    assert found == [], "\n".join(found)


@pytest.mark.proof
@pytest.mark.parametrize(
    ("flags_it_too", "outcome"),
    [(False, "deferred"), (False, "withdrawn"), (True, "heard"), (True, "deferred"), (True, "withdrawn")],
)
def test_the_same_whatever_becomes_of_it_at_the_county(tmp_path: Path, flags_it_too: bool, outcome: str) -> None:
    found = compared(tmp_path, flags_it_too=flags_it_too, outcome=outcome)
    assert found == [], "\n".join(found)
