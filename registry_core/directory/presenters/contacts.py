"""The support directory as pages and files show it: one unit's lines, the gaps of a region, the exported table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor, visible_units
from registry_core.directory.labels import BODY_KINDS, POSTS, unit_label
from registry_core.directory.models import CollectionRound, DirectoryStamp
from registry_core.directory.policies import COLLECT, ENTER_CONTACTS, STAMP, may_call, may_stamp_for
from registry_core.directory.queries.contacts import Coverage, Holder, list_coverage, list_region
from registry_core.directory.queries.rounds import find_round, list_stamps
from registry_core.directory.services.rounds import owes
from registry_core.orgs import queries as orgs
from registry_core.orgs.models import Level, OrgUnit, lineage


@dataclass(frozen=True, slots=True)
class HolderLine:
    """Who holds a post; the number of an account is shown to those whom it serves and who may see people there."""

    name: str
    office: str
    phone: str
    email: str
    duties: str
    by_role: bool
    entry_id: UUID | None
    is_shown: bool


@dataclass(frozen=True, slots=True)
class PostLine:
    """A post with those who hold it; with nobody it is a gap."""

    post: str
    label: str
    holders: tuple[HolderLine, ...]


@dataclass(frozen=True, slots=True)
class BodyLine:
    """The leading group or service centre of a unit; without a name it is a gap."""

    label: str
    body_id: UUID | None
    name: str
    host: str
    phone: str


@dataclass(frozen=True, slots=True)
class StampLine:
    """The latest word of a unit that its directory is right."""

    signed_name: str
    at: datetime
    gaps: int


@dataclass(frozen=True, slots=True)
class RoundLine:
    """The round under way."""

    id: UUID
    title: str
    clause: str
    due_on: date
    days_left: int


@dataclass(frozen=True, slots=True)
class ContactsView:
    """The directory of one unit."""

    unit_id: UUID
    name: str
    label: str
    above: tuple[tuple[UUID, str], ...]
    posts: tuple[PostLine, ...]
    bodies: tuple[BodyLine, ...]
    gaps: int
    stamp: StampLine | None
    round: RoundLine | None
    may_enter: bool
    may_stamp: bool
    may_call: bool
    has_region: bool


@dataclass(frozen=True, slots=True)
class Tile:
    """A province, city or county on the map of tiles: how many of its units are complete."""

    unit_id: UUID
    name: str
    complete: int
    total: int
    tone: str


@dataclass(frozen=True, slots=True)
class GapRow:
    """A unit in the table of gaps."""

    unit_id: UUID
    name: str
    place: str
    label: str
    missing: tuple[str, ...]
    stamp: StampLine | None
    owes: bool


@dataclass(frozen=True, slots=True)
class RegionView:
    """The gaps of a region, as tiles and as a table."""

    unit_id: UUID
    name: str
    tiles: tuple[Tile, ...]
    rows: tuple[GapRow, ...]
    complete: int
    total: int
    round: RoundLine | None
    may_collect: bool


def view_contacts(session: Session, actor: Actor, unit: OrgUnit) -> ContactsView:
    """Present the directory of one unit to the actor."""
    coverage = list_coverage(session, [unit])[0]
    is_shown = may_call(actor, unit)
    stamp = list_stamps(session, [unit.id]).get(unit.id)
    return ContactsView(
        unit.id,
        unit.name,
        unit_label(unit),
        tuple((one.id, one.name) for one in orgs.list_ancestors(session, unit)[:-1]),
        tuple(
            PostLine(post.value, str(POSTS[post]), tuple(_holder(one, is_shown=is_shown) for one in held))
            for post, held in coverage.holders.items()
        ),
        _body_lines(coverage),
        coverage.gaps,
        _stamp(stamp),
        _round(find_round(session, unit)),
        may_enter=visible_units(actor, ENTER_CONTACTS).covers(unit.path),
        may_stamp=may_stamp_for(unit) and visible_units(actor, STAMP).covers(unit.path),
        may_call=is_shown,
        has_region=unit.level is not Level.SCHOOL,
    )


def view_region(session: Session, actor: Actor, region: OrgUnit, *, only_gaps: bool) -> RegionView:
    """Present the gaps of a region; the whole country is shown by provinces, whose tiles count all below them."""
    coverage = list_coverage(session, list_region(session, region))
    under_way = find_round(session, region)
    stamps = list_stamps(session, [one.unit.id for one in coverage])
    shown = [one for one in coverage if one.gaps or not only_gaps]
    if region.level is Level.MINISTRY:
        shown = [one for one in shown if one.unit.level.rank <= Level.PROVINCE.rank]
    places = orgs.list_path_names(session, [one.unit for one in shown]) if shown else {}
    return RegionView(
        region.id,
        region.name,
        _tiles(region, coverage),
        tuple(_gap_row(one, places[one.unit.id], stamps.get(one.unit.id), under_way) for one in shown),
        complete=sum(one.gaps == 0 for one in coverage),
        total=len(coverage),
        round=_round(under_way),
        may_collect=region.level is Level.PROVINCE and visible_units(actor, COLLECT).covers(region.path),
    )


def export_table(session: Session, actor: Actor, region: OrgUnit) -> tuple[list[str], list[list[str]]]:
    """Make the table of a region's directory: a header, and a row for each holder, each body and each gap."""
    header = [
        _("所在地"), _("单位"), _("岗位或机构"), _("姓名或名称"), _("职务或挂靠单位"),
        _("电话"), _("邮箱"), _("职责"),
    ]  # fmt: skip
    coverage = list_coverage(session, list_region(session, region))
    places = orgs.list_path_names(session, [one.unit for one in coverage])
    rows: list[list[str]] = []
    for one in coverage:
        head = [places[one.unit.id], one.unit.name]
        is_shown = may_call(actor, one.unit)
        for post, held in one.holders.items():
            lines = [_holder(holder, is_shown=is_shown) for holder in held]
            told = [[line.name, line.office, line.phone, line.email, line.duties] for line in lines]
            rows += [[*head, str(POSTS[post]), *cells] for cells in told or [_nobody()]]
        for body in _body_lines(one):
            rows.append([*head, body.label, body.name or _("未登记"), body.host, body.phone, "", ""])
    return header, rows


