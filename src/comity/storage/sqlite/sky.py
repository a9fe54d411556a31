"""Table group `sky`: subjects with their boxes, conflicts, warnings."""

from collections.abc import Iterable

from comity.model.quantity import LON_E7_MAX
from comity.storage.rows import AssessmentRow, ConflictRow, SubjectRow, VolumeBox, WarningRow
from comity.storage.sqlite.table import (
    Database,
    Value,
    blob,
    integer,
    maybe_blob,
    maybe_integer,
    maybe_text,
    one,
    put,
    rows,
    run,
    text,
)

__all__ = ["SqliteSky", "subject_from"]

_LIVE = "state IN ('declared', 'active')"
# Said, since the planner would rather read all that ever was, in the order of its ids.
_LIVING = "subject INDEXED BY subject_live"
# Started, and nobody was warned that its end has passed.
_RUNNING = (
    "state='active' AND NOT EXISTS (SELECT 1 FROM warning WHERE about=subject.id "
    "AND kind='overdue_end' AND cleared_us IS NULL)"
)
# Nobody was warned that it is over and was not closed.
_UNCLOSED = (
    "NOT EXISTS (SELECT 1 FROM warning WHERE about=subject.id "
    "AND kind='not_closed' AND cleared_us IS NULL)"
)

# What schema 0013 keeps: scaled axes, whose it is, two pieces of what reaches the antimeridian.
_E7 = _MM = 2.0**21
_HOUR_US = 3_600_000_000.0
_EPOCH_US = 1_767_225_600_000_000
_IN_THE_TREE = (
    "SELECT p.subject FROM sky AS k CROSS JOIN place AS p ON p.id=k.id/2 "
    "WHERE k.until>=? AND k.since<=? AND k.north>=? AND k.south<=? "
    "AND k.upper>=? AND k.lower<=? AND k.east>=? AND k.west<=? AND k.ours_too>=? AND k.ours<=?"
)
_TURN = 2 * LON_E7_MAX
_EXACTLY = (
    "s.end_us>=? AND s.start_us<=? AND s.north_e7>=? AND s.south_e7<=? "
    "AND s.upper_mm>=? AND s.lower_mm<=? "
    f"AND ((?-s.west_e7+2*{_TURN})%{_TURN}<=s.width_e7 OR (s.west_e7-?+2*{_TURN})%{_TURN}<=?)"
)


