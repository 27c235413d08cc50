"""People who record a meeting all at once, each by a script, while the bot is killed under them.

Each entry has a text of its own ("Entry 17."), so that what became of it can be found. A person presses again until
there is an answer, and has in mind the child that the last answer to them named: on the question which child a line is
about they answer with that one.
"""

import random
import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from bot.practice.stopwatch import GIVE_UP_SECONDS
from bot.practice.workspace.delivery import Acknowledgement, Delivery
from bot.practice.workspace.findings import NotOffered
from bot.practice.workspace.person import Person
from bot.practice.workspace.sights import Outcome, SeenMessage, SeenView
from bot.practice.workspace.workspace import Workspace
from tests.slack.actions.test_commands import labels
from tests.slack.county import CHANNEL
from tests.slack.meeting.test_sheet import LABELS, fill, text_in

NOT_SAVED = re.compile("[Nn]othing was (?:saved|changed)")
#: What a slow machine or a form that Slack had opened before the kill makes a person do: the same once more.
_PATIENCE = 50
_NOTHING = SeenView((), "", "", "modal", "", "", {}, "")


@dataclass(slots=True)
class Town:
    """What the people have done so far, and what became of it as they were told."""

    workspace: Workspace
    due: str
    numbers: dict[str, str]  #: of each case on the agenda, by its reference
    holder: str = "nurse"
    changed: threading.Condition = field(default_factory=threading.Condition)
    goes_on: threading.Event = field(default_factory=threading.Event)  #: nobody begins a step while it isn't set
    finished: int = 0  #: entries that were acknowledged
    asked: int = 0  #: deliveries that were begun
    under: dict[int, str] = field(default_factory=dict)  #: the case of each entry, as its author was told or chose
    here: set[str] = field(default_factory=set)  #: who said that they are here
    both_seen: int = 0  #: how often a person was shown another's text beside their own
    which_asked: int = 0  #: how often a person was asked which child

    def __post_init__(self) -> None:
        """Let them begin."""
        self.goes_on.set()

    def finish(self, number: int, title: str) -> None:
        """Count an entry as acknowledged."""
        with self.changed:
            assert number not in self.under
            self.under[number] = title
            self.finished += 1
            self.changed.notify_all()

    def begin(self) -> None:
        """Count a delivery as begun."""
        with self.changed:
            self.asked += 1
            self.changed.notify_all()


