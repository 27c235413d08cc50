"""Checks which cases are kept from which people, for many cases and many people at once."""

from collections.abc import Collection

from sqlalchemy import select as tables_select

from bot.models.cases import Case, CaseReader, Recusal
from bot.store.rows import table_of
from bot.store.unit_of_work import Work

_case, _reader, _recusal = table_of(Case), table_of(CaseReader), table_of(Recusal)


class KeptCases:
    """Which people may not see which cases, because of a closed item or a declared interest."""

    def __init__(self, work: Work, case_ids: Collection[int], closed: Collection[int] | None = None) -> None:
        """Read from the database which people may not see which of these cases.

        `closed` has the ids of the closed items, if the caller knows them.
        """
        self._closed = set(closed or ())
        self._readers: set[tuple[int, int]] = set()
        self._recused: set[tuple[int, int]] = set()
        if not case_ids:
            return
        if closed is None:
            query = tables_select(_case.c.id).where(_case.c.id.in_(case_ids), _case.c.is_closed)
            self._closed = set(work.execute(query).scalars())
        if self._closed:
            named = tables_select(_reader.c.case_id, _reader.c.person_id).where(_reader.c.case_id.in_(self._closed))
            self._readers = {(case_id, person_id) for case_id, person_id in work.execute(named)}
        recused = tables_select(_recusal.c.case_id, _recusal.c.person_id).where(
            _recusal.c.case_id.in_(case_ids), _recusal.c.withdrawn_at.is_(None)
        )
        self._recused = {(case_id, person_id) for case_id, person_id in work.execute(recused)}

    def is_kept_from(self, case_id: int, person_id: int) -> bool:
        """Return whether the case is kept from the person, as a closed item or by an interest.

        Whether the person has a place on a panel is not checked.
        """
        pair = (case_id, person_id)
        return pair in self._recused or (case_id in self._closed and pair not in self._readers)
