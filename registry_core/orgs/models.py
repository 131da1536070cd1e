"""The tree of units, the codes they bear for a time, and the bodies that act for them."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    Connection,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    Text,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column

from registry_core.db import Base, Id, enum_type

_LEVELS = ("ministry", "province", "city", "county", "school")


class Level(StrEnum):
    """The five levels. Source: operation rules (file 003 annex 2), articles 17-19; file 004."""

    MINISTRY = "ministry"
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    SCHOOL = "school"

    @property
    def rank(self) -> int:
        """Count the levels from the top: ministry 0 ... school 4. A unit may skip levels, so this is no depth."""
        return _LEVELS.index(self.value)


class UnitKind(StrEnum):
    """What a unit is: a real authority or school, or a row that only statistics know."""

    AUTHORITY = "authority"
    ZONE = "zone"
    STATISTICAL = "statistical"
    GROUPING = "grouping"
    SCHOOL = "school"
    TEACHING_POINT = "teaching_point"


class CodeScheme(StrEnum):
    """Who gave a code: GB/T 2260 (divisions, six digits) or the ministry's school codes (ten digits)."""

    GBT2260 = "gbt2260"
    SCHOOL_CODE = "school_code"


class BodyKind(StrEnum):
    """Offices beside the tree. Source: file 000 part 2, 001 parts 1 and 3, 003 annex 1 parts 1 and 5, annex 2."""

    INFORMATION_CENTRE = "information_centre"
    SERVICE_CENTRE = "service_centre"
    ADMISSIONS_OFFICE = "admissions_office"
    FINANCE_BUREAU = "finance_bureau"
    CODE_PLANNING_OFFICE = "code_planning_office"
    EXAMINATION_AUTHORITY = "examination_authority"
    LEADING_GROUP = "leading_group"
    WORKING_GROUP = "working_group"


class Seat(StrEnum):
    """A place in a body: who leads, who stands in, who belongs to it, who keeps its office."""

    LEADER = "leader"
    DEPUTY = "deputy"
    MEMBER = "member"
    OFFICE = "office"


# Which levels may stand above which: provinces may run counties, and any authority may run a school.
ALLOWED_PARENTS: dict[Level, frozenset[Level]] = {
    Level.MINISTRY: frozenset(),
    Level.PROVINCE: frozenset({Level.MINISTRY}),
    Level.CITY: frozenset({Level.PROVINCE}),
    Level.COUNTY: frozenset({Level.PROVINCE, Level.CITY}),
    Level.SCHOOL: frozenset({Level.MINISTRY, Level.PROVINCE, Level.CITY, Level.COUNTY}),
}


def lineage(path: str) -> tuple[str, ...]:
    """Name the paths of a unit and all above it, top first: `/1/35/402/` gives `/1/`, `/1/35/`, `/1/35/402/`."""
    ends = (place for place, sign in enumerate(path) if sign == "/" and place)
    return tuple(path[: end + 1] for end in ends)


def is_within(path: str, top_path: str) -> bool:
    """Say whether a unit is the top unit or lies below it; paths end in a slash, so `/1/35/` is not within `/1/3/`."""
    return path.startswith(top_path)


# convert_to() is only STABLE because a conversion could be redefined; nobody redefines GB18030 here, and a
# generated column needs IMMUTABLE. GB18030 knows every character and has the 3,755 commonest in the order of their
# pinyin; rarer ones (埇, 㐀) come before or after these, by radical.
PINYIN_KEY = (
    "CREATE OR REPLACE FUNCTION pinyin_key(name text) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE"
    " AS $$ SELECT pg_catalog.convert_to($1, 'GB18030') $$"
)

number_sequence = Sequence("org_unit_number_seq", metadata=Base.metadata)