class SqliteSky:
    """See `storage.store.Sky`."""

    def __init__(self, connection: Database) -> None:
        """Use a connection; commits are the store's."""
        self._db = connection

    def save_subject(self, row: SubjectRow) -> None:
        """Insert or replace."""
        box = row.box
        values: tuple[Value, ...] = (
            *(row.id, row.kind, row.owner, int(row.ours), row.state, row.content, row.volumes),
            *(
                row.notice,
                row.issued_us,
                row.delivered_us,
                row.flags,
                row.recipients,
                row.prompted_by,
            ),
            *(box.south_e7, box.north_e7, box.lower_mm, box.upper_mm, box.start_us, box.end_us),
            *(row.grounds, box.west_e7, box.width_e7),
        )
        marks = ",".join("?" * len(values))
        run(self._db, f"INSERT OR REPLACE INTO subject VALUES ({marks})", values)  # noqa: S608 - marks

    def subject(self, id_: bytes) -> SubjectRow | None:
        """Select one."""
        row = one(self._db, "SELECT * FROM subject WHERE id=?", (id_,))
        return None if row is None else subject_from(row)

    def subject_of_notice(self, notice: bytes) -> SubjectRow | None:
        """Select by way of the link."""
        sql = "SELECT s.* FROM subject s JOIN notice_subject n ON s.id=n.subject WHERE n.notice=?"
        row = one(self._db, sql, (notice,))
        return None if row is None else subject_from(row)

    def notices_of(self, subject: bytes) -> tuple[bytes, ...]:
        """Select by way of the links."""
        sql = "SELECT notice FROM notice_subject WHERE subject=? ORDER BY notice"
        return tuple(blob(row[0]) for row in rows(self._db, sql, (subject,)))

    def forget(self, subject: bytes, about: Iterable[bytes]) -> None:
        """Delete."""
        run(self._db, "DELETE FROM subject WHERE id=?", (subject,))
        links = "SELECT notice FROM notice_subject WHERE subject=?"
        run(self._db, f"DELETE FROM replaced WHERE declared IN ({links})", (subject,))  # noqa: S608
        run(self._db, "DELETE FROM notice_subject WHERE subject=?", (subject,))
        run(self._db, "DELETE FROM assessment WHERE subject=?", (subject,))
        run(self._db, "DELETE FROM conflict WHERE a=? OR b=?", (subject, subject))
        for each in (subject, *about):
            run(self._db, "DELETE FROM warning WHERE about=?", (each,))

    def link_notice(self, notice: bytes, subject: bytes) -> None:
        """Insert the link."""
        put(self._db, "notice_subject", (notice, subject))

    def moved(self, declared: bytes, notice: bytes) -> None:
        """Insert it as something that stands."""
        run(self._db, "INSERT OR IGNORE INTO replaced VALUES (?,?,NULL)", (notice, declared))

    def amended(self, declared: bytes, amendment: bytes, at_us: int) -> None:
        """Mark what stands, and insert what does now; several recipients may share an amendment."""
        run(
            self._db,
            "UPDATE replaced SET at_us=? WHERE declared=? AND at_us IS NULL AND notice<>?",
            (at_us, declared, amendment),
        )
        sql = "INSERT OR IGNORE INTO replaced VALUES (?,?,?)"
        run(self._db, sql, (declared, declared, at_us))
        self.moved(declared, amendment)

    def replaced_us(self, notice: bytes) -> int | None:
        """Select one."""
        row = one(self._db, "SELECT at_us FROM replaced WHERE notice=?", (notice,))
        return None if row is None else maybe_integer(row[0])

    def subjects(
        self,
        kind: str | None,
        ours: bool | None,  # noqa: FBT001 - a filter with three values
        after: bytes,
        limit: int,
    ) -> tuple[SubjectRow, ...]:
        """Select a page."""
        sql = (
            "SELECT * FROM subject WHERE id>? AND (? IS NULL OR kind=?) "
            "AND (? IS NULL OR ours=?) ORDER BY id LIMIT ?"
        )
        flag = None if ours is None else int(ours)
        return tuple(
            subject_from(row) for row in rows(self._db, sql, (after, kind, kind, flag, flag, limit))
        )

    def subjects_near(self, box: VolumeBox, besides: str, *, ours: bool) -> tuple[SubjectRow, ...]:
        """Ask the tree, then compare what it found as integers; all of them."""
        return self._near("s.owner<>?", besides, box, (0, int(ours)))

    def own_subjects_near(self, box: VolumeBox) -> tuple[SubjectRow, ...]:
        """Select our own."""
        return self._near("s.ours=?", 1, box, (1, 1))

    def _near(
        self, which: str, value: Value, box: VolumeBox, whose: tuple[int, int]
    ) -> tuple[SubjectRow, ...]:
        spans = _spans(box)
        # CROSS JOIN keeps the order: the tree first, or SQLite may walk all subjects instead.
        sql = (
            f"SELECT s.* FROM ({' UNION '.join([_IN_THE_TREE] * len(spans))}) AS near "  # noqa: S608 - constants
            f"CROSS JOIN subject AS s ON s.id=near.subject "
            f"WHERE s.{_LIVE} AND {which} AND {_EXACTLY} ORDER BY s.id"
        )
        asked = [edge for span in spans for edge in (*_edges(box, span), *whose)]
        exact = (
            *(box.start_us, box.end_us, box.south_e7, box.north_e7, box.lower_mm, box.upper_mm),
            *(box.west_e7, box.west_e7, box.width_e7),
        )
        return tuple(subject_from(row) for row in rows(self._db, sql, (*asked, value, *exact)))

    def next_end(self) -> int | None:
        """Select the earliest."""
        row = one(self._db, f"SELECT min(end_us) FROM subject WHERE {_LIVE} AND {_RUNNING}")  # noqa: S608
        return None if row is None else maybe_integer(row[0])

    def overdue(self, now_us: int) -> tuple[SubjectRow, ...]:
        """Select by end."""
        sql = f"SELECT * FROM subject WHERE {_LIVE} AND {_RUNNING} AND end_us<? ORDER BY end_us, id"  # noqa: S608
        return tuple(subject_from(row) for row in rows(self._db, sql, (now_us,)))

    def next_unclosed(self) -> int | None:
        """Select the earliest."""
        sql = f"SELECT min(end_us) FROM {_LIVING} WHERE {_LIVE} AND {_UNCLOSED}"  # noqa: S608
        row = one(self._db, sql)
        return None if row is None else maybe_integer(row[0])

    def unclosed(self, before_us: int) -> tuple[SubjectRow, ...]:
        """Select by end."""
        where = f"{_LIVE} AND {_UNCLOSED} AND end_us<?"
        sql = f"SELECT * FROM {_LIVING} WHERE {where} ORDER BY end_us, id"  # noqa: S608
        return tuple(subject_from(row) for row in rows(self._db, sql, (before_us,)))

    def live(self, limit: int) -> tuple[SubjectRow, ...]:
        """Select by end."""
        sql = f"SELECT * FROM {_LIVING} WHERE {_LIVE} ORDER BY end_us, id LIMIT ?"  # noqa: S608 - constants
        return tuple(subject_from(row) for row in rows(self._db, sql, (limit,)))

    def live_of(self, owner: str, kind: str) -> int:
        """Count."""
        sql = f"SELECT count(*) FROM {_LIVING} WHERE {_LIVE} AND owner=? AND kind=?"  # noqa: S608
        row = one(self._db, sql, (owner, kind))
        return 0 if row is None else integer(row[0])

    def live_counts(self) -> dict[str, int]:
        """Count by kind."""
        sql = f"SELECT kind, count(*) FROM {_LIVING} WHERE {_LIVE} GROUP BY kind"  # noqa: S608
        return {text(row[0]): integer(row[1]) for row in rows(self._db, sql)}

    def prompted(self, notice: bytes) -> tuple[SubjectRow, ...]:
        """Select by what prompted them."""
        sql = "SELECT * FROM subject WHERE prompted_by=? ORDER BY id"
        return tuple(subject_from(row) for row in rows(self._db, sql, (notice,)))

    def save_assessment(self, row: AssessmentRow) -> None:
        """Insert or replace."""
        terms = " ".join(str(term) for term in row.terms_us)
        values: tuple[Value, ...] = (
            *(row.subject, row.lead_us, terms, row.unable, row.presence, row.word, row.reason),
        )
        run(self._db, "INSERT OR REPLACE INTO assessment VALUES (?,?,?,?,?,?,?)", values)

    def assessment(self, subject: bytes) -> AssessmentRow | None:
        """Select one."""
        row = one(self._db, "SELECT * FROM assessment WHERE subject=?", (subject,))
        if row is None:
            return None
        return AssessmentRow(
            subject=blob(row[0]),
            lead_us=integer(row[1]),
            terms_us=tuple(int(term) for term in text(row[2]).split()),
            unable=maybe_text(row[3]),
            presence=maybe_blob(row[4]),
            word=text(row[5]),
            reason=text(row[6]),
        )

    def save_conflict(self, row: ConflictRow) -> None:
        """Insert or replace."""
        values: tuple[Value, ...] = (
            *(row.id, row.a, row.b, row.clause, row.closest_mm, row.vertical_mm, row.time_us),
            *(row.lat_e7, row.lon_e7, int(row.meets), row.found_us, row.over_us),
        )
        run(self._db, "INSERT OR REPLACE INTO conflict VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", values)

    def conflicts(self) -> tuple[ConflictRow, ...]:
        """Select all."""
        sql = "SELECT * FROM conflict ORDER BY found_us, id"
        return tuple(_conflict(row) for row in rows(self._db, sql))

    def conflicts_of(self, subject: bytes) -> tuple[ConflictRow, ...]:
        """Select those that still hold."""
        sql = "SELECT * FROM conflict WHERE (a=? OR b=?) AND over_us IS NULL ORDER BY id"
        return tuple(_conflict(row) for row in rows(self._db, sql, (subject, subject)))

    def save_warning(self, row: WarningRow) -> None:
        """Insert or replace."""
        values = (row.id, row.kind, row.about, row.party, row.text, row.raised_us, row.cleared_us)
        run(self._db, "INSERT OR REPLACE INTO warning VALUES (?,?,?,?,?,?,?)", values)

    def warning(self, id_: bytes) -> WarningRow | None:
        """Select one."""
        row = one(self._db, "SELECT * FROM warning WHERE id=?", (id_,))
        return None if row is None else _warning(row)

    def warnings(self) -> tuple[WarningRow, ...]:
        """Select all."""
        sql = "SELECT * FROM warning ORDER BY raised_us, id"
        return tuple(_warning(row) for row in rows(self._db, sql))

    def open_warnings(self, about: bytes) -> tuple[WarningRow, ...]:
        """Select the uncleared."""
        sql = "SELECT * FROM warning WHERE about=? AND cleared_us IS NULL ORDER BY raised_us, id"
        return tuple(_warning(row) for row in rows(self._db, sql, (about,)))


