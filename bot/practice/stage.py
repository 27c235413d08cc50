"""A stage for the demo: people act in the local workspace, and the terminal prints what they do and see."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from bot.errors import PanelbotError
from bot.models.outbox import EffectState
from bot.practice.mode import PracticeMode
from bot.practice.workspace.block_kit import texts
from bot.practice.workspace.person import Person
from bot.practice.workspace.sights import Outcome, SeenMessage, SeenView
from bot.store.outbox import count_unfinished

PATIENCE_SECONDS = 120.0
_SIGNS = {
    ":large_green_circle:": "🟢",
    ":large_orange_circle:": "🟠",
    ":red_circle:": "🔴",
    ":large_blue_circle:": "🔵",
}
_SHOWN_LINES = 14  # of one reply: a reader wants the gist

Found = TypeVar("Found")


class Stuck(PanelbotError):
    """Raised if something that the demo waits for did not happen."""


class Stage:
    """A play in the local workspace. Each method lets one person do something there, and prints what was done."""

    def __init__(self, practice: PracticeMode, console: Console, channel: str) -> None:
        self.practice = practice
        self.channel = channel
        self._console = console
        self._zone = ZoneInfo(practice.county.county.timezone)
        self._names = {person.user: person.name for person in practice.county.people}
        agencies = {agency.key: agency.name for agency in practice.county.agencies}
        self._agencies = {person.user: agencies[person.agency] for person in practice.county.people}
        self._act_began = 0.0  # on the moved clock: older messages belong to earlier acts
        self._rooms = {panel.channel: panel.key for panel in practice.county.panels}

    def on(self, moment: str, title: str) -> None:
        """Move the clock to a local moment such as "2026-03-13 09:05" and run the bot's periodic tasks.

        Print the title.
        """
        self.quiet()  # what belongs to the day before is sent on that day
        at = datetime.fromisoformat(moment).replace(tzinfo=self._zone)
        self.practice.clock.move_to(at)
        self._act_began = at.timestamp()
        self._console.print()
        self._console.rule(f"[bold]{at:%A %-d %B %Y, %H:%M}[/] · {escape(title)}", align="left")
        if self.practice.bot is not None:
            self.practice.bot.ticks.run_all()

    def person(self, user_id: str) -> Person:
        """Return the Person with this account, whose methods type, click and read in the workspace."""
        return self.practice.workspace.person(user_id)

    def types(self, user_id: str, line: str) -> Outcome:
        """Let a person type a command in the panel's channel. Print and return the outcome, or raise Stuck."""
        self._does(user_id, "types", line)
        self._act_began = self.practice.clock.now().timestamp()
        outcome = self.person(user_id).types(self.channel, line)
        return self.after(outcome)

    def aside(self, user_id: str, line: str) -> Outcome:
        """Let a person type a command, and print nothing. Raise Stuck if Slack shows an error."""
        return self.after(self.person(user_id).types(self.channel, line), shown=False)

    def opens(self, user_id: str, line: str) -> SeenView:
        """Let a person type a command that opens a form. Return the form, or raise Stuck if none opens."""
        self.types(user_id, line)
        return self.form(user_id)

    def form(self, user_id: str) -> SeenView:
        """Return the form that is open on a person's screen. Raise Stuck if none is open."""
        view = self.person(user_id).view
        if view is None:
            raise Stuck("No form opened.")
        return view

    def submits(self, user_id: str, form: SeenView, values: dict[str, Any], summary: str) -> Outcome:
        """Let a person fill in and submit a form. Print the `summary` of the values and the outcome."""
        self._does(user_id, f'fills in "{form.title}"', summary)
        outcome = self.person(user_id).submits(form, values)
        if outcome.errors:
            for sentence in outcome.errors.values():
                self._shows(f"(under the field) {sentence}")
            return outcome
        return self.after(outcome)

    def clicks(self, user_id: str, target: SeenMessage | SeenView, label: str, action: str) -> Outcome:
        """Let a person click the button whose action_id begins with `action`. Raise Stuck if there is none."""
        chosen = next((found for found in target.actions if found.startswith(action)), None)
        if chosen is None:
            raise Stuck(f"There is no button {action} to press.")
        self._does(user_id, "presses", f"[{label}]")
        return self.after(self.person(user_id).clicks(target, chosen), shown=False)

    def latest(self, user_id: str, saying: str) -> SeenMessage:
        """Print and return the newest direct message to a person that contains the words `saying`.

        Raise Stuck if none comes in time.
        """
        found = self._await(
            lambda: next((one for one in reversed(self._new(user_id)) if saying in one.words), None),
            f"a message to {self._names[user_id]} with the words {saying!r}",
        )
        self._print(f"[cyan]→ {escape(self._names[user_id])}[/] [dim]gets a direct message[/]")
        self._shows(_readable(found.blocks) or found.words)
        return found

    def posted(self, user_id: str, saying: str) -> SeenMessage:
        """Return the newest message in the panel's channel that contains the words `saying`, as this person sees it.

        Raise Stuck if none comes.
        """
        return self._await(
            lambda: next(
                (one for one in reversed(self.person(user_id).messages(self.channel)) if saying in one.words), None
            ),
            f"a message in the channel with the words {saying!r}",
        )

    def shows_board(self, user_id: str, saying: str) -> None:
        """Wait until the board in the panel's channel has these words, and print it as everyone sees it."""
        found = self.posted(user_id, saying)
        self._print("[cyan]→ the panel's channel[/] [dim]has the board, for everyone[/]")
        self._shows(_readable(found.blocks) or found.words)

    def file(self, user_id: str, ending: str) -> tuple[str, bytes]:
        """Wait for a file whose name has this ending to reach a person. Return its name and content, or raise Stuck."""
        found = self._await(
            lambda: next(
                (file for one in reversed(self._new(user_id)) for file in one.files if file[0].endswith(ending)),
                None,
            ),
            f"a file {ending} for {self._names[user_id]}",
        )
        self._print(
            f"[cyan]→ {escape(self._names[user_id])}[/] [dim]gets the file[/] {escape(found[0])} "
            f"[dim]({len(found[1]) // 1024} kB)[/]"
        )
        return found

    def _new(self, user_id: str) -> list[SeenMessage]:
        return [one for one in self.person(user_id).dm() if float(one.ts) >= self._act_began]

    def quiet(self) -> None:
        """Wait until the bot has sent all queued messages. Raise Stuck if one of them could not be sent."""

        def sent() -> bool:
            with self.practice.store.reading() as work:
                return count_unfinished(work.session) == 0

        self._await(sent, "all messages to be sent")
        with self.practice.store.reading() as work:
            lost = count_unfinished(work.session, EffectState.DEAD, EffectState.AMBIGUOUS)
        if lost:
            raise Stuck(f"{lost} messages could not be sent.")

    def says(self, words: str) -> None:
        """Print a line of explanation for people who follow the demo."""
        self._print(f"[dim]{escape(self._plain(words))}[/]")

    def _await(self, look: Callable[[], Found | None], what: str) -> Found:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (found := look()):
            if time.monotonic() > deadline:
                raise Stuck(f"Waited {PATIENCE_SECONDS:.0f} s for {what}, which did not come.")
            time.sleep(0.05)
        return found

    def after(self, outcome: Outcome, *, shown: bool = True) -> Outcome:
        """Print the outcome of a person's act and return it. Raise Stuck if Slack shows an error."""
        if refused := outcome.error or "; ".join(outcome.errors.values()):
            raise Stuck(f"Slack said: {refused}")
        if shown and outcome.replies:
            self._shows(_readable(outcome.replies[0].blocks) or outcome.replies[0].words)
        elif shown and outcome.view is not None:
            if any(block["type"] == "input" for block in outcome.view.blocks):
                self._shows(f'(the form "{outcome.view.title}" opens)')
            else:
                self._shows(_readable(outcome.view.blocks))
        return outcome

    def _does(self, user_id: str, how: str, what: str) -> None:
        who = f"[bold cyan]{escape(self._names[user_id])}[/] [dim]({escape(self._agencies[user_id])})[/]"
        self._print(f"{who} {how} [bold]{escape(self._plain(what))}[/]")

    def _shows(self, words: str) -> None:
        lines = [line for line in self._plain(words).splitlines() if line.strip()]
        more = len(lines) - _SHOWN_LINES
        if more > 0:
            lines = [*lines[:_SHOWN_LINES], f"… and {more} more {'line' if more == 1 else 'lines'}"]
        for line in lines:
            self._print(f"[green]│[/] {escape(line)}", indent=3)

    def _print(self, line: str, *, indent: int = 1) -> None:
        """Print an indented line. On a terminal, a long line is wrapped, and its further lines are indented too."""
        if self._console.is_terminal:
            self._console.print(Padding(line, (0, 0, 0, indent)), soft_wrap=False)
        else:
            self._console.print(f"{' ' * indent}{line}", soft_wrap=True)

    def _plain(self, words: str) -> str:
        words = re.sub(r"<@([A-Z0-9]+)(?:\|[^>]*)?>", lambda m: f"@{self._names.get(m[1], m[1])}", words)
        words = re.sub(r"<#([A-Z0-9]+)(?:\|[^>]*)?>", lambda m: f"#{self._rooms.get(m[1], m[1])}", words)
        words = re.sub(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])", r"\1", words)
        for shortcode, sign in _SIGNS.items():
            words = words.replace(shortcode, sign)
        return words.replace("`", "").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _readable(blocks: Sequence[Mapping[str, Any]]) -> str:
    """Return the text of blocks. The buttons of a row are on one line, as [Button]."""
    lines = []
    for block in blocks:
        if block["type"] == "actions":
            lines.append(
                "  ".join(f"[{element['text']['text']}]" for element in block["elements"] if "text" in element)
            )
        else:
            accessory = block.get("accessory", {})
            without = {key: value for key, value in block.items() if key != "accessory"}
            words = "\n".join(texts([without]))
            lines.append(f"{words}  [{accessory['text']['text']}]" if accessory.get("type") == "button" else words)
    return "\n".join(lines)
