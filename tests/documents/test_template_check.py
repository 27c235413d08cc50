"""The shipped templates work, and a template that will not work says so before the meeting."""

from pathlib import Path

import pytest

from bot.documents.word_template import check_template
from tests.documents.word_files import audit, opened, template

#: Each template is rendered in a process of its own.
pytestmark = pytest.mark.slow

SHIPPED = Path(__file__).parents[2] / "minutes_templates"


@pytest.mark.parametrize("name", ["agenda", "minutes"])
def test_shipped_templates_have_no_fault(name: str) -> None:
    path = SHIPPED / f"{name}.docx"
    assert (check_template(path), check_template(path, "agenda" if name == "agenda" else "minutes")) == ([], [])


@pytest.mark.parametrize("name", ["agenda.docx", "minutes.docx"])
def test_shipped_templates_are_sound_word_files_that_people_can_edit(name: str) -> None:
    content = (SHIPPED / name).read_bytes()
    assert audit(content) == []
    document = opened(content)
    # A tag cut into several runs still works, but falls apart when a person edits it.
    tags = [run.text for paragraph in document.paragraphs for run in paragraph.runs if "{" in run.text]
    assert [text for text in tags if text.count("{") != text.count("}")] == []


def checked(tmp_path: Path, *paragraphs: str) -> list[str]:
    path = tmp_path / "ours.docx"
    path.write_bytes(template(*paragraphs))
    return check_template(path, "minutes")


def test_every_fault_is_told_at_once_where_it_stands(tmp_path: Path) -> None:
    assert checked(
        tmp_path,
        "{{ panel.titel }} and {{ panel.chair }}",
        "{%p for item in items %}",
        "{{ item.nummer }}",
        "{%p if item.case %}",
        "{{ item.case.themes }} {{ item.case.risc }}",
        "{%p endif %}",
        "{{ item.actions.due }}",
        "{%p for action in item.actions %}",
        "{{ action.text.wording }} {{ loop.index }}",
        "{%p endfor %}",
        "{%p endfor %}",
        "{{ item.number }}",
        "{{ amendment }}",
    ) == [
        "ours.docx, paragraph 1: the field `panel.titel` does not exist; did you mean `panel.title`?",
        "ours.docx, paragraph 3: the field `item.nummer` does not exist; did you mean `item.number`?",
        "ours.docx, paragraph 5: the field `item.case.risc` does not exist; did you mean `item.case.risk`?",
        "ours.docx, paragraph 7: `item.actions` is a list; take its entries one by one in a loop",
        "ours.docx, paragraph 9: `action.text` is a single field and has no `wording`",
        "ours.docx, paragraph 12: `item` is known only inside its loop: `{%p for item in items %}` … `{%p endfor %}`",
        "ours.docx, paragraph 13: `amendment` is known only inside its loop: "
        "`{%p for amendment in amendments %}` … `{%p endfor %}`",
    ]


def test_what_works_only_for_a_full_meeting_is_found_with_an_empty_one(tmp_path: Path) -> None:
    told = checked(tmp_path, "{%p for item in items %}", "{{ item.case.themes }}", "{%p endfor %}")
    assert told == ["ours.docx, paragraph 2: `themes` is asked of something that may be empty; put an if around it"]


def test_an_unclosed_tag_is_told(tmp_path: Path) -> None:
    (told,) = checked(tmp_path, "{%p for item in items %}", "{{ item.title }}")
    assert told.startswith("ours.docx, paragraph ")
    assert told.endswith(": the tag `for` is not closed: put `{%p endfor %}` after what belongs to it")


def test_a_template_is_taken_for_what_it_fits(tmp_path: Path) -> None:
    path = tmp_path / "any-name.docx"
    path.write_bytes(template("{{ agenda.status }} {{ agenda.stats }}"))
    assert check_template(path) == [
        "any-name.docx, paragraph 1: the field `agenda.stats` does not exist; did you mean `agenda.status`?"
    ]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert check_template(tmp_path / "gone.docx") == [
        "gone.docx: there is no such template, neither in your folder of templates nor shipped"
    ]


def test_set_with_macro_and_filters_are_followed(tmp_path: Path) -> None:
    assert checked(
        tmp_path,
        "{% set first = items | first %}{{ first.titel }}",
        "{% macro line(x) %}{{ x.anything }}{% endmacro %}{{ line(panel) }}",
        "{% with chair = panel.chair %}{{ chair }}{% endwith %}",
        "{{ items[0]['nmber'] }}",
    ) == [
        "ours.docx, paragraph 1: the field `first.titel` does not exist; did you mean `first.title`?",
        "ours.docx, paragraph 4: the field `….nmber` does not exist; did you mean `….number`?",
    ]


def test_half_a_tag_and_a_field_outside_its_loop_are_named_with_their_paragraph(tmp_path: Path) -> None:
    assert checked(tmp_path, "{{ panel.title }}", "x", "{{ panel.venue }") == [
        "ours.docx, paragraph 3: its braces don't match: a field is written like `{{ panel.title }}`"
    ]
    assert checked(tmp_path, "{{ panel.title }}", "{{ item.title }}") == [
        "ours.docx, paragraph 2: `item` is known only inside its loop: `{%p for item in items %}` … `{%p endfor %}`"
    ]
