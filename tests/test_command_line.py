"""The command line on a machine where something is wrong: sentences, exit status 1, and nothing made by a look."""

import os
import shutil
import socket
import stat
import subprocess
import sys
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import text
from sqlmodel import Session

from bot.documents.word_template import TEMPLATES
from bot.errors import Misconfigured
from bot.health import look
from bot.practice.mode import PracticeMode
from bot.settings import Settings, read_settings
from bot.store.audit import Entry, take_turn, write_entries
from bot.store.engine import create_store_engine
from bot.store.key_ring import KeyRing
from bot.store.master_key import KeySource, find_master_key, read_claim
from bot.store.schema import CURRENT
from tests.databases import changing
from tests.documents.test_county_file import COUNTY as SMALL_COUNTY
from tests.documents.word_files import template, texts
from tests.ports import free_port
from tests.processes import run_panelbot

pytestmark = pytest.mark.slow  # each starts a process of its own, or looks through every template

COUNTY = '[county]\nkey = "demo"\ntitle = "Demo"\ntimezone = "Europe/London"\nteam = "T0DEMO"\n'
PANEL = """
[[areas]]
key = "shire"
name = "Shire"
kind = "county"

[[panels]]
key = "centre"
title = "Town Centre"
definition = "{definition}"
area = "shire"
"""
COUNTY_PANEL = """
[[areas]]
key = "demo"
name = "Demo"
kind = "county"

[[panels]]
key = "demo"
title = "Demo MET"
definition = "county-operational-met"
area = "demo"
rule = "25 December at 10:00"
"""
UNREACHABLE = "postgresql://nobody@127.0.0.1:1/nothing"


def panelbot(*words: str, folder: Path, **settings: str) -> tuple[int, str]:
    """Run a command. Return its exit status and all that it printed."""
    return run_panelbot(words, {"PATH": os.environ["PATH"], "PANELBOT_DATA_DIR": str(folder), **settings})