def _spans(box: VolumeBox) -> list[tuple[int, int]]:
    """West and east of the box's pieces, as the tree has them."""
    east_e7 = box.west_e7 + box.width_e7
    spans = [(box.west_e7, min(east_e7, LON_E7_MAX))]
    if east_e7 >= LON_E7_MAX:
        spans.append((-LON_E7_MAX, min(east_e7 - _TURN, LON_E7_MAX)))
    return spans


def _edges(box: VolumeBox, span: tuple[int, int]) -> tuple[Value, ...]:
    """What a piece of the tree is compared with: rounding to 32 bits is all on the tree's side."""
    return (
        *((box.start_us - _EPOCH_US) / _HOUR_US, (box.end_us - _EPOCH_US) / _HOUR_US),
        *(box.south_e7 / _E7, box.north_e7 / _E7, box.lower_mm / _MM, box.upper_mm / _MM),
        *(span[0] / _E7, span[1] / _E7),
    )


def subject_from(row: tuple[Value, ...]) -> SubjectRow:
    """A row of the whole table."""
    return SubjectRow(
        id=blob(row[0]),
        kind=text(row[1]),
        owner=text(row[2]),
        ours=bool(row[3]),
        state=text(row[4]),
        content=blob(row[5]),
        volumes=blob(row[6]),
        notice=blob(row[7]),
        issued_us=integer(row[8]),
        delivered_us=maybe_integer(row[9]),
        flags=text(row[10]),
        recipients=text(row[11]),
        prompted_by=maybe_blob(row[12]),
        box=VolumeBox(
            south_e7=integer(row[13]),
            north_e7=integer(row[14]),
            lower_mm=integer(row[15]),
            upper_mm=integer(row[16]),
            start_us=integer(row[17]),
            end_us=integer(row[18]),
            west_e7=integer(row[20]),
            width_e7=integer(row[21]),
        ),
        grounds=text(row[19]),
    )


def _conflict(row: tuple[Value, ...]) -> ConflictRow:
    return ConflictRow(
        id=blob(row[0]),
        a=blob(row[1]),
        b=blob(row[2]),
        clause=text(row[3]),
        closest_mm=integer(row[4]),
        vertical_mm=integer(row[5]),
        time_us=integer(row[6]),
        lat_e7=integer(row[7]),
        lon_e7=integer(row[8]),
        meets=bool(row[9]),
        found_us=integer(row[10]),
        over_us=maybe_integer(row[11]),
    )


def _warning(row: tuple[Value, ...]) -> WarningRow:
    return WarningRow(
        id=blob(row[0]),
        kind=text(row[1]),
        about=blob(row[2]),
        party=maybe_text(row[3]),
        text=text(row[4]),
        raised_us=integer(row[5]),
        cleared_us=maybe_integer(row[6]),
    )
