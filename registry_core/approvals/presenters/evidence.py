"""Evidence on pages: what was attached and what is missing, and the fields in which it is attached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor
from registry_core.approvals.models import Application
from registry_core.approvals.policies import EVIDENCE
from registry_core.approvals.queries.evidence import FURTHER, list_attached, list_evidence
from registry_core.files.limits import MEGABYTE, limits_for
from registry_core.files.presenters import FileView, present_file
from registry_core.files.queries import list_files
from registry_core.rules.topics import ProcedureSpec

PICTURES = frozenset({"jpg", "jpeg", "png", "webp", "gif"})


@dataclass(frozen=True, slots=True)
class Attached:
    """What was attached as one evidence of the procedure; `is_missing` where it has to be there and is not."""

    label: str
    files: tuple[FileView, ...]
    is_missing: bool


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """The evidence of an application: of the last round, and what was sent in before and is no longer among it."""

    groups: tuple[Attached, ...]
    former: tuple[FileView, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """A field in which one evidence is attached; `files` are there already."""

    field: str
    label: str
    is_required: bool
    files: tuple[FileView, ...]


@dataclass(frozen=True, slots=True)
class SlotsView:
    """The fields of all evidence, with what the unit's rules take."""

    use: str
    slots: tuple[Slot, ...]
    accept: str
    takes_pictures: bool
    help: str


def view_evidence(session: Session, application: Application, spec: ProcedureSpec) -> EvidenceView:
    """Read what was attached, by the names of the procedure."""
    rows = list_evidence(session, application)
    by_name: dict[str, list[FileView]] = {}
    now = {row.file_id for row, _file in rows if row.round == application.round}
    former = {row.file_id: file for row, file in rows if row.file_id not in now}
    for row, file in rows:
        if row.round == application.round:
            by_name.setdefault(row.name, []).append(present_file(file))
    names = (*spec.evidence, *(name for name in by_name if name not in spec.evidence))
    groups = tuple(
        Attached(_label(name), tuple(by_name.get(name, ())), name in spec.evidence and not by_name.get(name))
        for name in names
    )
    return EvidenceView(groups, tuple(present_file(file) for file in former.values()))


def list_slots(session: Session, actor: Actor, spec: ProcedureSpec, chosen: Mapping[int, Sequence[UUID]]) -> SlotsView:
    """Make the fields of a form, with the files that were chosen; `chosen` is by the place of the evidence."""
    limits = limits_for(session, actor)
    wanted = [file_id for of_place in chosen.values() for file_id in of_place]
    known = {file.id: present_file(file) for file in list_files(session, actor, wanted)}
    slots = tuple(
        Slot(
            f"evidence-{place}",
            _label(name) if name else _("其他材料（没有可不传）"),
            name != FURTHER,
            tuple(known[file_id] for file_id in chosen.get(place, ()) if file_id in known),
        )
        for place, name in enumerate((*spec.evidence, FURTHER))
    )
    return SlotsView(
        use=EVIDENCE,
        slots=slots,
        accept=",".join(f".{ending}" for ending in limits.types),
        takes_pictures=not PICTURES.isdisjoint(limits.types),
        help=_(
            "可以传 %(types)s，每个不超过 %(most)s MB；用手机可以直接拍照。",
            types=" ".join(limits.types),
            most=limits.max_bytes // MEGABYTE,
        ),
    )


def attached_by_place(session: Session, application: Application, spec: ProcedureSpec) -> dict[int, list[UUID]]:
    """Read what was attached last, by the place of the evidence in the procedure."""
    attached = list_attached(session, application)
    return {place: attached[name] for place, name in enumerate((*spec.evidence, FURTHER)) if name in attached}


def _label(name: str) -> str:
    return name or _("其他材料")
