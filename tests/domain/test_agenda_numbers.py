"""The numbers of an agenda: free before it is published, kept by each reader afterwards."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.agenda_numbers import (
    Key,
    ShownLine,
    compare,
    give_keys,
    insert_late,
    is_unbroken,
    keep_places,
    label_lines,
)

_OUT = {(number, 0): 1 for number in range(1, 5)}


def test_before_the_first_publication_lines_are_numbered_as_they_come() -> None:
    assert label_lines({}, {}, [(3, 0), (1, 0)]) == {(3, 0): "1", (1, 0): "2"}


def test_what_comes_after_publication_has_the_number_before_it_with_a_letter() -> None:
    labels = label_lines(_OUT, _OUT, [*_OUT, (3, 1), (3, 2)])
    assert labels == {(1, 0): "1", (2, 0): "2", (3, 0): "3", (4, 0): "4", (3, 1): "3a", (3, 2): "3b"}


def test_the_number_of_a_line_that_is_gone_stays_empty() -> None:
    assert label_lines(_OUT, _OUT, [(1, 0), (4, 0)])[4, 0] == "4"


def test_what_a_reader_could_never_see_leaves_no_gap_and_what_was_closed_later_does() -> None:
    never = {key: version for key, version in _OUT.items() if key != (2, 0)}
    assert label_lines(_OUT, never, [*never, (2, 1)]) == {(1, 0): "1", (3, 0): "2", (4, 0): "3", (2, 1): "1a"}
    assert label_lines(_OUT, _OUT, [*never])[3, 0] == "3"


def test_what_a_reader_comes_to_see_later_moves_no_number_that_they_hold() -> None:
    never = {key: version for key, version in _OUT.items() if key != (2, 0)}
    assert label_lines(_OUT, never, [*_OUT]) == {(1, 0): "1", (2, 0): "1a", (3, 0): "2", (4, 0): "3"}
    assert label_lines(_OUT, {**never, (2, 0): 2}, [*_OUT])[2, 0] == "1a"


def test_letters_go_on_after_z() -> None:
    live = [(1, late) for late in range(1, 29)]
    labels = label_lines({(1, 0): 1}, {(1, 0): 1}, [(1, 0), *live])
    assert [labels[1, late] for late in (1, 26, 27, 28)] == ["1a", "1z", "1aa", "1ab"]


def test_numbers_with_gaps_or_letters_are_no_count() -> None:
    assert [is_unbroken(one) for one in (["1", "2"], ["1", "3"], ["1", "1a"], [])] == [True, False, False, True]


def test_a_pinned_line_comes_after_the_same_line_as_before() -> None:
    assert keep_places("abcd", "acbd", ["b"]) == ["a", "c", "b", "d"]
    assert keep_places("bcxa", "abc", ["a"]) == ["a", "b", "c", "x"]
    assert keep_places("bx", "abc", ["c"]) == ["b", "x"]


def test_a_new_line_comes_where_the_plan_has_it_and_after_those_that_came_there_before() -> None:
    keys: dict[str, Key] = {"a": (1, 0), "b": (2, 0), "n": (1, 1)}
    assert insert_late("axnb", "anb", keys) == ["a", "n", "x", "b"]
    order = ["a", "n", "x", "b"]
    assert give_keys(order, keys, keys.values()) == {"a": (1, 0), "n": (1, 1), "x": (1, 2), "b": (2, 0)}


def test_a_line_that_comes_back_stands_at_its_own_number() -> None:
    keys: dict[str, Key] = {"a": (1, 0), "b": (2, 0), "c": (3, 0)}
    assert insert_late("bac", "ac", keys) == ["a", "b", "c"]


def _line(key: int, minutes: int = 5) -> ShownLine:
    return ShownLine((key, 0), str(key), f"WEST-000{key}", minutes)


def test_what_changed_is_said_by_number() -> None:
    before, after = [_line(1), _line(2), _line(3), _line(4)], [_line(1), _line(3), _line(2, 10), _line(5)]
    found = compare(1, before, after, "on Friday 10 April 2026, 10:00 to 12:00")
    assert found.words == (
        "Added: 5 WEST-0005. No longer on the agenda: 4 WEST-0004. Moved: 3 WEST-0003. New length: 2 WEST-0002 (10 "
        "min). "
        "The meeting is now on Friday 10 April 2026, 10:00 to 12:00."
    )
    assert (compare(1, before, before).is_any, compare(1, before, before).words) == (False, "")


def test_another_title_and_other_facts_are_changes_of_a_line() -> None:
    before = [_line(1), replace(_line(2), facts="a"), replace(_line(3), facts="b"), replace(_line(4), facts="c")]
    after = [
        replace(_line(1), title="WEST-0009"),
        replace(_line(2), facts="d"),
        *before[2:3],
        replace(_line(4), facts="e"),
    ]
    found = compare(1, before, after)
    assert found.words == (
        "Renamed: 1 WEST-0009 (was WEST-0001). The facts changed for WEST-0002 (item 2), WEST-0004 (item 4)."
    )
    assert [line.key for line in found.lines] == [(1, 0), (2, 0), (4, 0)]


@pytest.mark.parametrize(("before", "after"), [(None, "a"), ("a", None), (None, None), ("a", "a")])
def test_facts_that_one_version_did_not_keep_count_as_unchanged(before: str | None, after: str | None) -> None:
    assert not compare(1, [replace(_line(1), facts=before)], [replace(_line(1), facts=after)]).is_any


@given(st.data())
def test_no_number_moves_whatever_comes_and_goes(data: st.DataObject) -> None:
    """Each reader's number of a published line stays the same through any sequence of publications."""
    lines, keys = ["l0", "l1", "l2", "l3"], {f"l{n}": (n + 1, 0) for n in range(4)}
    first = dict.fromkeys(keys.values(), 1)
    hidden = data.draw(st.sets(st.sampled_from(sorted(keys.values()))))
    seen = {key: version for key, version in first.items() if key not in hidden}
    known = label_lines(first, seen, [key for key in keys.values() if key not in hidden])
    for version in range(2, 6):
        gone = data.draw(st.sets(st.sampled_from(lines), max_size=2)) if lines else set()
        plan = [line for line in lines if line not in gone]
        for new in range(data.draw(st.integers(0, 2))):
            plan.insert(data.draw(st.integers(0, len(plan))), f"v{version}n{new}")
        lines = insert_late(plan, [line for line in lines if line not in gone], keys)
        keys = {**keys, **give_keys(lines, keys, keys.values())}
        for line in lines:
            first.setdefault(keys[line], version)
            if keys[line] not in hidden and data.draw(st.booleans()):
                seen.setdefault(keys[line], version)
        labels = label_lines(first, seen, [keys[line] for line in lines if keys[line] in seen])
        held = {key: labels[key] for key in known if key in labels}
        assert held == known
        assert len({labels[key] for key in labels}) == len(labels)
        known = {key: labels[key] for key in seen}
