"""The same county with and without a case that people may not read: nothing that they are shown or sent tells which.

It is played three times: plain; with a closed item more, with all that becomes of one; and with a case more in which
each of the eight personas declared an interest. What each sees is compared whole: replies, windows, messages, their
Home, the channel, files and their sizes. Numbers that people do not read stand in order of appearance.

What cannot be kept from people is left out, and named in SECURITY.md: while a case is heard that a person may not
read, they see that another item is up, and the meeting lasts as long as it lasts.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Final

import pytest

from bot.clock import MovedClock
from bot.domain.notices import Notice
from bot.models.vocabulary import ActionKind, DecisionKind, ReturnKnowledge, Urgency
from bot.records.meeting.deciding import DecisionForm
from bot.services.actions.accepting import accept_action
from bot.services.actions.changes import add_action, complete_action, extend_action
from bot.services.actions.correcting import withdraw_action
from bot.services.actions.editing import ActionForm, edit_action
from bot.services.agenda import returns, triage
from bot.services.agenda.triage import Verdict
from bot.services.cases.closed_items import name_reader
from bot.services.cases.interests import declare_interest
from bot.services.meeting import discussion
from bot.services.meeting.opening import acknowledge
from bot.services.meeting.sheet import SheetEntry, open_sheet, save_sheet
from bot.services.meeting.undoing import undo_last
from tests.conftest import NOW
from tests.county import WEST, user_id
from tests.proof.life import CHANNEL, Life, living, text_of

pytestmark = pytest.mark.slow

#: Who may not read the case that there is in one county and not in another.
PERSONAS: Final = ("coordinator", "minutetaker", "nurse", "midwife", "matron", "constable", "observer", "countychair")
#: Who may read it, so that what is compared does differ for them.
READER: Final = "vicechair"
#: Two files of the same words differ by a few bytes, since they hold the times at which they were made; a case more
#: makes a larger difference than this.
SAME_SIZE: Final = 256
HIDDEN: Final = "WEST-0500"
WEST_MEETING: Final = 1
_DUE: Final = "31 March"


class StandingClock(MovedClock):
    """A clock that stands where it was moved to, so that no minute differs because a machine is slow."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self._at = start

    def now(self) -> datetime:
        """Return the moment at which it stands."""
        return self._at

    def move_to(self, moment: datetime) -> None:
        """Go forward to a moment."""
        self._at = max(self._at, moment)


def _saves(life: Life, who: str, place: str, text: str) -> None:
    """Let a person write into one field of the sheet of the item that is being discussed."""
    form = life.play.does(who, open_sheet, WEST)
    entries = [SheetEntry(one.place.key, text if one.place.key == place else one.text, one.mark) for one in form.fields]
    assert life.play.does(who, save_sheet, WEST, form.item_id, entries).saved


def _corrects(life: Life, who: str, action_id: int, case: str) -> None:
    """Let a person put an action right."""
    form = ActionForm("visit with the lead", ActionKind.VISIT, user_id("socialworker"), _DUE, case, "It was misheard.")
    life.play.does(who, edit_action, action_id, form)


def _gives(life: Life, who: str, holder: str, text: str, case: str | None) -> int:
    given = {"holder_user_id": user_id(holder), "text": text, "due": _DUE, "case_reference": case}
    return life.play.does(who, add_action, WEST, **given).id


class Plain:
    """The county as it is without the case."""

    def __init__(self) -> None:
        self.boards: list[str] = []  #: what the panel's channel showed during the meeting

    def flagged(self, life: Life) -> None:
        """Let the case be flagged and accepted."""

    def circulated(self, life: Life) -> None:
        """Let an agency say what it will bring to the case."""

    def heard(self, life: Life) -> None:
        """Let the case be heard: noted, decided, and given two actions."""

    def over(self, life: Life) -> None:
        """Let more time be asked for on an action about the case."""


