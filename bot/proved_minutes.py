"""The command `panelbot minutes verify`, which proves that approved minutes are unchanged."""

import re
from datetime import date, time
from typing import Annotated, Final

import typer

from bot.errors import Misconfigured
from bot.settings import read_settings

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def verify(
    panel: Annotated[str, typer.Argument(help="Key of the panel, as in the county file.")],
    day: Annotated[str, typer.Argument(help="The day of the meeting, as 2027-01-31.")],
    at: Annotated[str | None, typer.Option("--at", help="When it began, as 14:00, if the panel met twice.")] = None,
    digest: Annotated[
        str | None, typer.Option("--digest", help="The digest at the foot of a paper, to compare it as well.")
    ] = None,
) -> None:
    """Prove that the approved minutes stored here are unchanged, even if a case was erased since."""
    from bot.bootstrap import store_for_a_look  # noqa: PLC0415 - start-up pays only for what it uses
    from bot.domain.language.day_words import date_words  # noqa: PLC0415
    from bot.services.minutes.proving import prove_minutes  # noqa: PLC0415

    on, began, printed = _day(day), _time(at), _digest(digest)
    with store_for_a_look(read_settings()) as store, store.work() as work:
        found = prove_minutes(work, panel, on, began)
    proof = found.proof
    typer.echo(
        f"{found.panel_title}, {date_words(found.starts_at.date())}, {found.starts_at:%H:%M}: minutes, version "
        f"{found.version}, approved on {date_words(found.approved_on)}."
    )
    typer.echo(f"Digest: {proof.digest}")
    faults = list(proof.faults)
    if printed is not None and printed != proof.digest:
        faults.append("The digest that you gave is another one. Your paper isn't of this version, or was changed.")
    if faults:
        raise Misconfigured(*faults)
    typer.echo(f"✓ All {proof.parts} parts are as approved.")
    if proof.erased:
        those, its = ("1 was", "its digest is") if proof.erased == 1 else (f"{proof.erased} were", "their digests are")
        typer.echo(f"  {those} removed under retention, and {its} still what was approved.")
    if found.entry is not None:
        typer.echo(
            f"✓ Audit entry {found.entry}, of the approval, names this digest. `panelbot check` proves the audit."
        )
    if printed is not None:
        typer.echo("✓ The digest that you gave is that of this version.")


def _day(given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise Misconfigured(f"{given} is not a day. Write it as 2027-01-31.") from None


def _time(given: str | None) -> time | None:
    try:
        return None if given is None else time.fromisoformat(given)
    except ValueError:
        raise Misconfigured(f"--at: {given} is not a time. Write it as 14:00.") from None


def _digest(given: str | None) -> str | None:
    if given is None:
        return None
    digest = "".join(given.split()).lower()
    if not _DIGEST.fullmatch(digest):
        raise Misconfigured(
            "--digest: it has 64 digits and letters from a to f. Give all that the foot of the paper has."
        )
    return digest