def panelbot_on_a_terminal(*words: str, folder: Path, columns: int, **settings: str) -> str:
    """Return what a command prints on a terminal of that width, which a process sees when it begins."""
    terminal = {"TTY_COMPATIBLE": "1", "NO_COLOR": "1", "COLUMNS": str(columns)}
    ended = subprocess.run(
        [sys.executable, "-m", "bot", *words],
        env={"PATH": os.environ["PATH"], "PANELBOT_DATA_DIR": str(folder), **terminal, **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    return ended.stdout + ended.stderr


def a_county(folder: Path, content: bytes = COUNTY.encode()) -> str:
    """Return a county file with this in it."""
    file = folder / "county.toml"
    file.write_bytes(content)
    return str(file)


@pytest.mark.parametrize("port", ["0", "65536", "-1", "x"])
def test_a_port_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("PANELBOT_PORT", port)
    with pytest.raises(Misconfigured, match=r"^PANELBOT_PORT: it must be a whole number from 1 to 65535\.$"):
        read_settings()


def test_a_county_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    county = a_county(tmp_path, b"\xef\xbb\xbf" + COUNTY.encode())
    assert panelbot("apply", county, folder=tmp_path / "data")[0] == 0


def test_what_is_wrong_only_with_what_is_there_already_is_told_with_the_file(tmp_path: Path) -> None:
    diary = 'rule = "second Tuesday of the month at 14:00"\nstarts_on = 2026-12-01\ncount = 6\n'
    text = SMALL_COUNTY.replace(diary, "")
    assert panelbot("apply", a_county(tmp_path, text.encode()), folder=tmp_path) == (
        1,
        f"! A new master key was made: {tmp_path / 'master.key'}. Keep a copy of it with your secrets, away from the "
        "backups of the database. Without it, no record can be read.\n"
        "✗ county.toml: cases: SAMPLE-0001 is flagged to north, which has no meeting in its diary.\n",
    )


@pytest.mark.parametrize("command", ["apply", "run", "check"])
def test_a_database_that_cannot_be_reached_is_a_sentence(tmp_path: Path, command: str) -> None:
    words = [command, a_county(tmp_path)] if command == "apply" else [command]
    slack = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"} if command == "run" else {}
    status, said = panelbot(*words, folder=tmp_path, PANELBOT_DATABASE_URL=UNREACHABLE, **slack)
    assert status == 1
    assert "database" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("command", ["apply", "check"])
def test_a_data_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path, command: str) -> None:
    (tmp_path / "file").write_text("in the way")
    words = [command, a_county(tmp_path)] if command == "apply" else [command]
    status, said = panelbot(*words, folder=tmp_path / "file" / "data")
    assert status == 1
    assert "cannot be written" in said
    assert "Traceback" not in said


def test_slack_out_of_reach_over_http_is_one_sentence(tmp_path: Path) -> None:
    status, said = panelbot(
        "run",
        folder=tmp_path,
        SLACK_BOT_TOKEN="xoxb-1",
        SLACK_SIGNING_SECRET="secret",
        SLACK_API_URL="http://127.0.0.1:1/",
        PANELBOT_PORT=str(free_port()),
    )
    assert status == 1
    assert "Can't reach Slack at http://127.0.0.1:1/. Check this machine's network and proxy, then try again.\n" in said
    assert "Traceback" not in said
    assert "orker" not in said


def test_check_with_a_file_names_the_command_that_checks_it(tmp_path: Path) -> None:
    assert panelbot("check", "our county.toml", folder=tmp_path) == (
        1,
        "✗ check takes no file. To check the county file: panelbot apply 'our county.toml' --dry-run\n",
    )


def test_check_names_the_database_without_its_password(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    panelbot("apply", a_county(tmp_path), folder=folder)
    said = panelbot("check", folder=folder)[1]
    assert f"✓ The SQLite database {folder / 'panelbot.db'} has the schema of this version ({CURRENT}).\n" in said
    away = panelbot("check", folder=folder, PANELBOT_DATABASE_URL="postgresql://kim:secret@127.0.0.1:1/met")[1]
    assert (
        "✗ The PostgreSQL database met on 127.0.0.1:1 does not answer (OperationalError). Check that its server runs, "
        "and PANELBOT_DATABASE_URL.\n"
    ) in away
    assert "secret" not in away


def test_a_port_that_is_taken_is_named_with_the_command_for_another(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        other = port + 1 if port < 60_000 else 3000
        assert panelbot("run", folder=tmp_path, PANELBOT_PORT=str(port)) == (
            1,
            f"✗ Port {port} is in use. To use another one, type: PANELBOT_PORT={other} make run\n",
        )
        slack = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "secret"}
        assert panelbot("run", folder=tmp_path, PANELBOT_PORT=str(port), **slack)[1].splitlines()[-1] == (
            f"✗ Can't listen on 127.0.0.1:{port} (Address already in use). Set PANELBOT_PORT to a free port, and "
            "PANELBOT_HOST to an address of this machine."
        )


def test_a_look_makes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    found = list(look(Settings(panelbot_data_dir=folder)))
    assert not any(finding.is_fault for finding in found)
    assert not folder.exists()


@pytest.mark.parametrize("there", ["nothing", "an empty file"])
def test_a_look_at_a_first_county_file_leaves_nothing(tmp_path: Path, there: str) -> None:
    folder = tmp_path / "data"
    if there == "an empty file":
        folder.mkdir()
        (folder / "panelbot.db").touch()
    before = sorted(folder.glob("*"))
    county = a_county(tmp_path, (COUNTY + COUNTY_PANEL).encode())
    status, said = panelbot("apply", county, "--dry-run", folder=folder, TMPDIR=str(tmp_path))
    assert (status, said.splitlines()[0], said.splitlines()[-1]) == (
        0,
        "+ area demo",
        "3 changes to make; nothing was changed (--dry-run).",
    )
    assert (folder.exists(), sorted(folder.glob("*"))) == (there != "nothing", before)
    assert not any(file.stat().st_size for file in before)
    assert sorted(entry.name for entry in tmp_path.iterdir() if entry.name != "data") == ["county.toml"]


def test_a_look_at_what_would_change_takes_the_database_as_it_is(tmp_path: Path) -> None:
    county = a_county(tmp_path)
    panelbot("apply", county, folder=tmp_path)
    again = panelbot("apply", county, "--dry-run", folder=tmp_path)
    assert again == (0, "Nothing to change: everything is as the file says.\n")
    key = tmp_path / "master.key"
    key.unlink()
    assert panelbot("apply", county, "--dry-run", folder=tmp_path) == (
        1,
        f"✗ The database is there, but not the master key that opens it. {key} is missing, and neither "
        "PANELBOT_MASTER_KEY nor PANELBOT_MASTER_KEY_COMMAND is set. Put the key back. Nothing was changed.\n",
    )
    assert not key.exists()
    with changing(f"sqlite:///{tmp_path / 'panelbot.db'}") as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    assert panelbot("apply", county, "--dry-run", folder=tmp_path) == (
        1,
        "✗ The database has the schema 0001, not this version's; panelbot run migrates it.\n",
    )


@pytest.mark.parametrize("command", ["check", "apply"])
def test_a_long_sentence_is_broken_at_words_on_a_terminal_and_whole_in_a_pipe(tmp_path: Path, command: str) -> None:
    (tmp_path / "agendas" / "x.toml").mkdir(parents=True)
    words = [command, a_county(tmp_path)] if command == "apply" else [command]
    own = {"PANELBOT_AGENDAS_DIR": str(tmp_path / "agendas")}
    whole = "✗ x.toml: cannot be read as a panel definition (it is a folder)"
    broken = "✗ x.toml: cannot be read as a panel\n  definition (it is a folder)\n"
    assert whole in panelbot(*words, folder=tmp_path / "data", **own)[1].splitlines()
    assert broken in panelbot_on_a_terminal(*words, folder=tmp_path / "data", columns=40, **own)


def test_a_remark_of_apply_is_broken_at_words_on_a_terminal(tmp_path: Path) -> None:
    county = a_county(tmp_path, (COUNTY + COUNTY_PANEL).encode())
    panelbot("apply", county, folder=tmp_path)
    assert panelbot_on_a_terminal("apply", county, folder=tmp_path, columns=30).splitlines()[:3] == [
        "! panel demo has no chair:",
        "  nobody can triage its flags",
        "  or approve its minutes",
    ]


def test_a_database_without_its_key_is_a_fault(tmp_path: Path) -> None:
    panelbot("apply", a_county(tmp_path), folder=tmp_path)
    (tmp_path / "master.key").unlink()
    faults = [finding.sentence for finding in look(Settings(panelbot_data_dir=tmp_path)) if finding.is_fault]
    assert len(faults) == 1
    assert "not the master key that opens it" in faults[0]


def test_a_look_follows_the_audit(tmp_path: Path) -> None:
    panelbot("apply", a_county(tmp_path), folder=tmp_path)
    settings = Settings(panelbot_data_dir=tmp_path)
    engine = create_store_engine(settings.database_url)

    def said() -> list[tuple[str, bool]]:
        return [(found.sentence, found.is_fault) for found in look(settings) if "The audit" in found.sentence]

    keys = KeyRing(find_master_key(KeySource.of(settings), read_claim(engine)))
    with Session(engine) as session:
        entries = [Entry(None, "read", "case", 1), Entry(None, "read", "case", 2)]
        connection = session.connection()
        write_entries(connection, keys, take_turn(connection), entries, datetime(2026, 3, 2, tzinfo=UTC))
        session.commit()
        digest = session.execute(text("SELECT digest FROM audit_entry WHERE id = 2")).scalar_one()
    head = (
        f"The audit's last entry is 2, digest {digest[:12]}. Note both where this server's administrators can't change "
        "them, such as with your data-protection officer. They prove later that no entry was cut off.",
        False,
    )
    assert said() == [("The audit is whole: 2 entries, no checkpoint yet.", False), head]
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER audit_entry_refuses_update"))
        connection.execute(text("UPDATE audit_entry SET outcome = 'refused' WHERE id = 1"))
    fault = (
        "The audit is broken at entry 1: it was changed, added or removed behind the bot's back. Keep a copy of the "
        "database and its log, tell your data-protection officer, and compare your backups."
    )
    assert said() == [(fault, True), head]
    engine.dispose()


def test_a_panel_whose_definition_has_gone_is_named_with_what_to_do(tmp_path: Path) -> None:
    agendas = tmp_path / "agendas"
    agendas.mkdir()
    mase = files("agendas").joinpath("mase.toml").read_text(encoding="utf-8")
    (agendas / "ours.toml").write_text(mase.replace('key = "mase"', 'key = "town-centre"'), encoding="utf-8")
    county = a_county(tmp_path, (COUNTY + PANEL.format(definition="town-centre")).encode())
    assert panelbot("apply", county, folder=tmp_path, PANELBOT_AGENDAS_DIR=str(agendas))[0] == 0
    settings = Settings(panelbot_data_dir=tmp_path, panelbot_agendas_dir=agendas)
    assert [finding for finding in look(settings) if finding.is_fault] == []

    (agendas / "ours.toml").write_text(mase.replace('key = "mase"', 'key = "town-center"'), encoding="utf-8")
    assert [finding.sentence for finding in look(settings) if finding.is_fault] == [
        'The panel Town Centre (centre) stands still: no panel definition has the key "town-centre"; did you mean '
        f'"town-center"? Put the file that has it back into {agendas}. Or give the panel another definition in the '
        "county file and apply it."
    ]
    assert [finding.sentence for finding in look(Settings(panelbot_data_dir=tmp_path)) if finding.is_fault] == [
        'The panel Town Centre (centre) stands still: no panel definition has the key "town-centre". Put the file that '
        "has it back into the folder that PANELBOT_AGENDAS_DIR is to name (it is not set). Or give the panel another "
        "definition in the county file and apply it."
    ]
    county = a_county(tmp_path, (COUNTY + PANEL.format(definition="mase")).encode())
    assert panelbot("apply", county, folder=tmp_path)[0] == 0
    assert [finding for finding in look(Settings(panelbot_data_dir=tmp_path)) if finding.is_fault] == []


def test_a_diary_that_runs_dry_is_a_fault(tmp_path: Path) -> None:
    panelbot("apply", a_county(tmp_path, (COUNTY + COUNTY_PANEL).encode()), folder=tmp_path)
    settings = Settings(panelbot_data_dir=tmp_path)

    def faults() -> list[str]:
        return [found.sentence for found in look(settings) if found.is_fault]

    assert faults() == []
    with changing(settings.database_url) as connection:
        connection.execute(text("DELETE FROM meeting"))
        connection.execute(text("UPDATE panel SET bank_holidays = 'skip'"))
        connection.execute(text("UPDATE series SET rule = '25th of December'"))
    assert faults() == [
        'The diary of Demo MET is not filled any further (series 1): "25th of December" gives no meeting: each of '
        "its days is a bank holiday or at a weekend, and this panel leaves those out; choose another day, or another "
        "rule for bank holidays."
    ]


def test_folders_of_ones_own_are_looked_through(tmp_path: Path) -> None:
    agendas, templates = tmp_path / "agendas", tmp_path / "templates"
    settings = Settings(
        panelbot_data_dir=tmp_path / "data", panelbot_agendas_dir=agendas, panelbot_templates_dir=templates
    )
    faults = [finding.sentence for finding in look(settings) if finding.is_fault]
    assert faults == [
        f"{agendas}: this folder of panel definitions does not exist; make it, or unset PANELBOT_AGENDAS_DIR",
        f"PANELBOT_TEMPLATES_DIR: {templates} is not a folder. Make it, or unset the variable.",
    ]
    agendas.mkdir()
    templates.mkdir()
    (agendas / "x.TOML").write_text("")
    shutil.copy(str(files("minutes_templates").joinpath("minutes.docx")), templates / "Mase-Minutes.docx")
    shutil.copy(str(files("minutes_templates").joinpath("minutes.docx")), templates / "mase-minutes.docx")
    found = list(look(settings))
    kinds = ("county", "district", "mase", "plan", "risk-group", "strategy")
    used = ", ".join(
        sorted([*TEMPLATES, *(f"{kind}-{paper}.docx" for kind in kinds for paper in ("agenda", "minutes"))])
    )
    assert not any(finding.is_fault for finding in found)
    assert [finding.sentence for finding in found if finding.is_doubtful] == [
        f"{agendas / 'x.TOML'} is not used by any panel definition; used are names that end with .toml.",
        f"{templates / 'Mase-Minutes.docx'} is not used by any panel definition; used are {used}.",
    ]


def test_a_template_that_is_not_there_is_a_fault_with_the_nearest_one(tmp_path: Path) -> None:
    mase = files("agendas").joinpath("mase.toml").read_text(encoding="utf-8")
    agendas = tmp_path / "agendas"
    agendas.mkdir()
    settings = Settings(panelbot_data_dir=tmp_path / "data", panelbot_agendas_dir=agendas)
    (agendas / "mase.toml").write_text(mase.replace("mase-minutes.docx", "mase-minute.docx"), encoding="utf-8")
    assert [finding.sentence for finding in look(settings) if finding.is_fault] == [
        "mase.toml: line 27, minutes_template: the template mase-minute.docx is not shipped"
        '; did you mean "mase-minutes.docx"?'
    ]
    (agendas / "mase.toml").write_text(mase.replace("mase-minutes.docx", "mase-agenda.docx"), encoding="utf-8")
    (agendas / "ours.toml").write_text("key =", encoding="utf-8")  # what is wrong here hides nothing there
    faults = [finding.sentence for finding in look(settings) if finding.is_fault]
    assert faults[0].startswith("ours.toml: line 1: ")
    assert faults[1] == ("mase-agenda.docx, paragraph 2: the field `agenda` does not exist")


@pytest.mark.parametrize("command", ["apply", "check", "dates"])
def test_a_folder_with_the_name_of_a_definition_is_a_sentence(tmp_path: Path, command: str) -> None:
    (tmp_path / "agendas" / "x.toml").mkdir(parents=True)
    words = {"apply": ["apply", a_county(tmp_path)], "check": ["check"], "dates": ["dates", "every Tuesday"]}[command]
    status, said = panelbot(*words, folder=tmp_path, PANELBOT_AGENDAS_DIR=str(tmp_path / "agendas"))
    assert status == 1
    assert "✗ x.toml: cannot be read as a panel definition (it is a folder)\n" in said
    assert "Traceback" not in said


def test_a_kind_whose_own_file_is_broken_is_not_counted_as_sound(tmp_path: Path) -> None:
    mase = files("agendas").joinpath("mase.toml").read_text(encoding="utf-8")
    settings = Settings(panelbot_data_dir=tmp_path / "data", panelbot_agendas_dir=tmp_path)
    shipped = [said.sentence for said in look(settings) if "definitions are sound" in said.sentence]
    without = shipped[0].replace("6 panel", "5 panel").replace(", Multi-Agency Sexual Exploitation panel", "")
    assert len(without) < len(shipped[0])
    for name, content in (("mase.toml", "key ="), ("ours.toml", mase.replace("duration = 120", "duration = 0"))):
        file = tmp_path / name
        file.write_text(content, encoding="utf-8")
        found = list(look(settings))
        assert [said.sentence.partition(":")[0] for said in found if said.is_fault] == [name]
        assert [said.sentence for said in found if "definitions are sound" in said.sentence] == [without]
        file.unlink()


def test_headings_that_take_longer_than_the_meeting_are_something_to_look_at(tmp_path: Path) -> None:
    mase = files("agendas").joinpath("mase.toml").read_text(encoding="utf-8")
    (tmp_path / "mase.toml").write_text(mase.replace("duration = 120", "duration = 30"), encoding="utf-8")
    status, said = panelbot("check", folder=tmp_path / "data", PANELBOT_AGENDAS_DIR=str(tmp_path))
    assert status == 0
    assert (
        "! mase.toml: line 7, duration: the meeting is booked for 30 minutes, and the headings that hold no cases take "
        "90 already.\n"
    ) in said


def test_a_new_database_file_is_its_owners(tmp_path: Path) -> None:
    file = tmp_path / "new" / "panelbot.db"
    engine = create_store_engine(f"sqlite:///{file}")
    assert not file.exists()
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE one (id INTEGER)"))
    engine.dispose()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_the_data_folder_of_practice_mode_is_its_owners() -> None:
    with PracticeMode(Settings()) as practice:
        folder = Path(str(practice.store.engine.url.database)).parent
        assert [at.stat().st_mode & 0o777 for at in (folder, folder.parent)] == [0o700, 0o700]


def test_a_data_folder_that_others_can_enter_is_something_to_look_at(tmp_path: Path) -> None:
    folder = tmp_path / "our data"
    folder.mkdir(mode=0o755)
    told = (
        f"Other accounts on this machine can enter {folder}, the bot's data folder. To keep them out: "
        f"chmod 700 '{folder}'"
    )

    def doubts() -> list[str]:
        return [found.sentence for found in look(Settings(panelbot_data_dir=folder)) if found.is_doubtful]

    assert doubts() == [told]
    assert f"! {told}\n" in panelbot("check", folder=folder)[1]
    folder.chmod(0o700)
    assert doubts() == []


def test_dates_point_at_the_word_that_is_not_known(tmp_path: Path) -> None:
    assert panelbot("dates", "every other Threesday at 9.30", folder=tmp_path) == (
        2,
        '✗ I don\'t understand "Threesday" in "every other Threesday at 9.30"; try "every other Thursday at 09:30".\n'
        "    every other Threesday at 9.30\n"
        "                ^^^^^^^^^\n",
    )
    status, said = panelbot("dates", "every Tuesday", "--from", "2027-01-01", "--count", "1", folder=tmp_path)
    assert status == 0
    assert said.splitlines()[5].startswith("Tue  5 Jan 2027, 14:00  Thu 10 Dec  Thu 17 Dec")
    assert not list(tmp_path.iterdir())


def _in_an_audit(folder: Path) -> None:
    """Apply a county with people and a case."""
    assert panelbot("apply", a_county(folder, SMALL_COUNTY.encode()), folder=folder)[0] == 0


def test_a_report_on_a_case_is_a_file_for_its_owner_alone(tmp_path: Path) -> None:
    _in_an_audit(tmp_path)
    out = tmp_path / "report.xlsx"
    words = ("audit", "report", "--case", "sample-0001", "--out", str(out))
    assert panelbot(*words, folder=tmp_path) == (
        0,
        f"1 entry of the audit in {out}. It names people and cases: keep it safe.\n",
    )
    sheet = load_workbook(out).active
    assert (sheet["A1"].value, sheet["E4"].value, sheet["H4"].value) == (
        "Audit: case SAMPLE-0001",
        "Flag case",
        "SAMPLE-0001",
    )
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    # It is there already, and is not overwritten; that the first was made stands in the second.
    before = out.read_bytes()
    assert panelbot(*words, folder=tmp_path) == (
        1,
        f"✗ {out} exists already. Choose another name for the report.\n",
    )
    assert out.read_bytes() == before
    second = tmp_path / "second.xlsx"
    words = ("audit", "report", "--from", "2026-01-01", "--to", "2126-12-31", "--out", str(second))
    assert panelbot(*words, folder=tmp_path)[0] == 0
    said = [[cell.value for cell in row] for row in load_workbook(second).active.iter_rows(min_row=4)]
    assert [(row[2], row[4], row[7]) for row in said if "person" not in row[4] and "membership" not in row[4]] == [
        ("panelbot", "Flag case", "SAMPLE-0001"),
        ("panelbot", "Apply county", ""),
        ("panelbot", "Report case", "SAMPLE-0001"),
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Say what the report is about: --case, --person, or --from and --to."),
        (("--case", "SAMPLE-9"), "--case: there is no case SAMPLE-9. Give its reference as it is on the agenda."),
        (("--person", "sam"), "--person: nobody has the key sam. Give the key that the county file has for them."),
        (("--case", ""), "--case: it has no value. Give a case, or leave it out."),
        (
            ("--from", "2026-03-01", "--person", " "),
            "--person: it has no value. Give a person, or leave it out.",
        ),
        (("--from", "2 March"), "--from: 2 March is not a day. Write it as 2027-01-31."),
        (("--from", "2026-03-02", "--to", "2026-03-01"), "--to: 2026-03-01 is before --from, 2026-03-02."),
    ],
)
def test_a_report_that_cannot_be_made_is_a_sentence_and_leaves_no_file(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    _in_an_audit(tmp_path)
    out = tmp_path / "report.xlsx"
    assert panelbot("audit", "report", *words, "--out", str(out), folder=tmp_path) == (1, f"✗ {said}\n")
    assert not out.exists()


def test_a_report_is_an_excel_file_by_its_name(tmp_path: Path) -> None:
    _in_an_audit(tmp_path)
    out = tmp_path / "report.csv"
    assert panelbot("audit", "report", "--case", "SAMPLE-0001", "--out", str(out), folder=tmp_path) == (
        1,
        f"✗ --out: {out} must end in .xlsx, since it is an Excel file.\n",
    )
    assert not out.exists()


def test_a_report_of_no_database_makes_neither_database_nor_file(tmp_path: Path) -> None:
    folder, out = tmp_path / "data", tmp_path / "report.xlsx"
    status, said = panelbot("audit", "report", "--from", "2026-03-01", "--out", str(out), folder=folder)
    assert (status, said) == (
        1,
        "✗ The audit of this database is empty. Is it the right database? `panelbot check` names it.\n",
    )
    assert not out.exists()
    assert not folder.exists()
    away = tmp_path / "nowhere" / "report.xlsx"
    assert panelbot("audit", "report", "--case", "X1", "--out", str(away), folder=folder) == (
        1,
        f"✗ {away}: cannot be written (No such file or directory).\n",
    )


def _with_a_file(folder: Path) -> None:
    """Make a database of the small county, with one file that was sent to Amy."""
    assert panelbot("apply", a_county(folder, SMALL_COUNTY.encode()), folder=folder)[0] == 0
    sent = (
        "INSERT INTO slack_file (slack_id, kind, person_id, channel_id, panel_id, sent_at, arrived_at, remove_after) "
        "VALUES ('F1', 'minutes_file', 1, 'D1', 1, '2026-12-01 10:00:00', '2026-12-01 10:00:00', '2026-12-15 10:00:00')"
    )
    with changing(f"sqlite:///{folder / 'panelbot.db'}") as connection:
        connection.execute(text(sent))


def test_files_in_slack_are_listed_and_their_removal_is_asked_for_once(tmp_path: Path) -> None:
    _with_a_file(tmp_path)
    table = "sent            to          paper    panel      cases  leaves Slack\n"
    row = "Tue 1 Dec 2026  Amy Sample  minutes  North MET         "
    listed = f"{table}{row}Tue 15 Dec 2026\n1 file is in Slack. Add --remove to have Slack remove it now.\n"
    assert panelbot("slack-files", folder=tmp_path) == (0, listed)
    assert panelbot("slack-files", "--panel", "north", "--person", "amy-police", folder=tmp_path) == (0, listed)
    assert panelbot("slack-files", "--person", "bo-police", folder=tmp_path) == (0, "No such file is in Slack.\n")
    assert panelbot("slack-files", "--remove", folder=tmp_path) == (
        0,
        f"{table}{row}Tue 15 Dec 2026\n1 file will be removed as soon as panelbot run is running.\n",
    )
    assert panelbot("slack-files", "--remove", folder=tmp_path) == (
        0,
        f"{table}{row}removal asked for\n1 removal was asked for before, not done yet.\n",
    )


def test_files_in_slack_of_a_case_that_nobody_flagged_are_refused(tmp_path: Path) -> None:
    _with_a_file(tmp_path)
    assert panelbot("slack-files", "--case", "SAMPLE-0404", "--remove", folder=tmp_path) == (
        1,
        "✗ There is no case SAMPLE-0404.\n",
    )


def test_files_in_slack_of_an_empty_panel_are_not_all_of_them(tmp_path: Path) -> None:
    _with_a_file(tmp_path)
    assert panelbot("slack-files", "--panel", "", "--remove", folder=tmp_path) == (
        1,
        "✗ --panel: it has no value. Give a panel, or leave it out.\n",
    )


@pytest.mark.parametrize("words", [(), ("--remove",), ("--case", "SAMPLE-0001", "--remove")])
def test_files_in_slack_of_no_database_are_refused_and_nothing_is_made(tmp_path: Path, words: tuple[str, ...]) -> None:
    folder = tmp_path / "mistyped"
    assert panelbot("slack-files", *words, folder=folder) == (
        1,
        "✗ The audit of this database is empty. Is it the right database? `panelbot check` names it.\n",
    )
    assert not folder.exists()


_OF_WEST = ("--out", "a.zip", "--for", "x", "--panel", "west")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Say where the export goes with --out and for which person it is made with --for."),
        (("--out", "a.zip"), "Say where the export goes with --out and for which person it is made with --for."),
        (("--out", "a.docx", "--for", "x"), "--out: a.docx must end in .zip, since it is a zip file."),
        (("--out", "a.zip", "--for", "x"), "Say what to export: one of --panel, --agency and --case."),
        (
            ("--out", "a.zip", "--for", "x", "--panel", "west"),
            "--panel: add --on with the day of a meeting, or --from and --to.",
        ),
        (
            ("--out", "a.zip", "--for", "x", "--panel", "west", "--from", "2026-02-01", "--to", "2026-01-01"),
            "--to: 2026-01-01 is before --from, 2026-02-01.",
        ),
        (
            ("--out", "a.zip", "--for", "x", "--case", "WEST-0001"),
            "--for: nobody with the key x is enrolled. Give the key that the county file has.",
        ),
        (
            (*_OF_WEST, "--on", "2026-02-01", "--from", "2026-01-01"),
            "--on is one day. Leave out --from and --to, or leave out --on.",
        ),
        (
            ("--out", "a.zip", "--for", "x", "--case", "WEST-0001", "--from", "2026-01-01"),
            "--on, --from, --to and --inspection go with --panel. Agencies and cases are given whole.",
        ),
        (
            (*_OF_WEST, "--on", "2026-02-01", "--trail", "WEST-0001"),
            "--trail goes with --inspection. For one child alone, use --case.",
        ),
        (("--verify", "a.zip"), "a.zip: cannot be read (No such file or directory)."),
    ],
)
def test_an_export_that_is_not_to_be_made_says_why(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    assert panelbot("export", *words, folder=tmp_path) == (1, f"✗ {said}\n")
    assert not list(tmp_path.glob("*.zip*"))


def test_a_template_is_begun_changed_checked_and_looked_at(tmp_path: Path) -> None:
    ours, seen = tmp_path / "minutes.docx", tmp_path / "seen.docx"
    assert panelbot("templates", "new", "minutes", "--out", str(ours), folder=tmp_path) == (0, f"✓ {ours}\n")
    assert panelbot("templates", "new", "minutes", "--out", str(ours), folder=tmp_path) == (
        1,
        f"✗ {ours} exists already. Choose another name.\n",
    )
    assert panelbot("templates", "check", str(ours), folder=tmp_path) == (
        0,
        "✓ minutes.docx works as a template of minutes.\n",
    )
    asked = ("templates", "preview", "minutes", "--template", str(ours), "--out", str(seen))
    assert panelbot(*asked, folder=tmp_path) == (0, f"✓ {seen}\n")
    assert texts(seen.read_bytes())[0] == "Example: minutes"
    ours.write_bytes(template("{{ panel.title }}", "{{ panel.titel }}"))
    assert panelbot("templates", "check", str(ours), folder=tmp_path) == (
        1,
        "✗ minutes.docx, paragraph 2: the field `panel.titel` does not exist; did you mean `panel.title`?\n",
    )
    ours.write_bytes(template("{{ panel.title }}", header="{{ panel.marking }}"))
    status, said = panelbot("templates", "check", str(ours), folder=tmp_path)
    assert (status, said.splitlines()) == (
        0,
        [
            "! minutes.docx: prints no items: no loop goes through `items`",
            "! minutes.docx: prints no actions: no loop goes through `actions`",
            "✓ minutes.docx works as a template of minutes.",
        ],
    )
    letter = ("templates", "new", "letter", "--out", str(tmp_path / "letter.docx"))
    assert panelbot(*letter, folder=tmp_path)[1].startswith("✗ letter: there is no such paper. There are agency-pack, ")