class OrgUnit(Base):
    """One rung of the ladder from the ministry down to a school or its teaching point.

    Its identity is `id`; codes and names change. `path` holds the numbers of all units from the top down to its own,
    and the foreign key on (id, level, path) keeps it equal to the parent's path plus the own number at any moment.
    """

    __tablename__ = "org_unit"
    __table_args__ = (
        UniqueConstraint("id", "level", "path"),
        ForeignKeyConstraint(
            ["parent_id", "parent_level", "parent_path"],
            ["org_unit.id", "org_unit.level", "org_unit.path"],
            name="fk_org_unit_parent",
        ),
        CheckConstraint(
            "((level = 'ministry' AND parent_level IS NULL)"
            " OR (level = 'province' AND parent_level = 'ministry')"
            " OR (level = 'city' AND parent_level = 'province')"
            " OR (level = 'county' AND parent_level IN ('province', 'city'))"
            " OR (kind = 'school' AND parent_level IN ('ministry', 'province', 'city', 'county'))"
            # Without IS TRUE a missing parent would make the whole condition NULL, and a CHECK lets NULL pass.
            " OR (kind = 'teaching_point' AND parent_level = 'school')) IS TRUE",
            name="parent_fits_level",
        ),
        CheckConstraint("(level = 'school') = (kind IN ('school', 'teaching_point'))", name="kind_fits_level"),
        # A NULL anywhere would switch the composite key off, so all three parts stand or fall together.
        CheckConstraint(
            "(parent_id IS NULL) = (parent_level IS NULL) AND (parent_id IS NULL) = (parent_path = '/')",
            name="parent_is_whole",
        ),
        CheckConstraint("path = parent_path || number::text || '/'", name="path_ends_in_number"),
        CheckConstraint("managed_by_id IS NULL OR (kind = 'school' AND managed_by_id <> id)", name="school_managed"),
        CheckConstraint("closed_on >= opened_on", name="closed_after_opened"),
        CheckConstraint("btrim(name) <> ''", name="name_not_blank"),
        Index("uq_org_unit_ministry", "level", unique=True, postgresql_where=text("level = 'ministry'")),
        Index("ix_org_unit_level", "level", postgresql_where=text("level <> 'school'")),
        Index("ix_org_unit_parent_id_name_sort", "parent_id", "name_sort"),
        Index("ix_org_unit_managed_by_id", "managed_by_id", postgresql_where=text("managed_by_id IS NOT NULL")),
        # One entry for each character: exact for any substring, also of one or two characters, where trigrams fail.
        Index("ix_org_unit_name_characters", text("string_to_array(lower(name), NULL::text)"), postgresql_using="gin"),
    )

    id: Mapped[Id]
    number: Mapped[int] = mapped_column(Integer, number_sequence, unique=True)
    parent_id: Mapped[UUID | None]
    parent_level: Mapped[Level | None] = mapped_column(enum_type(Level, "parent_level"))
    parent_path: Mapped[str] = mapped_column(
        Text(collation="C"), Computed("left(path, -length(number::text) - 1)", persisted=True)
    )
    level: Mapped[Level] = mapped_column(enum_type(Level, "level"))
    kind: Mapped[UnitKind] = mapped_column(enum_type(UnitKind, "kind"))
    name: Mapped[str] = mapped_column(Text)
    name_sort: Mapped[bytes] = deferred(
        mapped_column(LargeBinary, Computed("pinyin_key(name)", persisted=True), nullable=False)
    )
    path: Mapped[str] = mapped_column(Text(collation="C"), unique=True)
    managed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("org_unit.id"))
    opened_on: Mapped[date | None]
    closed_on: Mapped[date | None]

    def is_open(self, on: date) -> bool:
        """Say whether the unit exists on a day; `closed_on` is the first day without it."""
        return (self.opened_on is None or self.opened_on <= on) and (self.closed_on is None or on < self.closed_on)

    def rename(self, name: str) -> None:
        """Bear another name; the identity, the place and the codes stay."""
        self.name = name.strip()

    def reclassify(self, kind: UnitKind) -> None:
        """Be of another kind (a development zone becomes a district); level and place stay."""
        self.kind = kind

    def come_under(self, centre: OrgUnit | None) -> None:
        """Be managed by a centre school from now on, or by none; the place in the tree stays."""
        self.managed_by_id = None if centre is None else centre.id

    def close(self, on: date) -> None:
        """Cease to exist on a day; everything that points here stays."""
        self.closed_on = on


