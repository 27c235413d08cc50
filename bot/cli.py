"""The command line: start the bot, play the demo, apply county files, check the installation, export papers."""

import gc
import json
import logging
import os
import shlex
import signal
import sys
import threading
from datetime import date
from pathlib import Path
from textwrap import wrap
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.text import Text

from bot import proved_minutes, typed_words
from bot.errors import Misconfigured, Mistake, PanelbotError
from bot.settings import Connection, Settings, read_settings

app = typer.Typer(
    name="panelbot",
    help="A Slack bot that runs multi-agency child exploitation panels.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
# A pipe gets whole lines. A terminal wraps them itself.
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def main() -> None:
    """Run one command. A known fault is printed as a sentence with exit status 1, never as a traceback."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    try:
        app()
    except Misconfigured as wrong:
        for fault in wrong.faults:
            _say(err, f"✗ {fault}", "red")
        sys.exit(1)
    except PanelbotError as wrong:
        _say(err, f"✗ {wrong}", "red")
        sys.exit(1)


@app.command()
def run() -> None:
    """Start the bot: in your Slack workspace if its tokens are set, otherwise in practice mode.

    With SLACK_BOT_TOKEN and SLACK_APP_TOKEN it uses Socket Mode. With SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET it
    listens for HTTP on PANELBOT_PORT.
    """
    settings = read_settings()
    if settings.connection is Connection.PRACTICE:
        _practise(settings)
        return
    gc.disable()  # until the bot is built, since collecting garbage only delays the start
    from bot.bootstrap import run_http, run_socket  # noqa: PLC0415 - start-up pays only for what it uses

    logging.getLogger("panelbot.daily").setLevel(logging.INFO)
    if settings.connection is Connection.SOCKET:
        out.print("panelbot connects to Slack over Socket Mode. Ctrl-C ends it.")
        run_socket(settings, _until_told_to_end())
    else:
        port = settings.panelbot_port or DEFAULT_PORT
        out.print(f"panelbot listens for Slack on http://{settings.panelbot_host}:{port}/slack/events. Ctrl-C ends it.")
        run_http(settings, host=settings.panelbot_host, port=port)


@app.command()
def demo(
    out_dir: Annotated[Path, typer.Option("--out", help="The folder for the three documents. It is made if missing.")],
) -> None:
    """Play one whole panel cycle of the sample county and leave its agenda, minutes and action tracker."""
    from bot.practice.demo import play  # noqa: PLC0415 - as above

    play(read_settings(), out_dir, out)


@app.command()
def apply(
    file: Annotated[Path, typer.Argument(help="The county file, such as county.toml.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
) -> None:
    """Change the database to what a county file says about areas, agencies, people, panels, members and cases."""
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - as above

    from bot.bootstrap import opened_store, store_for_a_look, unusable  # noqa: PLC0415
    from bot.documents.county_file import read_county_file  # noqa: PLC0415
    from bot.services.county.application import apply_county  # noqa: PLC0415

    try:
        text = file.read_text(encoding="utf-8-sig")  # Windows editors begin a file with a mark
    except OSError as unreadable:
        raise Misconfigured(f"{file}: cannot be read ({unreadable.strerror}).") from None
    except UnicodeDecodeError:
        raise Misconfigured(f"{file}: is not UTF-8 text.") from None
    settings = read_settings()
    with store_for_a_look(settings) if dry_run else opened_store(settings, _remark) as store:
        county = read_county_file(text, name=file.name, definitions=store.definitions)
        try:
            with store.work() as work:
                changes = apply_county(work, county)
                if dry_run:
                    work.abandon()
        except SQLAlchemyError as failed:
            raise Misconfigured(f"{unusable(failed)} Nothing was changed.") from None
        except Misconfigured as wrong:
            raise Misconfigured(*(f"{file.name}: {fault}" for fault in wrong.faults)) from None
    for change in changes:
        _say(out, change)
    made = sum(not change.startswith("!") for change in changes)  # the rest are remarks
    many = f"{made} {'change' if made == 1 else 'changes'}"
    if not made:
        out.print("Nothing to change: everything is as the file says.")
    else:
        out.print(f"{many} to make; nothing was changed (--dry-run)." if dry_run else f"{many} made.")


@app.command()
def dates(
    rule: Annotated[str, typer.Argument(help='How often, such as "second Tuesday of the month at 14:00".')],
    start: Annotated[
        str | None, typer.Option("--from", help="The first day, as 2027-01-31. Today if left out.")
    ] = None,
    count: Annotated[str | None, typer.Option("--count", help="How many meetings. 12 if left out.")] = None,
    definition: Annotated[str | None, typer.Option("--definition", help="Key of the kind of panel.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: a list of objects.")] = False,
) -> None:
    """Show the dates that a rule gives, each with every deadline that depends on it. Nothing is saved."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - as above

    from bot.clock import SystemClock  # noqa: PLC0415
    from bot.documents import dates as listed  # noqa: PLC0415
    from bot.documents.panel_files import load_panel_definitions  # noqa: PLC0415
    from bot.domain.language.rhythm_words import UnknownWord  # noqa: PLC0415

    definitions = load_panel_definitions(read_settings().panelbot_agendas_dir)
    today = SystemClock().now().astimezone(ZoneInfo("Europe/London")).date()
    try:
        found = listed.dates_of(rule, definitions, today=today, start=start, count=count, definition=definition)
    except Mistake as mistake:
        err.print(f"[red]✗[/] {escape(str(mistake))}", soft_wrap=True)
        if isinstance(mistake, UnknownWord):
            pointer = " " * mistake.position + "^" * len(mistake.word)
            err.print(f"    {escape(mistake.said)}\n    {pointer}", soft_wrap=True)
        raise typer.Exit(2) from None
    if as_json:
        typer.echo(listed.as_json(found))
        return
    for line in listed.as_lines(found, out.width if out.is_terminal else None):
        typer.echo(line)


app.command()(typed_words.due)
app.command()(typed_words.identifiers)


@app.command()
def check(file: Annotated[str | None, typer.Argument(hidden=True)] = None) -> None:
    """Look for faults in settings, database, panel definitions, Word templates and Slack scopes."""
    if file is not None:
        county = f"panelbot apply {shlex.quote(file)} --dry-run"
        raise Misconfigured(f"check takes no file. To check the county file: {county}")
    from bot.health import look  # noqa: PLC0415 - as above

    faults = 0
    for finding in look(read_settings()):
        faults += finding.is_fault
        mark, colour = ("✗", "red") if finding.is_fault else ("!", "yellow") if finding.is_doubtful else ("✓", "green")
        _say(out, f"{mark} {finding.sentence}", colour)
    if faults:
        out.print(f"{faults} {'fault' if faults == 1 else 'faults'} found.")
        raise typer.Exit(1)
    out.print("All is well.")


def _not_empty(option: typer.CallbackParam, given: str | None) -> str | None:
    """Return the value of an option. Raise Misconfigured if it is empty, as when a script's variable is unset."""
    if given is not None and not given.strip():
        raise Misconfigured(f"--{option.name}: it has no value. Give a {option.name}, or leave it out.")
    return given


audit = typer.Typer(help="Ask the audit who did and read what.", no_args_is_help=True)
app.add_typer(audit, name="audit")
_DAY_HELP = "as 2027-01-31, by the county's clocks"


@audit.command()
def report(
    out_file: Annotated[Path, typer.Option("--out", help="The spreadsheet to make, such as report.xlsx.")],
    case: Annotated[
        str | None, typer.Option("--case", callback=_not_empty, help="Reference of the case that it is about.")
    ] = None,
    person: Annotated[
        str | None,
        typer.Option(
            "--person",
            callback=_not_empty,
            help="Key, as in the county file, of the person who did it, or who it was done to.",
        ),
    ] = None,
    first: Annotated[str | None, typer.Option("--from", help=f"The first day, {_DAY_HELP}.")] = None,
    last: Annotated[str | None, typer.Option("--to", help=f"The last day, {_DAY_HELP}.")] = None,
) -> None:
    """Make a spreadsheet of what the audit says about a case, a person or some days. Making it is audited too."""
    from bot.bootstrap import store_for_a_look  # noqa: PLC0415 - as above
    from bot.documents.audit_report import render_audit_report  # noqa: PLC0415
    from bot.domain.panel_definition import MARKING  # noqa: PLC0415
    from bot.services.county.audit_report import AuditQuestion, report_audit  # noqa: PLC0415

    if out_file.suffix.lower() != ".xlsx":
        raise Misconfigured(f"--out: {out_file} must end in .xlsx, since it is an Excel file.")
    asked = AuditQuestion(case, person, _day_of(first, "--from"), _day_of(last, "--to"))
    try:
        # The file is made before the database is read, for its owner only. An existing file is never overwritten.
        opened = open(out_file, "xb", opener=lambda path, flags: os.open(path, flags, 0o600))  # noqa: SIM115
    except FileExistsError:
        raise Misconfigured(f"{out_file} exists already. Choose another name for the report.") from None
    except OSError as unwritable:
        raise Misconfigured(f"{out_file}: cannot be written ({unwritable.strerror}).") from None
    try:
        with opened:
            with store_for_a_look(read_settings()) as store, store.work() as work:
                found = report_audit(work, asked)
            opened.write(render_audit_report(found.rows, title=found.title, marking=MARKING, made_on=found.made_on))
    except BaseException:
        out_file.unlink()
        raise
    many = f"{len(found.rows)} {'entry' if len(found.rows) == 1 else 'entries'}"
    out.print(f"{many} of the audit in {out_file}. It names people and cases: keep it safe.")


def _day_of(given: str | None, option: str) -> date | None:
    try:
        return None if given is None else date.fromisoformat(given)
    except ValueError:
        raise Misconfigured(f"{option}: {given} is not a day. Write it as 2027-01-31.") from None


def _refuse_unused(*, of_panel: bool, on: bool, period: bool, inspection: bool, trail: bool) -> None:
    """Raise Misconfigured if an option was given that has no effect together with the other options."""
    if on and period:
        raise Misconfigured("--on is one day. Leave out --from and --to, or leave out --on.")
    if not of_panel and (on or period or inspection):
        raise Misconfigured("--on, --from, --to and --inspection go with --panel. Agencies and cases are given whole.")
    if trail and not inspection:
        raise Misconfigured("--trail goes with --inspection. For one child alone, use --case.")


@app.command()
def export(
    out_file: Annotated[Path | None, typer.Option("--out", help="The zip file to make, such as west-2027.zip.")] = None,
    person: Annotated[
        str | None,
        typer.Option(
            "--for", callback=_not_empty, help="Key of the person it is made for. It holds what they may read."
        ),
    ] = None,
    panel: Annotated[
        str | None, typer.Option("--panel", callback=_not_empty, help="Minutes, summaries and actions of this panel.")
    ] = None,
    agency: Annotated[
        str | None, typer.Option("--agency", callback=_not_empty, help="An agency's actions on all panels, by its key.")
    ] = None,
    case: Annotated[
        str | None, typer.Option("--case", callback=_not_empty, help="What minutes say of one child on all panels.")
    ] = None,
    on: Annotated[str | None, typer.Option("--on", help="Only the panel's meeting of this day, as 2027-01-31.")] = None,
    first: Annotated[str | None, typer.Option("--from", help="Only its meetings from this day on.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Only its meetings up to this day.")] = None,
    inspection: Annotated[
        bool, typer.Option("--inspection", help="The children that the panel heard, in place of its papers.")
    ] = False,
    trail: Annotated[
        list[str] | None, typer.Option("--trail", help="With --inspection: all minutes and actions of this child.")
    ] = None,
    verify: Annotated[Path | None, typer.Option("--verify", help="Compare an export with its manifest.")] = None,
) -> None:
    """Export papers as a zip with a manifest, or compare one with its manifest."""
    from rich.progress import Progress  # noqa: PLC0415 - as above

    from bot.bootstrap import store_for_a_look  # noqa: PLC0415
    from bot.export import Asked, plan_export, verify_export, write_export  # noqa: PLC0415
    from bot.services.minutes.exports import Period  # noqa: PLC0415

    if verify is not None:
        if faults := verify_export(verify):
            raise Misconfigured(*faults)
        _say(out, f"✓ {verify}: every file is as it was exported.", "green")
        return
    if out_file is None or person is None:
        raise Misconfigured("Say where the export goes with --out and for which person it is made with --for.")
    if out_file.suffix.lower() != ".zip":
        raise Misconfigured(f"--out: {out_file} must end in .zip, since it is a zip file.")
    if sum(one is not None for one in (panel, agency, case)) != 1:
        raise Misconfigured("Say what to export: one of --panel, --agency and --case.")
    _refuse_unused(
        of_panel=panel is not None, on=bool(on), period=bool(first or last), inspection=inspection, trail=bool(trail)
    )
    begins, ends = _day_of(on or first, "--from"), _day_of(on or last, "--to")
    if begins and ends and ends < begins:
        raise Misconfigured(f"--to: {ends} is before --from, {begins}.")
    period = Period(begins, ends) if begins and ends else None
    if panel is not None and period is None:
        raise Misconfigured("--panel: add --on with the day of a meeting, or --from and --to.")
    asked = Asked(panel, agency, case, period, is_inspection=inspection, trails=tuple(trail or ()))
    signal.signal(signal.SIGTERM, _cancelled)  # as Ctrl-C: what is not finished is removed
    with store_for_a_look(read_settings()) as store:
        found = plan_export(store, person, asked)
        with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
            bar = progress.add_task("Papers", total=len(found.papers))
            count = write_export(
                store, found, out_file, lambda title: progress.update(bar, advance=1, description=title)
            )
    out.print(f"{count} files in {out_file}, with the SHA-256 of each. It names children by reference: keep it safe.")


minutes = typer.Typer(help="Prove approved minutes.", no_args_is_help=True)
app.add_typer(minutes, name="minutes")
minutes.command()(proved_minutes.verify)

templates = typer.Typer(help="Check, preview and start Word templates.", no_args_is_help=True)
app.add_typer(templates, name="templates")
_PAPER_HELP = "agenda, minutes, summary, extract, agency-pack or annex."


@templates.command("check")
def check_one(
    file: Annotated[Path, typer.Argument(help="The Word file, such as minutes.docx.")],
    paper: Annotated[str | None, typer.Option("--paper", help=f"What it is for: {_PAPER_HELP}")] = None,
) -> None:
    """Say what is wrong or doubtful in a template. Without --paper, its name or fields say which paper it is for."""
    from bot.documents.template_kinds import PAPERS, paper_called, remark_template  # noqa: PLC0415 - as above
    from bot.documents.word_template import check_template, kind_of  # noqa: PLC0415

    named = PAPERS.get(file.stem)
    kind = paper_called(paper)[1] if paper else named[1] if named else kind_of(file)
    faults = check_template(file, kind)
    remarks = remark_template(file, kind) if not faults else []
    for remark in remarks:
        _say(out, f"! {remark}", "yellow")
    if faults:
        raise Misconfigured(*faults)
    _say(out, f"✓ {file.name} works as a template of {kind}.", "green")


@templates.command()
def preview(
    paper: Annotated[str, typer.Argument(help=f"Which paper: {_PAPER_HELP}")],
    out_file: Annotated[Path, typer.Option("--out", help="The Word file to make.")],
    template: Annotated[
        Path | None, typer.Option("--template", help="Your own template. The shipped one if left out.")
    ] = None,
) -> None:
    """Fill a template with invented facts, to look at it in Word before a meeting."""
    from bot.documents.template_kinds import preview_paper  # noqa: PLC0415 - as above

    _write_new(out_file, preview_paper(paper, template))


@templates.command()
def new(
    paper: Annotated[str, typer.Argument(help=f"Which paper: {_PAPER_HELP}")],
    out_file: Annotated[Path, typer.Option("--out", help="The template to make, such as minutes.docx.")],
) -> None:
    """Copy the shipped template of a paper, to change it in Word."""
    from bot.documents.template_kinds import new_template  # noqa: PLC0415 - as above

    _write_new(out_file, new_template(paper))


def _write_new(file: Path, content: bytes) -> None:
    """Write a new file. Raise Misconfigured if the file exists already or can't be written."""
    if file.suffix.lower() != ".docx":
        raise Misconfigured(f"--out: {file} must end in .docx, since it is a Word file.")
    try:
        with file.open("xb") as opened:
            opened.write(content)
    except FileExistsError:
        raise Misconfigured(f"{file} exists already. Choose another name.") from None
    except OSError as unwritable:
        raise Misconfigured(f"{file}: cannot be written ({unwritable.strerror}).") from None
    _say(out, f"✓ {file}", "green")


def _cancelled(*_: object) -> None:
    raise KeyboardInterrupt


@app.command("slack-files")
def slack_files(
    case: Annotated[
        str | None,
        typer.Option("--case", callback=_not_empty, help="Only those about the case with this reference."),
    ] = None,
    panel: Annotated[
        str | None, typer.Option("--panel", callback=_not_empty, help="Only those of the panel with this key.")
    ] = None,
    person: Annotated[
        str | None, typer.Option("--person", callback=_not_empty, help="Only those sent to the person with this key.")
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Have Slack remove them now, ahead of their day.")] = False,
) -> None:
    """List the papers that are in Slack as files, by case, panel or person, or have Slack remove them now."""
    from bot.bootstrap import store_for_a_look  # noqa: PLC0415 - as above
    from bot.documents.dates import in_columns  # noqa: PLC0415
    from bot.services.county.slack_files import file_rows, list_slack_files, remove_slack_files  # noqa: PLC0415

    with store_for_a_look(read_settings()) as store, store.work() as work:
        found = list_slack_files(work, case=case, panel=panel, person=person)
        asked, waiting = remove_slack_files(work, case=case, panel=panel, person=person) if remove else (0, 0)
    if not found:
        out.print("No such file is in Slack." if case or panel or person else "No file is in Slack.")
        return
    for line in in_columns(file_rows(found)):
        typer.echo(line)
    if not remove:
        many, them = ("1 file is", "it") if len(found) == 1 else (f"{len(found)} files are", "them")
        out.print(f"{many} in Slack. Add --remove to have Slack remove {them} now.")
        return
    if asked:
        many = "1 file" if asked == 1 else f"{asked} files"
        out.print(f"{many} will be removed as soon as panelbot run is running.")
    if waiting:
        out.print(f"{waiting} {'removal was' if waiting == 1 else 'removals were'} asked for before, not done yet.")


@app.command()
def manifest(
    request_url: Annotated[
        str | None, typer.Option("--request-url", help="The bot's public address, for HTTP instead of Socket Mode.")
    ] = None,
) -> None:
    """Print the Slack app manifest: exactly the scopes, commands, shortcuts and events that the bot uses."""
    from bot.slack import manifest as app_manifest  # noqa: PLC0415 - as above
    from bot.slack.tables import build_registry  # noqa: PLC0415

    typer.echo(json.dumps(app_manifest.manifest(build_registry(), request_url=request_url), indent=2))


DEFAULT_PORT = 3000


def _practise(settings: Settings) -> None:
    from bot.practice.mode import PracticeMode  # noqa: PLC0415

    if settings.panelbot_host not in {"127.0.0.1", "localhost"}:
        raise Misconfigured(
            f"PANELBOT_HOST: practice mode is for this machine only and does not listen on {settings.panelbot_host}. "
            "Unset it, or set Slack's tokens."
        )
    ending = _until_told_to_end()
    with PracticeMode(settings, port=settings.panelbot_port or DEFAULT_PORT) as practice:
        practice.start()
        out.print(
            f"panelbot practises in {practice.county.county.title}, a county that does not exist. "
            f"Open this address in a browser:\n\n  {practice.address}\n\n"
            "Nothing is real and nothing leaves this machine. Ctrl-C ends it."
        )
        ending.wait()


def _say(to: Console, marked: str, colour: str = "") -> None:
    """Print a sentence that begins with a mark such as "✓". `colour` is the colour of the mark.

    In a pipe the sentence is one line. In a terminal the sentence is wrapped at words, and its further lines are
    indented.
    """
    lines = [marked]
    if to.is_terminal:
        lines = wrap(marked, to.width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    said = Text("\n".join(lines))
    if colour:
        said.stylize(colour, 0, 1)
    to.print(said, soft_wrap=True)


def _remark(sentence: str) -> None:
    _say(out, f"! {sentence}", "yellow")


def _until_told_to_end() -> threading.Event:
    ending = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ending.set())
    return ending
