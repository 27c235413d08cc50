"""Commands that show how the bot understands typed words, without Slack: `panelbot due`, `panelbot identifiers`."""

import json
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from bot.errors import Misconfigured

if TYPE_CHECKING:
    from bot.domain.language.due_reading import DueTerms

_ON = Annotated[str | None, typer.Option("--on", help="The day on which it is said, as 2027-01-31. Today if left out.")]
_JSON = Annotated[bool, typer.Option("--json", help="For programs: one object to a line.")]


def due(
    phrase: Annotated[str, typer.Argument(help='A due phrase, such as "COB Friday"; - reads one from each line.')],
    on: _ON = None,
    next_meeting: Annotated[
        str | None, typer.Option("--next-meeting", help="The day of the panel's next meeting, as 2027-01-31.")
    ] = None,
    panel: Annotated[str | None, typer.Option("--panel", help="Key of the panel whose diary counts.")] = None,
    as_json: _JSON = False,
) -> None:
    """Show which day a due phrase means, or why it is refused and what to type instead."""
    from bot.domain.language.day_words import full_date  # noqa: PLC0415 - start-up pays only for what it uses
    from bot.domain.language.due_phrases import read_due  # noqa: PLC0415
    from bot.domain.language.due_reading import DueKind  # noqa: PLC0415

    if panel is not None and (on is not None or next_meeting is not None):
        raise Misconfigured("--panel: takes the day and the next meeting from the diary. Leave the other two out.")
    terms = _terms(on, next_meeting) if panel is None else _terms_of_panel(panel)
    for said in _lines(phrase):
        found = read_due(said, terms)
        if as_json:
            days, offers = ([day.isoformat() for day in some] for some in (found.days, found.offers))
            typer.echo(_as_json(phrase=said, kind=found.kind.value, days=days, offers=offers))
        else:
            means = full_date(found.days[0]) if found.kind is DueKind.ONE_DAY else f"{found.kind}. {found.refusal()}"
            typer.echo(f"{said}: {means}")


def identifiers(
    file: Annotated[str, typer.Argument(help="A text file, or - for what is typed or piped.")],
    on: _ON = None,
    as_json: _JSON = False,
) -> None:
    """Show which lines of a text the identifier guard would stop, and what it found in each."""
    from bot.domain.language.identifiers import find_identifiers  # noqa: PLC0415 - as above

    today = _day(on, "--on") or _today()
    stopped = 0
    for number, text in enumerate(_lines("-") if file == "-" else _lines_of(file), start=1):
        found = find_identifiers(text, today=today)
        stopped += bool(found)
        if as_json:
            kinds = [{"kind": one.kind, "excerpt": one.excerpt} for one in found]
            typer.echo(_as_json(line=number, found=kinds))
        elif found:
            typer.echo(f"{number}: " + "; ".join(f"{one.kind}: {one.excerpt}" for one in found))
    if not as_json:
        typer.echo(f"{stopped} {'line' if stopped == 1 else 'lines'} would be stopped.")


def _terms(on: str | None, next_meeting: str | None) -> "DueTerms":
    from bot.domain.language.due_reading import DueTerms  # noqa: PLC0415 - as above

    meeting = _day(next_meeting, "--next-meeting")
    return DueTerms(_day(on, "--on") or _today(), () if meeting is None else (meeting,))


def _terms_of_panel(key: str) -> "DueTerms":
    """Return, from the database, what is needed to understand due phrases on the panel with this key."""
    from bot.bootstrap import store_for_a_look  # noqa: PLC0415 - as above
    from bot.services.diary.panels import due_terms_of  # noqa: PLC0415
    from bot.settings import read_settings  # noqa: PLC0415

    with store_for_a_look(read_settings()) as store, store.reading() as work:
        return due_terms_of(work, key)


def _lines(given: str) -> Iterator[str]:
    """Yield the text `given` or, if that is a dash, each line of standard input."""
    if given == "-":
        yield from (line.rstrip("\r\n") for line in sys.stdin)
    else:
        yield given


def _lines_of(file: str) -> Iterator[str]:
    try:
        text = Path(file).read_text(encoding="utf-8-sig")  # Windows editors begin a file with a mark
    except OSError as unreadable:
        raise Misconfigured(f"{file}: cannot be read ({unreadable.strerror}).") from None
    except UnicodeDecodeError:
        raise Misconfigured(f"{file}: is not UTF-8 text.") from None
    yield from text.splitlines()


def _as_json(**facts: Any) -> str:
    return json.dumps(facts, ensure_ascii=False)


def _day(given: str | None, option: str) -> date | None:
    try:
        return None if given is None else date.fromisoformat(given)
    except ValueError:
        raise Misconfigured(f"{option}: {given} is not a day. Write it as 2027-01-31.") from None


def _today() -> date:
    from bot.clock import SystemClock  # noqa: PLC0415 - as above

    return SystemClock().now().astimezone(ZoneInfo("Europe/London")).date()