class WithClosedItem(Plain):
    """With a closed item that comes first of all: urgent, at high risk."""

    is_closed = True
    flag_id = action_id = 0

    def flagged(self, life: Life) -> None:
        """Flag the case."""
        facts = {"urgency": Urgency.URGENT, "risk_level": "high"}
        self.flag_id = life.play.accepted(HIDDEN, "chair", closed=self.is_closed, **facts)
        life.play.flags("WEST-0501", closed=self.is_closed)  # and one that waits for the chair
        if self.is_closed:
            life.play.does("chair", name_reader, WEST, HIDDEN, user_id("socialworker"), "Their lead.")
        _gives(life, "socialworker", "socialworker", "ring the clinic", HIDDEN)
        self.steps_back(life, HIDDEN, "WEST-0501")

    def steps_back(self, life: Life, *references: str) -> None:
        """Let the personas declare their interest; nobody has one in a closed item."""

    def circulated(self, life: Life) -> None:
        """Make a return, and let one more case come late."""
        life.play.does("socialworker", returns.make_return, self.flag_id, ReturnKnowledge.KNOWN, "Seen twice.")
        life.quiet()  # else the agenda that is out might be sent before they have declared it
        late = life.play.flags("WEST-0502", "chair", closed=self.is_closed)
        self.steps_back(life, "WEST-0502")
        life.play.does("chair", triage.triage_flag, late, Verdict.ACCEPT)

    def heard(self, life: Life) -> None:
        """Hear the case."""
        life.play.goes_to(HIDDEN)
        life.play.does("chair", discussion.add_note, WEST, "Police: seen twice.")
        life.play.does(
            "chair", discussion.decide, WEST, DecisionForm(DecisionKind.RETAIN, "Still missing.", review="next meeting")
        )
        self.action_id = _gives(life, "chair", "socialworker", "visit", None)
        _gives(life, "chair", "chair", "ask for intelligence", None)
        # All that the board may never show: the sheet, what is replaced, taken back, corrected, reported and accepted.
        _saves(life, "chair", "discussion", "Seen with older peers.")
        _saves(life, READER, "discussion", "Seen with older peers, twice.")
        life.play.does(READER, undo_last, WEST)
        _corrects(life, "chair", self.action_id, HIDDEN)
        withdrawn, done = (_gives(life, "chair", "socialworker", text, None) for text in ("ring", "write"))
        life.play.does("chair", withdraw_action, withdrawn, "Given twice.")
        life.play.does("socialworker", complete_action, done)
        life.play.does("chair", accept_action, done)

    def over(self, life: Life) -> None:
        """Ask for more time, so that the chair is asked in the end."""
        for due in ("2 April", "20 April"):
            life.play.does("socialworker", extend_action, self.action_id, due=due, reason="The child was away.")


class WithInterest(WithClosedItem):
    """With an open case in which each of the personas declared an interest."""

    is_closed = False

    def steps_back(self, life: Life, *references: str) -> None:
        """Let the personas declare their interest."""
        for who in PERSONAS:
            for reference in references:
                if who not in ("observer", "countychair"):  # who read no case of West's
                    life.play.does(who, declare_interest, WEST, reference)


def _flagged(life: Life, case: Plain) -> None:
    life.play.accepted("WEST-0001")
    case.flagged(life)
    life.play.accepted("WEST-0002", "nurse")
    life.play.flags("WEST-0003", "constable")
    for holder, reference in (("nurse", "WEST-0001"), ("constable", None)):
        _gives(life, "coordinator", holder, "ring the school", reference)


def _circulated(life: Life, case: Plain) -> None:
    life.at(3, 17)
    life.play.does("chair", triage.publish_agenda, WEST)
    case.circulated(life)
    life.play.does("chair", triage.publish_agenda, WEST)  # where nothing has changed, no version more
    life.at(3, 20, 12)  # returns are due, and the quorum is foretold


