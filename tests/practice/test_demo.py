"""`panelbot demo`: the whole cycle of the sample county plays to its end, and leaves its three documents."""

from io import StringIO
from pathlib import Path

from rich.console import Console

from bot.practice.demo import play
from bot.settings import Settings
from tests.documents.word_files import texts


def test_the_demo_plays_to_its_end_in_whole_lines_and_leaves_three_documents(tmp_path: Path) -> None:
    told = StringIO()
    play(Settings(panelbot_data_dir=tmp_path / "data"), tmp_path / "out", Console(file=told, width=80, soft_wrap=True))
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["actions.xlsx", "agenda.docx", "minutes.docx"]
    lines = told.getvalue().splitlines()
    assert "The papers of this cycle" in told.getvalue()
    assert (
        "   │ Harrowmere District Operational MET: Tue 7 Apr 2026, 14:00 to 16:00, Harrowmere council offices, "
        "committee room."
    ) in lines
    assert [line for line in lines if line != line.rstrip()] == []
    minutes = " ".join(texts((tmp_path / "out" / "minutes.docx").read_bytes()))
    assert "The route to school has changed twice" in minutes
    assert "One alias, HM-4, was named by police" in minutes
