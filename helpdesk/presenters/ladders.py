"""The ladder: five rungs, where the question stands, what was passed, and who is there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from chat.presence import Presence
from helpdesk.models import Offer, OfferState, StepKind, Ticket, TicketState, TicketStep
from helpdesk.presenters.words import level_label, passed_label
from helpdesk.queries.chains import ChainDesk, list_desks_on
from helpdesk.queries.technicians import list_available
from registry_core import clock
from registry_core.orgs.models import Level, OrgUnit, is_within, lineage

LOWEST_FIRST = (Level.SCHOOL, Level.COUNTY, Level.CITY, Level.PROVINCE, Level.MINISTRY)
_PASSING = (StepKind.LEVEL_PASSED, StepKind.PASSED_UP, StepKind.RETURNED)
_STATE_OF_RUNG = {
    TicketState.RINGING: "ringing",
    TicketState.WAITING: "waiting",
    TicketState.TALKING: "talking",
    TicketState.RESOLVED: "solved",
    TicketState.CLOSED: "solved",
}


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder. `free` is None where nobody knows who is connected; `at` says when it was passed."""

    level: str
    level_label: str
    unit_name: str
    desk_name: str | None
    state: str
    state_label: str
    is_open: bool
    opens_at: datetime | None
    free: int | None
    at: datetime | None
    is_here: bool


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs, lowest first, and the sentence that says the same in words."""

    rungs: tuple[Rung, ...]
    sentence: str
    here: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a question stands: the desk that has or rings it, and when and why others were passed."""

    ticket: Ticket
    ringing_desk_id: UUID | None
    passed: Mapping[UUID, tuple[datetime, str]]
    handler_name: str | None

    @property
    def here_id(self) -> UUID:
        """The desk on whose rung the marker stands."""
        return self.ringing_desk_id or self.ticket.custody_desk_id


@dataclass(frozen=True, slots=True)
class Place:
    """The way up from a unit: the names of the units on it, and their desks."""

    units: Mapping[Level, str]
    desks: tuple[ChainDesk, ...]


def read_place(session: Session, unit_path: str) -> Place:
    """Read the way up from a unit."""
    return read_ways(session, [unit_path])[unit_path]


def read_ways(session: Session, unit_paths: Collection[str]) -> dict[str, Place]:
    """Read the ways up from many units, by their paths; a hundred schools cost as many queries as one."""
    wanted = {above for path in unit_paths for above in lineage(path)}
    rows = session.execute(select(OrgUnit.path, OrgUnit.level, OrgUnit.name).where(OrgUnit.path.in_(wanted)))
    units = {path: (level, name) for path, level, name in rows}
    desks = list_desks_on(session, wanted)
    return {
        path: Place(
            dict(units[above] for above in lineage(path)),
            tuple(desk for desk in desks if is_within(path, desk.unit_path)),
        )
        for path in set(unit_paths)
    }


def read_standings(session: Session, tickets: Sequence[Ticket], names: Mapping[UUID, str]) -> dict[UUID, Standing]:
    """Read where questions stand, for a whole list in two queries."""
    ids = [ticket.id for ticket in tickets]
    ringing = dict(
        session.execute(
            select(Offer.ticket_id, Offer.desk_id).where(Offer.ticket_id.in_(ids), Offer.state == OfferState.RINGING)
        ).all()
    )
    passed: dict[UUID, dict[UUID, tuple[datetime, str]]] = {ticket_id: {} for ticket_id in ids}
    steps = session.scalars(
        select(TicketStep)
        .where(TicketStep.ticket_id.in_(ids), TicketStep.kind.in_(_PASSING))
        .order_by(TicketStep.number)
    )
    for step in steps:
        if step.desk_id is not None:
            why = str(step.details.get("why") or step.kind.value)
            passed[step.ticket_id][step.desk_id] = (step.at, why)
    return {
        ticket.id: Standing(
            ticket,
            ringing.get(ticket.id),
            passed[ticket.id],
            names.get(ticket.handler_id) if ticket.handler_id else None,
        )
        for ticket in tickets
    }


def count_free(session: Session, presence: Presence, desks: Iterable[ChainDesk]) -> dict[UUID, int] | None:
    """Count who could be rung at each open desk, or None where nobody knows who is connected."""
    at = clock.now()
    if not presence.is_known():
        return None
    ids = [desk.id for desk in desks if desk.is_open(at)]
    counts = dict.fromkeys(ids, 0)
    for technician in list_available(session, presence, ids, at=at):
        counts[technician.desk_id] += 1
    return counts


def draw(place: Place, standing: Standing | None, free: Mapping[UUID, int] | None) -> tuple[Rung, ...]:
    """Draw the rungs, lowest first; a level without a desk is `absent`."""
    at = clock.now()
    rungs: list[Rung] = []
    for level in LOWEST_FIRST:
        desks = [desk for desk in place.desks if desk.level is level]
        rungs.extend(_rung(desk, standing, free, at) for desk in desks)
        if not desks:
            rungs.append(
                Rung(
                    level.value,
                    level_label(level),
                    place.units.get(level, ""),
                    None,
                    "absent",
                    _("没有服务台"),
                    is_open=False,
                    opens_at=None,
                    free=None,
                    at=None,
                    is_here=False,
                )
            )
    return tuple(rungs)