def _nobody() -> list[str]:
    return [_("未登记"), "", "", "", ""]


def _holder(holder: Holder, *, is_shown: bool) -> HolderLine:
    by_role = holder.account_id is not None
    is_shown = is_shown or not by_role
    return HolderLine(
        holder.name,
        holder.office,
        holder.phone if is_shown else "",
        holder.email if is_shown else "",
        holder.duties,
        by_role,
        holder.entry_id,
        is_shown,
    )


def _body_lines(one: Coverage) -> tuple[BodyLine, ...]:
    named = [
        BodyLine(str(BODY_KINDS[kind]), body.id, body.name, body.host_name or "", body.phone or "")
        for kind, body in sorted(one.bodies.items())
    ]
    return (*named, *(BodyLine(str(BODY_KINDS[kind]), None, "", "", "") for kind in one.missing_bodies))


def _tiles(region: OrgUnit, coverage: Sequence[Coverage]) -> tuple[Tile, ...]:
    depth = len(lineage(region.path))
    groups: dict[str, list[Coverage]] = {}
    for one in coverage:
        above = lineage(one.unit.path)
        if len(above) > depth:
            groups.setdefault(above[depth], []).append(one)
    # In the order of the tree the unit itself comes before all below it.
    return tuple(_tile(group) for group in groups.values())


def _tile(group: Sequence[Coverage]) -> Tile:
    complete, total = sum(one.gaps == 0 for one in group), len(group)
    tone = "solved" if complete == total else "overdue" if complete == 0 else "waiting"
    return Tile(group[0].unit.id, group[0].unit.name, complete, total, tone)


def _gap_row(one: Coverage, place: str, stamp: DirectoryStamp | None, under_way: CollectionRound | None) -> GapRow:
    missing = [
        *(str(POSTS[post]) for post in one.missing_posts),
        *(str(BODY_KINDS[kind]) for kind in one.missing_bodies),
    ]
    return GapRow(
        one.unit.id,
        one.unit.name,
        place,
        unit_label(one.unit),
        tuple(missing),
        _stamp(stamp),
        under_way is not None and owes(one, stamp, under_way),
    )


def _stamp(stamp: DirectoryStamp | None) -> StampLine | None:
    return None if stamp is None else StampLine(stamp.signed_name, stamp.stamped_at, stamp.gaps)


def _round(under_way: CollectionRound | None) -> RoundLine | None:
    if under_way is None:
        return None
    left = (under_way.due_on - orgs.today()).days
    return RoundLine(under_way.id, under_way.title, under_way.clause, under_way.due_on, left)
