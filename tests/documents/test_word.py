"""Rendering templates: what they may reach, what stops them, and what they must say about themselves."""

import zipfile
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest

from bot.documents.word import DocumentProperties, WordWorker, find_template, render_word
from bot.errors import Misconfigured
from tests.documents.word_files import opened, template, texts

#: Each template is rendered in a process of its own.
pytestmark = pytest.mark.slow

PROPERTIES = DocumentProperties("A title & more", subject="OFFICIAL-SENSITIVE", made_on=date(2026, 12, 8))


@pytest.fixture(scope="module")
def worker() -> Iterator[WordWorker]:
    worker = WordWorker(seconds=2, megabytes=300, waiting=120.0)  # two seconds of computing, however slow the machine
    yield worker
    worker.close()


def refused(worker: WordWorker, *paragraphs: str, header: str = "", **facts: object) -> tuple[str, ...]:
    with pytest.raises(Misconfigured) as error:
        render_word(template(*paragraphs, header=header), facts, properties=PROPERTIES, name="t.docx", worker=worker)
    return error.value.faults


def rendered(worker: WordWorker, *paragraphs: str, **facts: object) -> list[str]:
    return texts(render_word(template(*paragraphs), facts, properties=PROPERTIES, worker=worker))


def test_fields_groups_and_loops_are_filled(worker: WordWorker) -> None:
    facts = {"panel": {"title": "North"}, "items": [{"keys": "a"}, {"keys": "b"}], "on": date(2026, 12, 8), "no": None}
    assert rendered(
        worker,
        "{{ panel.title }}",
        "{%p for item in items %}",
        "- {{ item.keys }}",
        "{%p endfor %}",
        "{{ on }}{{ no }}.",
        **facts,
    ) == ["North", "- a", "- b", "8 December 2026."]


@pytest.mark.parametrize("text", ["a & b", "<w:p>", "1 < 2 > 0", '"quoted" it\'s', "{{ not.a.field }}", "{% raw %}"])
def test_markup_in_facts_stays_text(worker: WordWorker, text: str) -> None:
    assert rendered(worker, "{{ said }}", said=text) == [text]


def test_control_characters_and_lone_surrogates_are_dropped_and_lines_kept(worker: WordWorker) -> None:
    assert rendered(worker, "{{ said }}", said="a\x00\x07\x0c\x1b\x85\ud800\ufffeb\r\nc\td") == ["ab\nc\td"]


def test_the_same_facts_give_the_same_bytes(worker: WordWorker) -> None:
    once, again = (render_word(template("{{ a }}"), {"a": 1}, properties=PROPERTIES, worker=worker) for _ in range(2))
    assert once == again
    with zipfile.ZipFile(BytesIO(once)) as package:
        assert package.testzip() is None
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_document_says_what_it_is(worker: WordWorker) -> None:
    core = opened(render_word(template("x"), {}, properties=PROPERTIES, worker=worker)).core_properties
    assert (core.title, core.subject, core.language, core.author, core.last_modified_by, core.created.date()) == (
        "A title & more",
        "OFFICIAL-SENSITIVE",
        "en-GB",
        "panelbot",
        "panelbot",
        date(2026, 12, 8),
    )


def test_a_title_that_is_too_long_for_word_is_cut(worker: WordWorker) -> None:
    named = DocumentProperties("Pack for " + "Agency " * 60, subject="S" * 300)
    core = opened(render_word(template("x"), {}, properties=named, worker=worker)).core_properties
    assert (core.title, core.subject) == (("Pack for " + "Agency " * 60)[:255], "S" * 255)


@pytest.mark.parametrize(
    ("tag", "told"),
    [
        ("{{ panel.titel }}", "the field `panel.titel` does not exist; did you mean `panel.title`?"),
        ("{{ panle.title }}", "the field `panle` does not exist; did you mean `panel`?"),
        ("{{ panel }}", "this is not one field but several: name title"),
        ("{{ nobody.name }}", "`name` is asked of something that may be empty; put an if around it"),
        ("{% if %}", "a tag is not complete. The README beside the templates shows each tag"),
        ("{{ panel.title | shout }}", "there is no filter called `shout`"),
        ("{{ panel.title | shout }} }", "there is no filter called `shout`"),
        ("{{ panel.title is loud }}", "there is no test called `loud`"),
        ("{{ panel.title panel }}", "`panel` is one thing too many in a pair of braces: each pair has one field"),
        ("{{ panel.title ? }}", "`?` can't be in a tag"),
        ("{% for line lines %}", "a `for` tag is written like `{%p for item in items %}`"),
        ("{% endif %}", "`endif` has no `if` tag before it"),
        ("{% foo %}", "there is no tag `foo`; tags begin with for, if, else, endfor or endif"),
        (
            "{% if panel %}{% for one in panel %}{% endif %}{% endfor %}",
            "`endif` is in the wrong place: `endfor` comes first, since the tag inside is closed first",
        ),
        ("{% include 'other' %}", "a template can't bring in another file. Copy what you need into this one"),
        ("{{ 1 / 0 }}", "the tag divides by zero"),
        ("{% for one in range(1000000) %}{% endfor %}", "the tag repeats too often"),
        (
            "{{ panel.title + 1 }}",
            "the tag does something that its field doesn't allow. The README beside the templates shows each tag",
        ),
    ],
)
def test_a_fault_names_the_file_and_the_paragraph(worker: WordWorker, tag: str, told: str) -> None:
    found = refused(worker, "one {{ panel.title }}", "two", f"three {tag}", panel={"title": "x"}, nobody=None)
    assert found == (f"t.docx, paragraph 3: {told}",)