def ladder_of_chain(place: Place, free: Mapping[UUID, int] | None) -> Ladder:
    """Draw the ladder before the question: who would answer."""
    rungs = draw(place, None, free)
    open_desks = [rung for rung in rungs if rung.desk_name and rung.is_open]
    somebody = next((rung for rung in open_desks if rung.free), None)
    if free is None:
        sentence = _("暂时无法确认哪些同事在线，问题会逐个呼叫，请放心提问。")
    elif somebody is None:
        sentence = _("现在没有同事在线。您照常提问，问题会留下来，同事上线就会看到。")
    else:
        sentence = ngettext(
            "%(desk)s现在有 %(num)s 位同事可以接待您。",
            "%(desk)s现在有 %(num)s 位同事可以接待您。",
            somebody.free or 0,
            desk=somebody.desk_name,
        )
    return Ladder(rungs, sentence, None)


def ladder_of_ticket(
    place: Place, standing: Standing, free: Mapping[UUID, int] | None, *, for_asker: bool = True
) -> Ladder:
    """Draw the ladder of a question, with the sentence as its asker or as a desk reads it."""
    rungs = draw(place, standing, free)
    here = next((rung for rung in rungs if rung.is_here), None)
    sentence = sentence_of(standing, here) if for_asker else desk_sentence_of(standing, here)
    return Ladder(rungs, sentence, here.level if here else None)


def sentence_of(standing: Standing, here: Rung | None) -> str:
    """Say where a question stands."""
    desk = (here.desk_name if here else None) or _("服务台")
    return {
        TicketState.RINGING: lambda: _ringing_sentence(desk, here.free if here else None),
        TicketState.WAITING: lambda: (
            _waiting_sentence(desk, may_climb=standing.ticket.may_climb) + _opening_sentence(desk, here)
        ),
        TicketState.TALKING: lambda: _(
            "%(name)s（%(desk)s）正在为您解答。", name=standing.handler_name or _("同事"), desk=desk
        ),
        TicketState.RESOLVED: lambda: _("%(desk)s已给出答复，请看看是否解决了您的问题。", desk=desk),
        TicketState.CLOSED: lambda: _("问题已解决。"),
    }[standing.ticket.state]()


def desk_sentence_of(standing: Standing, here: Rung | None) -> str:
    """Say where a question stands, for those who answer."""
    desk = (here.desk_name if here else None) or _("服务台")
    name = standing.handler_name or _("同事")
    return {
        TicketState.RINGING: _("正在%(desk)s响铃", desk=desk),
        TicketState.WAITING: _("在%(desk)s等候接待", desk=desk),
        TicketState.TALKING: _("%(name)s（%(desk)s）接待中", name=name, desk=desk),
        TicketState.RESOLVED: _("已答复，等提问人确认"),
        TicketState.CLOSED: _("提问人已确认解决"),
    }[standing.ticket.state]


def _ringing_sentence(desk: str, free: int | None) -> str:
    if not free:
        return _("您的问题正在%(desk)s响铃，请稍候。", desk=desk)
    return ngettext(
        "您的问题正在%(desk)s响铃，还有 %(num)s 位同事可接。",
        "您的问题正在%(desk)s响铃，还有 %(num)s 位同事可接。",
        free,
        desk=desk,
    )


def _waiting_sentence(desk: str, *, may_climb: bool) -> str:
    if may_climb:
        return _(
            "各级服务台暂时都没有同事可接。问题由%(desk)s负责，同事上线后会马上接待您，有答复会发邮件告诉您。",
            desk=desk,
        )
    return _("%(desk)s暂时没有同事可接，您的问题在这里等候，不会丢。", desk=desk)


def _opening_sentence(desk: str, here: Rung | None) -> str:
    """Say when the desk opens again, where it is closed now."""
    if here is None or here.opens_at is None:
        return ""
    opens = clock.local(here.opens_at)
    return _("%(desk)s %(when)s 上班。", desk=desk, when=f"{opens.month}-{opens.day} {opens:%H:%M}")


def _rung(desk: ChainDesk, standing: Standing | None, free: Mapping[UUID, int] | None, at: datetime) -> Rung:
    is_here = standing is not None and desk.id == standing.here_id
    state, label, passed_at = _state_of(desk, standing, is_here=is_here)
    return Rung(
        desk.level.value,
        level_label(desk.level),
        desk.unit_name,
        desk.name,
        state,
        label,
        is_open=desk.is_open(at),
        opens_at=None if desk.is_open(at) else desk.opens_at(at),
        free=None if free is None else free.get(desk.id, 0),
        at=passed_at,
        is_here=is_here,
    )


def _state_of(desk: ChainDesk, standing: Standing | None, *, is_here: bool) -> tuple[str, str, datetime | None]:
    if standing is None:
        return "ahead", "", None
    if is_here:
        state = _STATE_OF_RUNG[standing.ticket.state]
        labels = {
            "ringing": _("正在响铃"),
            "waiting": _("在这里等候"),
            "talking": _("正在解答"),
            "solved": _("已答复"),
        }
        return state, labels[state], None
    passed = standing.passed.get(desk.id)
    if passed is not None:
        return "passed", passed_label(passed[1]), passed[0]
    return "ahead", _("还没到这一级"), None