def _sitting(life: Life, case: Plain) -> None:
    life.at(3, 24, 14)
    life.play.opens()
    life.play.does(READER, acknowledge, WEST_MEETING)  # who records of the case is here in each county
    items = life.play.does("chair", triage.show_agenda, WEST).items
    first = next(at for at, item in enumerate(items) if item.flag is not None)
    life.play.does("chair", discussion.next_item, WEST, items[first - 1].number)
    case.heard(life)
    _look_at_board(life, case)  # as it is while the case is discussed that there may be
    life.at(3, 24, 14, 10)  # else what is taken back below and what was decided before would be of one moment
    life.play.goes_to("WEST-0001")
    _saves(life, "coordinator", "discussion", "All agree.")
    _saves(life, "chair", "discussion", "All agree, but for the school.")
    life.play.does("chair", undo_last, WEST)
    life.play.does("chair", discussion.add_note, WEST, "Health: came to the clinic.")
    life.play.does(
        "chair", discussion.decide, WEST, DecisionForm(DecisionKind.RETAIN, "Better.", review="next meeting")
    )
    _gives(life, "chair", "nurse", "ring the clinic", None)
    _look_at_board(life, case)


def _look_at_board(life: Life, case: Plain) -> None:
    """Keep what the panel's channel shows now: it is changed in place, so that nothing of it is there in the end."""
    life.quiet()
    shown = [(one.text, one.blocks) for one in life.scene.person(user_id("chair")).messages(CHANNEL)]
    case.boards.append(json.dumps(shown, ensure_ascii=False))


def _over(life: Life, case: Plain) -> None:
    life.types("coordinator", "/minutes draft west-met")
    life.quiet()
    life.types("chair", "/minutes approve west-met")
    case.over(life)
    life.at(4, 8, 9, 30)  # actions are overdue: the digests


#: What happens, each after the one before it.
ACTS: Final[Mapping[str, Callable[[Life, Plain], None]]] = {
    "flagged": _flagged,
    "circulated": _circulated,
    "sitting": _sitting,
    "over": _over,
}
#: What each persona does after each act: all that lists or shows.
ALWAYS: Final = (
    "/panel list",
    "/panel next west-met",
    "/panel dates west-met",
    "/case list west-met",
    "/case history WEST-0001",
    f"/case history {HIDDEN}",
    f"/case seen {HIDDEN} west-met",
    f"/case readers {HIDDEN} west-met",
    f"/case nrm {HIDDEN} west-met",
    f"/case edit {HIDDEN} west-met",
    f"/case merge {HIDDEN} into WEST-0001 west-met",
    "/agenda show west-met",
    "agenda.item west-met",
    "/agenda triage west-met",
    "/agenda returns west-met",
    "/meeting replies west-met",
    "/meeting room west-met",
    "/meeting now west-met",
    "/action list west-met",
    "/action list all west-met",
    "/action list overdue west-met",
    "/action list reported west-met",
    "/action list mine",
    "/people list west-met",
    "/people attendance west-met",
    "/people closed",
    "returns.mine 1",
    "returns.gaps 1",
    "returns.gaps_page 1:0",
    "home.confirm west-met",
    "home.triage west-met",
    "invitation.replies 1",
    "action.open_all 2026-04-08",
)
#: What some do as well, which sends files or changes what is shown.
SOMETIMES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "flagged": (("coordinator", "/agenda compile west-met"),),
    "circulated": (("coordinator", "/agenda publish west-met"),),
    # What is left undone is asked first; the second time it is closed.
    "sitting": (("coordinator", "/meeting close west-met"), ("coordinator", "/meeting close now west-met")),
    "over": tuple((who, each) for who in PERSONAS for each in ("/minutes export west-met", "/action tracker west-met")),
}


#: What the co-ordinator is shown before they save it, and what comes of the last: the social worker leaves.
FORMS: Final[Mapping[str, tuple[tuple[str, Mapping[str, str]], ...]]] = {
    "flagged": (
        ("/panel cancel west-met", {"meeting": "1"}),
        ("/panel reschedule west-met", {"meeting": "1", "date": "2026-03-26", "time": "14:00"}),
    ),
    "circulated": (
        ("/panel cancel west-met", {"meeting": "1"}),
        ("/people end <@USOCIALWORKER>", {}),
        ("/people change <@USOCIALWORKER>", {}),
    ),
    "sitting": (),
    "over": (
        ("/panel cancel west-met", {"meeting": "2"}),
        ("/people leave <@USOCIALWORKER>", {"successor": "UVICECHAIR"}),
    ),
}