class Insistent:
    """Slack's courier for a person who presses again: the same delivery, until the bot has acknowledged it."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._courier = town.workspace.courier
        self._pause = threading.Event()
        self.deliveries = self._courier.deliveries

    def ask(self, delivery: Delivery) -> Acknowledgement:
        """Deliver, and again after each kill, until there is an answer."""
        self._town.begin()
        answer = self._courier.ask(delivery)
        give_up_at = time.monotonic() + GIVE_UP_SECONDS
        while answer.reason != "ok":
            assert time.monotonic() < give_up_at, "the bot was not born again"
            self._pause.wait(0.01)  # nobody is there: do not spin
            answer = self._courier.ask(Delivery(delivery.kind, delivery.payload, delivery.accepts_response))
        return answer


def person(town: Town, user_id: str) -> Person:
    """Return a person at their Slack who presses until there is an answer."""
    workspace = town.workspace
    return Person(workspace.state, workspace.manifest, Insistent(town), user_id)  # type: ignore[arg-type]


def words_of(number: int) -> str:
    """Return what an entry says."""
    return f"Entry {number:03d}."


def entries_in(text: str) -> list[int]:
    """Return the entries whose words are in a text."""
    return [int(number) for number in re.findall(r"Entry (\d{3})\.", text)]


@dataclass(slots=True)
class Recorder:
    """One of those who record, and what they have in mind."""

    town: Town
    person: Person
    mind: str | None = None  #: the child that the last answer named

    def notes(self, number: int, agency: str) -> None:
        """Type one line, under whichever child the bot says."""
        self._types_line(number, f"/meeting note {agency}{words_of(number)}", r"Noted under item \S+, (\S+):")

    def gives(self, number: int) -> None:
        """Type an action."""
        town = self.town
        line = f"/action add @{town.holder} take the step of {words_of(number)} by {town.due}"
        self._types_line(number, line, r"recorded about (\S+) for ")

    def _types_line(self, number: int, line: str, says: str) -> None:
        said = self._until(lambda: self.person.types(CHANNEL, line), lambda found: not NOT_SAVED.search(found.text))
        reply = said.replies[0]
        named = re.search(says, said.text)
        if named is not None:
            assert self.mind in (None, named[1]), f"stored under {named[1]} though the last answer named {self.mind}"
            self.mind = named[1]
        else:
            self.mind = self._answers(reply)
        self.town.finish(number, self.mind)

    def _answers(self, asked: SeenMessage) -> str:
        """Say which child is meant: the one that the last answer named."""
        offered = [label.partition(",")[0] for label in labels(asked)]
        assert len(offered) == 2, asked.words
        assert self.mind in offered, f"{offered}, though the last answer named {self.mind}"
        with self.town.changed:
            self.town.which_asked += 1
        self.person.clicks(asked, f"command.again:{offered.index(self.mind)}")
        return self.mind

    def goes_on(self, title: str) -> None:
        """Go to another item."""
        typed = f"/meeting next {self.town.numbers[title]}"
        self._until(lambda: self.person.types(CHANNEL, typed), lambda found: title in found.text)
        self.mind = title

    def opens(self, title: str) -> SeenView:
        """Open the sheet of a case."""
        typed = f"/meeting record {self.town.numbers[title]}"
        wanted = f"Record {title}"
        found = self._until(
            lambda: self.person.types(CHANNEL, typed), lambda found: (found.view or _NOTHING).title == wanted
        )
        assert found.view is not None
        return found.view

    def saves(self, form: SeenView, given: dict[str, str]) -> SeenView:
        """Save the sheet. Return the form as it is then."""
        found = self._until(
            lambda: self.person.submits(form, fill(form, given)), lambda found: not found.error and not found.errors
        )
        assert found.view is not None
        return found.view

    def writes(self, number: int, title: str, label: str, both_drew: threading.Barrier | None = None) -> None:
        """Add words to a field of the sheet. Where another changed it meanwhile, keep both.

        With `both_drew` another person has the same form before either saves.
        """
        form = self.opens(title)
        if both_drew is not None:
            both_drew.wait(GIVE_UP_SECONDS)
        before = text_in(form, label)
        saved = self.saves(form, {label: f"{before}\n{words_of(number)}".strip()})
        while "*Not saved:*" in saved.words:
            _, _, theirs = saved.words.partition("wrote this in the meantime:*")
            assert words_of(number) in text_in(saved, label)
            assert set(entries_in(theirs)) - {number}, "the other text is not shown"
            with self.town.changed:
                self.town.both_seen += 1
            key = f"choice.{LABELS.get(label, label)}"
            saved = self.saves(saved, {label: words_of(number), key: "both"})
        self._is_saved(number, saved, title)

    def decides(self, number: int, title: str) -> None:
        """Record a decision in the sheet."""
        given = {"kind": "retain", "rationale": words_of(number), "review": "in 3 months"}
        self._is_saved(number, self.saves(self.opens(title), given), title)

    def gives_in_sheet(self, number: int, title: str, holder_id: str) -> None:
        """Give an action in the sheet."""
        given = {"holder": holder_id, "task": f"take the step of {words_of(number)}", "due": self.town.due}
        self._is_saved(number, self.saves(self.opens(title), given), title)

    def sees_in(self, number: int, user_id: str) -> None:
        """Have a member press *I'm here* on the board, wherever it is by then."""
        who = person(self.town, user_id)
        for _ in range(_PATIENCE):
            boards = [
                (one, action)
                for one in who.messages(CHANNEL)
                for action in one.actions
                if not one.ephemeral and action.startswith(("meeting.acknowledge:", "meeting.here:"))
            ]
            with suppress(NotOffered):  # it was just put to the bottom
                form = who.clicks(*boards[-1]).view
                if form is not None and form.title == "Before you join":
                    who.submits(form, {})
                break
        else:
            raise AssertionError(f"{user_id} finds no board")
        with self.town.changed:
            self.town.here.add(user_id)
        self.town.finish(number, "")

    def _is_saved(self, number: int, form: SeenView, title: str) -> None:
        assert "Saved: " in form.words, form.words
        assert form.title == f"Saved {title}"
        self.mind = title
        self.person.closes(form)
        self.town.finish(number, title)

    def _until(self, does: Callable[[], Outcome], is_done: Callable[[Outcome], bool]) -> Outcome:
        """Do the same again where the bot said that nothing was done, as a person would."""
        for _ in range(_PATIENCE):
            found = does()
            if is_done(found):
                return found
        raise AssertionError(found)


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is in a meeting."""

    items: int
    kills: int
    here: int
    decisions: int
    actions_typed: int
    actions_in_sheet: int
    duels: int  #: two entries each, on the same field
    in_sheet: int
    notes: int
    moves: int

    @property
    def entries(self) -> int:
        """Return how many entries there are."""
        several = (self.here, self.decisions, self.actions_typed, self.actions_in_sheet, self.in_sheet, self.notes)
        return sum(several) + 2 * self.duels


Step = Callable[[Recorder], None]
FIELDS = ("Summary", "The child's view", "Police", "may_happen")


def scripts(town: Town, size: Size, members: list[str], holder_id: str, chance: random.Random) -> list[list[Step]]:
    """Return what each of four people does, in an order drawn by chance. The third and the fourth move nothing on."""
    numbers = iter(range(size.entries))
    titles = sorted(town.numbers)
    entry = partial(next, numbers)
    some_title, some_field = partial(chance.choice, titles), partial(chance.choice, FIELDS)
    agency = partial(chance.choice, ("", "Police: ", "Health: "))
    steps: list[Step] = [
        *(partial(Recorder.sees_in, number=entry(), user_id=member) for member in members[: size.here]),
        *(partial(Recorder.decides, number=entry(), title=titles[k]) for k in range(size.decisions)),
        *(partial(Recorder.gives, number=entry()) for _ in range(size.actions_typed)),
        *(
            partial(Recorder.gives_in_sheet, number=entry(), title=some_title(), holder_id=holder_id)
            for _ in range(size.actions_in_sheet)
        ),
        *(
            partial(Recorder.writes, number=entry(), title=some_title(), label=some_field())
            for _ in range(size.in_sheet)
        ),
        *(partial(Recorder.notes, number=entry(), agency=agency()) for _ in range(size.notes)),
    ]
    chance.shuffle(steps)
    each = [steps[k::4] for k in range(4)]
    for move in range(size.moves):
        mine = each[move % 2]
        mine.insert(chance.randrange(len(mine) + 1), partial(Recorder.goes_on, title=some_title()))
    # Pairs that never mix, and meet in the same order: nobody waits for a partner who waits for another.
    for number in range(size.duels):
        pair = (each[number % 2], each[number % 2 + 2])
        title, label, both_drew = some_title(), some_field(), threading.Barrier(2)
        for mine in pair:
            after = len(mine) * (number // 2 + 1) // (size.duels // 2 + 2)
            step = partial(Recorder.writes, number=entry(), title=title, label=label, both_drew=both_drew)
            mine.insert(after, step)
    return each