class OrgUnitCode(Base):
    """A code that a unit bears from a day until the day before another (both may be open ends of its history)."""

    __tablename__ = "org_unit_code"
    __table_args__ = (
        ExcludeConstraint(
            ("code", "="),
            ("scheme", "="),
            (text("daterange(valid_from, valid_until)"), "&&"),
            name="ex_org_unit_code_code",
            using="gist",
        ),
        ExcludeConstraint(
            ("unit_id", "="),
            ("scheme", "="),
            (text("daterange(valid_from, valid_until)"), "&&"),
            name="ex_org_unit_code_unit_id",
            using="gist",
        ),
        CheckConstraint("valid_until > valid_from", name="ends_after_start"),
        CheckConstraint(
            "(scheme = 'gbt2260' AND code ~ '^[0-9]{6}$') OR (scheme = 'school_code' AND code ~ '^[0-9]{10}$')",
            name="code_fits_scheme",
        ),
    )

    id: Mapped[Id]
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    scheme: Mapped[CodeScheme] = mapped_column(enum_type(CodeScheme, "scheme"))
    code: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]

    def end(self, on: date) -> None:
        """Stop being the unit's code on a day."""
        self.valid_until = on


class Body(Base):
    """An office that acts for a unit without being a rung: it has no level and nothing hangs under it.

    `host_name` is the institution in which a service centre sits (file 000 part 2).
    """

    __tablename__ = "body"
    __table_args__ = (
        # One that was closed does not stand in the way of another of its name.
        Index("uq_body_open", "unit_id", "kind", "name", unique=True, postgresql_where=text("closed_on IS NULL")),
        Index("ix_body_unit_id", "unit_id"),
        CheckConstraint("btrim(name) <> ''", name="name_not_blank"),
        CheckConstraint("closed_on >= opened_on", name="closed_after_opened"),
    )

    id: Mapped[Id]
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    kind: Mapped[BodyKind] = mapped_column(enum_type(BodyKind, "kind"))
    name: Mapped[str] = mapped_column(Text)
    host_name: Mapped[str | None] = mapped_column(Text)
    contact_name: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)
    opened_on: Mapped[date | None]
    closed_on: Mapped[date | None]

    def close(self, on: date) -> None:
        """Cease to exist on a day."""
        self.closed_on = on


class BodyMember(Base):
    """Who sits where in a body (leading group: leader, deputies, members with office); no account is needed for it."""

    __tablename__ = "body_member"
    __table_args__ = (
        Index("ix_body_member_body_id", "body_id"),
        CheckConstraint("left_on >= joined_on", name="left_after_joined"),
    )

    id: Mapped[Id]
    body_id: Mapped[UUID] = mapped_column(ForeignKey("body.id"))
    seat: Mapped[Seat] = mapped_column(enum_type(Seat, "seat"))
    name: Mapped[str] = mapped_column(Text)
    post: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    joined_on: Mapped[date | None]
    left_on: Mapped[date | None]

    def leave(self, on: date) -> None:
        """Give the seat up on a day."""
        self.left_on = on


@event.listens_for(OrgUnit.__table__, "before_create")
def _prepare_database(_table: object, connection: Connection, **_: object) -> None:
    """Lay what the tables stand on when they are made without migrations (benchmarks, throw-away databases)."""
    connection.execute(text("CREATE EXTENSION IF NOT EXISTS btree_gist"))
    connection.execute(text(PINYIN_KEY))