def seen_by(life: Life, who: str, act: str, step: int) -> list[tuple[str, str]]:
    """Return what a persona is shown after an act, each with what they did to see it; of `ALWAYS` every so many-th."""
    found = []
    turn = list(ACTS).index(act)  # so that each look is taken after one act or another
    share = [look for at, look in enumerate(ALWAYS) if (at + turn) % step == 0]
    for look in [*share, *(each for one, each in SOMETIMES[act] if one == who)]:
        name, _, value = look.partition(" ")
        outcome = life.types(who, look) if look.startswith("/") else life.presses(who, name, value)
        found.append((f"{act}: {look}", life.seen(who, outcome)))
    for line, values in FORMS[act] if who == "coordinator" else ():
        outcome = life.types(who, line)
        found.append((f"{act}: {line}", life.seen(who, outcome)))
        if values:
            found.append((f"{act}: {line}, filled in", life.seen(who, life.fills(who, outcome.view, values))))
    return found


def kept_by(life: Life, who: str) -> list[tuple[str, str]]:
    """Return what a persona has in the end: messages, those of the panel's channel, and their Home."""
    person = life.person(who)
    person.opens_home()
    life.quiet()
    home = person.home
    assert home is not None
    blocks = {"Home": home.blocks} | {
        f"message {one.ts}": (one.text, one.blocks)
        for place in (person.direct, CHANNEL)
        for one in person.messages(place)
    }
    # In no order of their own: what leaves at once may come one way or the other.
    return sorted((name.partition(" ")[0], json.dumps(shown, ensure_ascii=False)) for name, shown in blocks.items())


def files_of(life: Life, who: str) -> list[tuple[str, str, int]]:
    """Return the files that a persona has: name, text and size."""
    files = [file for message in life.scene.person(user_id(who)).dm() for file in message.files]
    return [(name, text_of(content), len(content)) for name, content in files]


#: What Slack itself names blocks by, at random.
_BLOCK: Final = re.compile(r'"block_id": "[^"]*"')
_HIDDEN_FROM_SIGHT: Final = re.compile(r'("(?:action_id|value|private_metadata)": ")((?:[^"\\]|\\.)*)"')
_ACTION: Final = re.compile(r"\b7\d{3}\b")
#: What differs from one county to the next by its nature: identities in calendars, moments at which a file was made,
#: and the digest of minutes, of which the salts are random.
_MADE: Final = re.compile(
    r"\b(?:[0-9a-f]{32}){1,2}\b|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)?|\d{8}T\d{6}Z"
)


