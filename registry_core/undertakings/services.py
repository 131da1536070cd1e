"""Writes: signing an undertaking, stating a purpose; and asking for both before personal data are shown."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from registry_core import audit, clock
from registry_core.access.actors import Actor
from registry_core.db import new_id
from registry_core.errors import Forbidden
from registry_core.rules.queries import Rule
from registry_core.undertakings import queries
from registry_core.undertakings.errors import PurposeNeeded, PurposeNotOpen, TextChanged, UndertakingNeeded
from registry_core.undertakings.models import PurposeStatement, Undertaking, UndertakingText
from registry_core.undertakings.policies import PURPOSES, UNDERTAKING, hash_text


def require_ready(session: Session, actor: Actor, *, is_export: bool = False) -> Actor:
    """Ask a person who is about to read personal data for undertaking and purpose; return who acts, with the purpose.

    Raises UndertakingNeeded, PurposeNeeded.
    """
    if queries.find_due(session, actor) is not None:
        raise UndertakingNeeded
    rule = queries.find_rule_for(session, actor, PURPOSES)
    if rule is None:
        return actor
    stated = queries.find_statement(session, actor, rule)
    if stated is None and (is_export or rule.value.asked != "exports_only"):
        raise PurposeNeeded
    return replace(actor, purpose=stated.name) if stated else actor


def sign(session: Session, actor: Actor, *, text_hash: str) -> None:
    """Sign the text that holds for the actor; the hash says which one was read. Signing again changes nothing.

    Raises Forbidden, TextChanged.
    """
    rule = queries.find_rule_for(session, actor, UNDERTAKING)
    if actor.home is None:
        raise Forbidden
    if rule is None or hash_text(rule.value) != text_hash:
        raise TextChanged
    values = {
        "id": new_id(),
        "account_id": actor.account_id,
        "text_id": _keep_text(session, rule),
        "unit_id": actor.home.unit_id,
        "signed_at": clock.now(),
    }
    made = session.execute(insert(Undertaking).values(values).on_conflict_do_nothing().returning(Undertaking.id))
    if made.scalar() is not None:
        about = audit.Subject("undertaking", text_hash, actor.home.unit_id, f"{rule.value.title} {rule.value.version}")
        audit.note(session, actor, "undertakings.signed", about=about)


def state_purpose(session: Session, actor: Actor, *, code: str) -> PurposeStatement:
    """State what the actor will look at personal data for.

    Raises PurposeNotOpen.
    """
    rule = queries.find_rule_for(session, actor, PURPOSES)
    purposes = queries.list_open_purposes(actor, rule) if rule else ()
    chosen = next((purpose for purpose in purposes if purpose.code == code), None)
    if rule is None or chosen is None:
        raise PurposeNotOpen
    stated = PurposeStatement(
        account_id=actor.account_id,
        browser_session_id=actor.origin.browser_session_id if actor.origin else None,
        code=chosen.code,
        name=chosen.name_zh,
        pack_code=rule.pack_code,
        stated_at=clock.now(),
    )
    session.add(stated)
    session.flush()
    told = audit.Change(None, chosen.name_zh, audit.FieldClass.INTERNAL)
    about = audit.Subject("account", actor.account_id, actor.home.unit_id if actor.home else None)
    audit.note(session, actor, "undertakings.purpose.stated", about=about, changes={"purpose": told})
    return stated


def _keep_text(session: Session, rule: Rule) -> object:
    """Keep the text word by word, once; return its identifier."""
    text_hash = hash_text(rule.value)
    values = {
        "id": new_id(),
        "text_hash": text_hash,
        "version": rule.value.version,
        "title": rule.value.title,
        "text": list(rule.value.text),
        "pack_code": rule.pack_code,
        "kept_at": clock.now(),
    }
    session.execute(insert(UndertakingText).values(values).on_conflict_do_nothing(index_elements=["text_hash"]))
    return session.scalars(select(UndertakingText.id).where(UndertakingText.text_hash == text_hash)).one()
