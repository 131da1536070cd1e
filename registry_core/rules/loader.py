"""Loading rule packs: repeatable, all or nothing, matched by the code of the pack and the name of the topic."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.orgs import queries as orgs
from registry_core.orgs.models import CodeScheme, OrgUnit
from registry_core.rules.errors import PackFault, PacksRefused
from registry_core.rules.load_report import PackReport, RuleLoadReport
from registry_core.rules.models import PackRule, RulePack
from registry_core.rules.pack_file import MINISTRY, PackFile, RuleLine, fields_of, read_packs

# One load at a time; held until the transaction ends.
_LOAD_LOCK = 0x72756C65


def load_packs(session: Session, paths: Sequence[Path] | None = None) -> RuleLoadReport:
    """Bring the packs in line with pack files (the shipped ones without `paths`) and say what that changed.

    A value that changed is retired and stated anew; nothing is deleted. A pack whose owner does not stand in the tree
    is left out and reported. Packs that no file names stay as they are.
    Raises PacksRefused with every fault, before anything is written.
    """
    files = read_packs(paths)
    session.execute(select(func.pg_advisory_xact_lock(_LOAD_LOCK)))
    owners = {file.code: _find_owner(session, file.owner) for file in files}
    standing = {pack.code: pack for pack in session.scalars(select(RulePack))}
    _require_same_owners(files, owners, standing)
    reports = []
    for file in files:
        owner = owners[file.code]
        if owner is None:
            reports.append(PackReport(file.code, file.name, file.owner, is_left_out=True))
        else:
            reports.append(_load(session, file, owner, standing.get(file.code)))
    return RuleLoadReport(tuple(reports))


def _find_owner(session: Session, owner: str) -> OrgUnit | None:
    if owner == MINISTRY:
        return orgs.find_ministry(session)
    return orgs.find_unit_by_code(session, CodeScheme.GBT2260, owner)


def _require_same_owners(
    files: Sequence[PackFile], owners: dict[str, OrgUnit | None], standing: dict[str, RulePack]
) -> None:
    faults = []
    for file in files:
        pack, owner = standing.get(file.code), owners[file.code]
        if pack is not None and owner is not None and pack.owner_unit_id != owner.id:
            reason = _l("这个规则包已属于另一个单位，不能改换单位。请为 %(owner)s 另起一个代码。", owner=file.owner)
            faults.append(PackFault(file.code, "", "owner", reason))
    if faults:
        raise PacksRefused(tuple(faults))


def _load(session: Session, file: PackFile, owner: OrgUnit, pack: RulePack | None) -> PackReport:
    head = fields_of(file)
    is_new = pack is None
    if pack is None:
        pack = RulePack(code=file.code, owner_unit_id=owner.id, **head)
        session.add(pack)
        session.flush()
    head_changed = any(getattr(pack, name) != value for name, value in head.items())
    pack.restate(**head)
    stated = {rule.topic: rule for rule in _list_stated(session, pack)}
    wanted = {line.topic: line for line in file.rules}
    added = [topic for topic in wanted if topic not in stated]
    changed = [topic for topic, line in wanted.items() if topic in stated and _differs(stated[topic], line)]
    retired = [topic for topic in stated if topic not in wanted]
    for topic in (*changed, *retired):
        stated[topic].retire(clock.now())
    # The unique index lets a new value in only once the old one is retired.
    session.flush()
    session.add_all(_state(pack, wanted[topic]) for topic in (*added, *changed))
    session.flush()
    return PackReport(
        file.code,
        file.name,
        file.owner,
        is_new=is_new,
        head_changed=head_changed,
        added=tuple(added),
        changed=tuple(changed),
        retired=tuple(retired),
        unchanged=len(wanted) - len(added) - len(changed),
    )


def _list_stated(session: Session, pack: RulePack) -> Sequence[PackRule]:
    return session.scalars(select(PackRule).where(PackRule.pack_id == pack.id, PackRule.retired_at.is_(None))).all()


def _differs(rule: PackRule, line: RuleLine) -> bool:
    kept = (rule.value, rule.clause, rule.note, rule.is_house_default)
    return kept != (line.value, line.clause, line.note, line.is_house_default)


def _state(pack: RulePack, line: RuleLine) -> PackRule:
    return PackRule(
        pack_id=pack.id,
        topic=line.topic,
        value=line.value,
        clause=line.clause,
        note=line.note,
        is_house_default=line.is_house_default,
        stated_at=clock.now(),
    )