class InOrder:
    """Writes action numbers, and the numbers that people do not read, by the order in which they appear."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, str]] = {}

    def written(self, text: str) -> str:
        """Return a text with such numbers replaced."""
        text = _HIDDEN_FROM_SIGHT.sub(self._unseen, _BLOCK.sub("(block)", text))
        text = _ACTION.sub(lambda found: self._name("action", found[0]), text)
        return _MADE.sub("(made)", text)

    def _unseen(self, found: re.Match[str]) -> str:
        if found[2].isdigit() and found[1].startswith('"value"'):
            return f'{found[1]}(number)"'  # a button's stands in its name as well
        # A flag and a meeting, or an item and a minute, may have one number in one county and not in the other.
        kind, is_action, _ = found[2].partition(":")
        is_name = is_action and found[1].startswith('"action_id"')
        alike = kind if is_name else re.sub(r"\d+", "", found[2])
        kind = kind if is_name else "number"
        numbers = re.sub(r"\d+", lambda each: self._name(kind, each[0], alike), found[2])
        return f'{found[1]}{numbers}"'

    def _name(self, kind: str, number: str, alike: str = "") -> str:
        """Return a name for a number by the order in which it appears, among those of texts that are `alike`."""
        names = self._seen.setdefault(alike or kind, {})
        return names.setdefault(number, f"({kind} {chr(97 + len(names) // 26)}{chr(97 + len(names) % 26)})")


Sights = dict[str, list[tuple[str, str, int]]]


def sights(folder: Path, case: Plain, personas: tuple[str, ...], step: int) -> Sights:
    """Play one county, and return by persona all that they were shown and have: what it is, its text, a file's size."""
    shown: dict[str, list[tuple[str, str]]] = {who: [] for who in personas}
    folder.mkdir()
    with living(folder, StandingClock(NOW)) as life:
        numbers = count(7001)
        life.scene.store.draw = lambda _first, _last: next(numbers)
        for act, happens in ACTS.items():
            happens(life, case)
            life.quiet()
            for who in sorted(personas, key=lambda one: one == "coordinator"):  # who changes something at the end
                shown[who] += seen_by(life, who, act, step)
            life.quiet()
        boards = [(f"board {at}", InOrder().written(text), 0) for at, text in enumerate(case.boards)]
        assert len(boards) == 2
        found: Sights = {"everyone in the channel": boards}
        for who in personas:
            kept = [(what, InOrder().written(text), 0) for what, text in kept_by(life, who)]
            order = InOrder()
            found[who] = [(what, order.written(text), 0) for what, text in shown[who]]
            found[who] += sorted(kept)
            found[who] += sorted((name, InOrder().written(text), size) for name, text, size in files_of(life, who))
    return found


def differences(plain: Sights, other: Sights) -> list[str]:
    """Return what differs in what a persona was shown, has and got."""
    found = []
    for who, expected in plain.items():
        actual = other[who]
        if [what for what, *_ in actual] != [what for what, *_ in expected]:
            names = [[what for what, *_ in each] for each in (expected, actual)]
            found.append(f"{who}: other things: {_parted(*names)}")
        for (what, text, size), (_, other_text, other_size) in zip(expected, actual, strict=False):
            if text != other_text:
                found.append(f"{who}: {what}: {_parted(text.split(', '), other_text.split(', '))}")
            elif abs(size - other_size) >= SAME_SIZE:
                found.append(f"{who}: {what}: {size} bytes, {other_size} bytes")
    return found


def _parted(one: list[str], other: list[str]) -> str:
    """Return the first part in which two lists differ."""
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f"{one[at : at + 2]} is {other[at : at + 2]}"[:1000]


def compared(folder: Path, step: int, *personas: str) -> list[str]:
    """Return what differs for these personas between the plain county and each of the others."""
    plain = sights(folder / "plain", Plain(), personas, step)
    closed = differences(plain, sights(folder / "closed", WithClosedItem(), personas, step))
    interest = differences(plain, sights(folder / "interest", WithInterest(), personas, step))
    return [*(f"closed item: {found}" for found in closed), *(f"interest: {found}" for found in interest)]


def test_two_personas_are_told_by_nothing(tmp_path: Path) -> None:
    found = compared(tmp_path, 3, "coordinator", "matron")
    assert found == [], "\n".join(found)


@pytest.mark.proof
def test_eight_personas_are_told_by_nothing_and_a_reader_is(tmp_path: Path) -> None:
    found = compared(tmp_path, 1, *PERSONAS, READER)
    of_reader = [one for one in found if f": {READER}: " in one]
    assert [one for one in found if one not in of_reader] == []
    told = "\n".join(of_reader)
    looks = (
        "flagged: /case list",
        "circulated: /agenda show",
        "over: /action list all",
        "flagged: /case history WEST-05",
    )
    assert [look for look in (*looks, "other things") if look not in told] == []


def test_a_message_that_did_not_arrive_is_called_alike_whatever_case_it_is_about() -> None:
    # Home tells those who keep the diary, who may not read the case.
    of_cases = (Notice.CLOSED_FLAG, Notice.ACCESS_CHANGED, Notice.INTEREST_NOTED, Notice.INTEREST_WITHDRAWN)
    assert {notice.label for notice in (*of_cases, Notice.INTEREST_HOLDS, Notice.FLAG_TRIAGED)} == {
        "a message about a case"
    }
