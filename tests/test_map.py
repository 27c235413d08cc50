"""The developers' map in `bot/README.md` is true: what it names is there, and no use case's module is left out."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
MAP = (ROOT / "bot" / "README.md").read_text(encoding="utf-8")
PLACES = re.findall(r"`((?:[\w.]+/)*[\w*]+\.(?:py|toml|md)|(?:\w+/)+)(?::[^`]*)?`", MAP)


def _is_there(place: str) -> bool:
    """Return whether a place is there from the top or from `bot/`.

    A name without a folder may stand anywhere below `bot/`.
    """
    by_name = (ROOT / "bot").rglob(place.rstrip("/")) if "/" not in place.rstrip("/") else iter(())
    return any(next(found, None) is not None for found in (ROOT.glob(place), (ROOT / "bot").glob(place), by_name))


def test_every_file_and_folder_that_the_map_names_is_there() -> None:
    assert len(PLACES) > 150
    assert [place for place in PLACES if not _is_there(place)] == []


def test_the_map_names_every_module_of_the_use_cases() -> None:
    modules = [file for file in (ROOT / "bot" / "services").glob("*/*.py") if file.name != "__init__.py"]
    rows = {row.split("|")[1].strip(): row for row in MAP.splitlines() if row.startswith("| ")}
    assert [
        str(file.relative_to(ROOT)) for file in modules if f"{file.name}`" not in rows.get(file.parent.name, "")
    ] == []