def test_a_fault_in_the_header_says_so(worker: WordWorker) -> None:
    assert refused(worker, "x", header="{{ panel.titel }}", panel={"title": "x"}) == (
        "t.docx, header, paragraph 1: the field `panel.titel` does not exist; did you mean `panel.title`?",
    )


def test_a_fault_behind_tags_that_vanish_is_still_found(worker: WordWorker) -> None:
    paragraphs = (
        "{%p for a in panels %}",
        "{{ a.title }}",
        "{%p endfor %}",
        "{%p if panels %}",
        "{{ b }}",
        "{%p endif %}",
    )
    assert refused(worker, *paragraphs, panels=[{"title": "x"}]) == (
        "t.docx, paragraph 5: the field `b` does not exist",
    )


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("{{ ''.__class__ }}", "__class__"),
        ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "__class__"),
        ("{{ panel.__init__.__globals__ }}", "__init__"),
        ("{{ panel['__class__'] }}", "__class__"),
        ("{{ self.__init__.__globals__ }}", "__init__"),
        ("{{ cycler.__init__.__globals__.os.popen('id').read() }}", "__init__"),
        ("{{ items.append(1) }}", "append"),
        ("{{ '{0.__class__}'.format(1) }}", "__class__"),
        ("{{ (''|attr('__class__')) }}", "__class__"),
    ],
)
def test_no_template_reaches_python(worker: WordWorker, tag: str, name: str) -> None:
    (told,) = refused(worker, tag, panel={"title": "x"}, items=[1])
    assert told in (
        f"t.docx, paragraph 1: `{name}` may not be used in a template",
        f"t.docx, paragraph 1: the field `panel.{name}` does not exist",
        "t.docx, paragraph 1: what this tag does may not be used in a template",
    )


@pytest.mark.slow
def test_a_loop_without_end_is_stopped_and_the_next_document_is_made(worker: WordWorker) -> None:
    endless = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    assert refused(worker, endless) == ("t.docx: took more than 2 seconds; look for a loop that does not end",)
    assert rendered(worker, "{{ a }}", a="next") == ["next"]


def test_memory_without_end_is_refused_and_the_next_document_is_made(worker: WordWorker) -> None:
    assert refused(worker, "{{ 'x' * 10 ** 10 }}") == (
        "t.docx: needs more than 300 MB of memory; look for text that is repeated without end",
    )
    assert rendered(worker, "{{ a }}", a="next") == ["next"]


def test_a_worker_that_died_is_replaced(worker: WordWorker) -> None:
    rendered(worker, "x")
    process = worker._process
    assert process is not None
    process.kill()
    process.wait()
    assert rendered(worker, "{{ a }}", a="again") == ["again"]


def test_the_worker_knows_none_of_our_secrets(worker: WordWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANELBOT_MASTER_KEY", "secret")
    worker.close()
    rendered(worker, "x")
    process = worker._process
    assert process is not None
    assert b"secret" not in Path(f"/proc/{process.pid}/environ").read_bytes()


@pytest.mark.parametrize("content", [b"", b"not a zip file", b"PK\x03\x04 cut short"])
def test_what_is_not_a_word_file_is_refused(worker: WordWorker, content: bytes) -> None:
    with pytest.raises(Misconfigured) as error:
        render_word(content, {}, properties=PROPERTIES, name="t.docx", worker=worker)
    assert error.value.faults == ("t.docx: is not a Word document (.docx); open it in Word and save it as one",)


def test_a_folder_of_templates_comes_before_the_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "minutes.docx").write_bytes(b"ours")
    assert find_template(tmp_path, "minutes.docx") == b"ours"
    assert find_template(tmp_path, "agenda.docx") == find_template(None, "agenda.docx")


def test_a_template_that_is_nowhere_is_told(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as error:
        find_template(tmp_path, "protocol.docx")
    assert error.value.faults == (
        "protocol.docx: there is no such template, neither in your folder of templates nor shipped",
    )
