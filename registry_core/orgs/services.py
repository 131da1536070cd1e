"""Changes to the tree.

No service here takes an actor: only the command line, the loader and the demonstration cast change the tree so far, and
`Actor` lives in `registry_core.access`, which stands on this package. The pages that will edit the tree check the right
and the scope there before they call down.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import case, func, literal, or_, select, update
from sqlalchemy.orm import Session

from registry_core.orgs import queries
from registry_core.orgs.errors import (
    CentreDoesNotFit,
    CodeMalformed,
    CodePeriodTaken,
    CodeTaken,
    MinistryExists,
    NameMissing,
    PlaceDoesNotFit,
    UnitHasOpenChildren,
    UnitIsClosed,
    WouldBeOwnAncestor,
)
from registry_core.orgs.models import (
    ALLOWED_PARENTS,
    Body,
    BodyKind,
    BodyMember,
    CodeScheme,
    Level,
    OrgUnit,
    OrgUnitCode,
    Seat,
    UnitKind,
    is_within,
    number_sequence,
)

_DIGITS = {CodeScheme.GBT2260: 6, CodeScheme.SCHOOL_CODE: 10}
# One lock for all that rearranges the tree or deals out codes; held until the transaction ends.
_TREE_LOCK = 0x6F7267


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach a body, and the institution that hosts it (a service centre sits in one)."""

    host_name: str | None = None
    contact_name: str | None = None
    phone: str | None = None
    email: str | None = None
    address: str | None = None


def lock_tree(session: Session) -> None:
    """Let one transaction at a time rearrange the tree; readers and additions are not held up."""
    session.execute(select(func.pg_advisory_xact_lock(_TREE_LOCK)))


def add_unit(
    session: Session,
    parent: OrgUnit | None,
    *,
    level: Level,
    name: str,
    kind: UnitKind = UnitKind.AUTHORITY,
    code: str | None = None,
) -> OrgUnit:
    """Hang a unit under its parent; the ministry has none.

    A code is GB/T 2260 for authorities and a school code for schools, in force from today. It may be missing: the
    Xinjiang corps has none and is a province all the same.
    Raises PlaceDoesNotFit, UnitIsClosed, MinistryExists, NameMissing, CodeMalformed, CodeTaken.
    """
    above = _held(session, parent)
    require_place(above, level, kind)
    if above is None and queries.find_ministry(session) is not None:
        raise MinistryExists
    if above is not None and not above.is_open(queries.today()):
        raise UnitIsClosed
    number = session.scalars(select(number_sequence.next_value())).one()
    unit = OrgUnit(number=number, level=level, kind=kind, name=_filled(name))
    unit.path = f"{above.path if above else '/'}{number}/"
    if above is not None:
        unit.parent_id, unit.parent_level = above.id, above.level
    session.add(unit)
    session.flush()
    if code is not None:
        scheme = CodeScheme.SCHOOL_CODE if level is Level.SCHOOL else CodeScheme.GBT2260
        assign_code(session, unit, scheme, code)
    return unit


def add_school(session: Session, parent: OrgUnit, *, name: str, code: str | None = None) -> OrgUnit:
    """Hang a school under the authority that runs it: a county, a city, a province or the ministry.

    Raises what `add_unit` raises.
    """
    return add_unit(session, parent, level=Level.SCHOOL, kind=UnitKind.SCHOOL, name=name, code=code)


def add_teaching_point(session: Session, school: OrgUnit, *, name: str, code: str | None = None) -> OrgUnit:
    """Hang a teaching point under its school.

    Raises what `add_unit` raises.
    """
    return add_unit(session, school, level=Level.SCHOOL, kind=UnitKind.TEACHING_POINT, name=name, code=code)


def set_managing_school(session: Session, school: OrgUnit, centre: OrgUnit | None) -> None:
    """Let a centre school manage a school, or nobody any more; its place in the tree stays.

    One step only: a centre school is not managed itself, so there are no circles. Source: file 002, article 17.
    Raises CentreDoesNotFit, UnitIsClosed.
    """
    lock_tree(session)
    if centre is not None:
        if not centre.is_open(queries.today()):
            raise UnitIsClosed
        fits = school.kind is centre.kind is UnitKind.SCHOOL and school.id != centre.id
        if not fits or _is_managed(session, centre) or _manages(session, school):
            raise CentreDoesNotFit
    school.come_under(centre)
    session.flush()


def move_unit(session: Session, unit: OrgUnit, parent: OrgUnit) -> None:
    """Hang a unit and all below it under another parent.

    One statement for the whole subtree, so that the foreign key on the path never sees half a move. Whoever adds a
    unit below meanwhile waits for it.
    Raises PlaceDoesNotFit, WouldBeOwnAncestor, UnitIsClosed.
    """
    lock_tree(session)
    session.refresh(unit)
    session.refresh(parent)
    if is_within(parent.path, unit.path):
        raise WouldBeOwnAncestor
    require_place(parent, unit.level, unit.kind)
    if not parent.is_open(queries.today()):
        raise UnitIsClosed
    old, new = unit.path, f"{parent.path}{unit.number}/"
    # Locked first: the update that follows then sees what others were adding below while it waited.
    session.execute(select(OrgUnit.id).where(queries.subtree_clause(old)).with_for_update())
    is_top = OrgUnit.id == unit.id
    session.execute(
        update(OrgUnit)
        .where(queries.subtree_clause(old))
        .values(
            path=literal(new).concat(func.substr(OrgUnit.path, len(old) + 1)),
            parent_id=case((is_top, parent.id), else_=OrgUnit.parent_id),
            parent_level=case((is_top, parent.level), else_=OrgUnit.parent_level),
        )
        .execution_options(synchronize_session=False)
    )
    _expire_within(session, old)


