"""The line of every key, whatever stands between them."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from bot.documents.file_faults import TomlLines

TEXT = '''# a remark
[county]
key = "a"  # not = here
title.long = "b"

[[people]]
name = """
[[people]]
user = "not this one \\""" = "
"""
user = "U1"

[[people]]
teams = [
  "x", # ]
  "[",
]
"user" = 'U2'

[[panels]]
key = "p"
[[panels.members]]
role = "chair"
[[panels.members]]
role = "deputy"
[panels.members.more]
deep = 1
'''


def test_each_key_stands_at_its_own_line() -> None:
    lines = TomlLines(TEXT)
    places = [
        ("county",),
        ("county", "key"),
        ("county", "title", "long"),
        ("people", 0),
        ("people", 0, "user"),
        ("people", 1),
        ("people", 1, "user"),
        ("panels", 0, "members", 0, "role"),
        ("panels", 0, "members", 1),
        ("panels", 0, "members", 1, "more", "deep"),
    ]
    assert [lines.line(place) for place in places] == [2, 3, 4, 6, 11, 13, 18, 23, 24, 27]


def test_what_is_not_written_stands_where_the_thing_around_it_does() -> None:
    lines = TomlLines(TEXT)
    assert [lines.line(("people", 1, "agency")), lines.line(("people", 1, "teams", 2)), lines.line(("x",))] == [
        13,
        14,
        None,
    ]


ENTRIES = """[[panels]]
members = [ # all of them
  { person = "amy", role = "chair" },  # ], {
  { person = "bo", roles = [
      "deputy",
      "observer", ] }, { person = 'cy' },

  { person.name = "di", from = 2026-12-08 14:00:00, share = 2.5, "until" = 2026-12-09 },
]
days = [[1, 2], [
  3, { at = "14:00" }]]
empty = []
none = {}
text = '''it's ""\\"
'''
after = 1
"""


def test_each_entry_of_a_list_stands_at_its_own_line_with_its_keys() -> None:
    lines = TomlLines(ENTRIES)
    members = ("panels", 0, "members")
    places = [
        members,
        (*members, 0),
        (*members, 0, "role"),
        (*members, 1, "person"),
        (*members, 1, "roles"),
        (*members, 1, "roles", 1),
        (*members, 2, "person"),
        (*members, 3, "person", "name"),
        (*members, 3, "until"),
        ("panels", 0, "days", 0, 1),
        ("panels", 0, "days", 1),
        ("panels", 0, "days", 1, 1, "at"),
        ("panels", 0, "empty"),
        ("panels", 0, "none"),
        ("panels", 0, "after"),
    ]
    assert [lines.line(place) for place in places] == [2, 3, 3, 4, 4, 6, 6, 8, 8, 10, 10, 11, 12, 13, 16]
    assert tomllib.loads(ENTRIES)  # or these lines would be of no use


@given(st.text(alphabet="ab=.[]{}\"'#\n, ", max_size=60))
def test_any_text_is_read_to_its_end(text: str) -> None:
    assert TomlLines(text).line(("none",)) is None