def rename_unit(session: Session, unit: OrgUnit, name: str) -> None:
    """Give a unit another name.

    Raises NameMissing.
    """
    unit.rename(_filled(name))
    session.flush()


def close_unit(session: Session, unit: OrgUnit, *, on: date | None = None) -> None:
    """Let a unit cease to exist on a day (today without one) and free its codes; nothing is deleted.

    Raises UnitHasOpenChildren.
    """
    lock_tree(session)
    day = on or queries.today()
    session.refresh(unit, with_for_update=True)
    below = select(OrgUnit.id).where(
        or_(OrgUnit.parent_id == unit.id, OrgUnit.managed_by_id == unit.id), queries.open_clause(day)
    )
    if session.scalar(select(below.exists())):
        raise UnitHasOpenChildren
    unit.close(day)
    for code in queries.list_codes(session, unit.id):
        if code.valid_from < day and (code.valid_until is None or code.valid_until > day):
            code.end(day)
    session.flush()


def assign_code(
    session: Session, unit: OrgUnit, scheme: CodeScheme, code: str, *, valid_from: date | None = None
) -> OrgUnitCode:
    """Let a unit bear a code from a day on (today without one); the code before it ends that day.

    Raises CodeMalformed, CodeTaken, CodePeriodTaken.
    """
    if len(code) != _DIGITS[scheme] or not (code.isascii() and code.isdigit()):
        raise CodeMalformed
    lock_tree(session)
    day = valid_from or queries.today()
    _require_free(session, unit, scheme, code, day)
    for held in queries.list_codes(session, unit.id):
        if held.scheme is not scheme or (held.valid_until is not None and held.valid_until <= day):
            continue
        if held.code == code and held.valid_from <= day and held.valid_until is None:
            return held
        if held.valid_from >= day or held.valid_until is not None:
            raise CodePeriodTaken(held.valid_from)
        held.end(day)
        # The old period has to be shorter in the database before the new one comes beside it.
        session.flush()
    bearing = OrgUnitCode(unit_id=unit.id, scheme=scheme, code=code, valid_from=day)
    session.add(bearing)
    session.flush()
    return bearing


def add_body(session: Session, unit: OrgUnit, *, kind: BodyKind, name: str, contact: Contact | None = None) -> Body:
    """Let a body act for a unit; it becomes no rung and nothing hangs under it.

    Raises NameMissing.
    """
    body = Body(unit_id=unit.id, kind=kind, name=_filled(name), **asdict(contact or Contact()))
    session.add(body)
    session.flush()
    return body


def seat_member(
    session: Session, body: Body, *, seat: Seat, name: str, post: str | None = None, phone: str | None = None
) -> BodyMember:
    """Give somebody a seat in a body from today on. Source: file 000, annexes 1 and 2.

    Raises NameMissing.
    """
    member = BodyMember(
        body_id=body.id, seat=seat, name=_filled(name), post=post, phone=phone, joined_on=queries.today()
    )
    session.add(member)
    session.flush()
    return member


def require_place(parent: OrgUnit | None, level: Level, kind: UnitKind) -> None:
    """Refuse a place in which a unit of this level and kind cannot hang.

    Raises PlaceDoesNotFit.
    """
    if parent is None:
        fits = level is Level.MINISTRY
    elif kind is UnitKind.TEACHING_POINT:
        fits = parent.kind is UnitKind.SCHOOL
    else:
        fits = parent.level in ALLOWED_PARENTS[level]
    if not fits or (level is Level.SCHOOL) != (kind in {UnitKind.SCHOOL, UnitKind.TEACHING_POINT}):
        raise PlaceDoesNotFit


def _held(session: Session, parent: OrgUnit | None) -> OrgUnit | None:
    """Read the parent anew and hold its place: a move waits until the addition has committed, and vice versa."""
    if parent is None:
        return None
    session.refresh(parent, with_for_update={"key_share": True, "read": True})
    return parent


def _filled(name: str) -> str:
    if not name.strip():
        raise NameMissing
    return name.strip()


def _is_managed(session: Session, school: OrgUnit) -> bool:
    session.refresh(school, ["managed_by_id"])
    return school.managed_by_id is not None


def _manages(session: Session, school: OrgUnit) -> bool:
    return bool(session.scalar(select(select(OrgUnit.id).where(OrgUnit.managed_by_id == school.id).exists())))


def _require_free(session: Session, unit: OrgUnit, scheme: CodeScheme, code: str, day: date) -> None:
    """Refuse a code that another unit bears on the day or later: the new period has an open end."""
    other = session.scalar(
        select(OrgUnit.name)
        .join(OrgUnitCode, OrgUnitCode.unit_id == OrgUnit.id)
        .where(
            OrgUnitCode.scheme == scheme,
            OrgUnitCode.code == code,
            OrgUnitCode.unit_id != unit.id,
            or_(OrgUnitCode.valid_until.is_(None), OrgUnitCode.valid_until > day),
        )
        .limit(1)
    )
    if other is not None:
        raise CodeTaken(other)


def _expire_within(session: Session, old_path: str) -> None:
    """Forget what the session remembers of a moved subtree, so that its paths are read anew."""
    for known in list(session.identity_map.values()):
        if isinstance(known, OrgUnit) and known.__dict__.get("path", "").startswith(old_path):
            session.expire(known)
