"""What the messenger does after something has happened; each may run twice."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from chat import policies
from chat.events import CallMissed, GroupLaidDown, MisplacedReported, PeopleMentioned
from chat.models import Message, MisplacedReport, TalkCall
from chat.policies import RECALL_MESSAGES
from chat.queries.replies import list_to_call
from chat.services.members import settle_changed, settle_group
from chat.services.replies import mention_source
from registry_core import clock
from registry_core.access.events import RoleGiven
from registry_core.access.queries import load_actor
from registry_core.accounts.models import Account
from registry_core.incidents.queries import list_nearest_holders
from registry_core.notifications.presenters import NoticeKind
from registry_core.notifications.services import notify


def settle_new_group(session: Session, event: GroupLaidDown) -> None:
    """Write down who belongs to a new group by rule."""
    settle_group(session, event.conversation_id)


def settle_groups_of_role(session: Session, _event: RoleGiven) -> None:
    """Take somebody with a new role into the groups that follow it."""
    settle_changed(session)


def tell_of_missed_call(session: Session, event: CallMissed) -> None:
    """Put a missed call into somebody's bell, with the way to where they can call back."""
    call = session.get_one(TalkCall, event.call_id)
    actor = load_actor(session, event.account_id, at=clock.now())
    access = policies.access_to(session, actor, call.conversation_id)
    if not access.may_read:
        return
    notify(
        session,
        event.account_id,
        kind=NoticeKind.CALL_MISSED,
        details={"name": session.get_one(Account, call.started_by_id).name, "kind": call.kind.value},
        url=access.page,
        source=f"call_missed:{call.id}",
    )


def tell_of_mention(session: Session, event: PeopleMentioned) -> None:
    """Put it into the bells of those who are called and have not read it, also where the conversation is muted."""
    sender = session.scalar(
        select(Account.name)
        .join(Message, Message.sender_id == Account.id)
        .where(Message.conversation_id == event.conversation_id, Message.number == event.number)
    )
    for account_id in list_to_call(session, event.conversation_id, event.number):
        actor = load_actor(session, account_id, at=clock.now())
        access = policies.access_to(session, actor, event.conversation_id)
        if access.may_read:
            name = policies.names_of(session, actor, [event.conversation_id]).get(event.conversation_id, "")
            notify(
                session,
                account_id,
                kind=NoticeKind.MENTIONED,
                details={"name": sender, "talk": name},
                url=f"{access.page}?at={event.number}",
                source=mention_source(event.conversation_id, event.number),
            )


def tell_of_report(session: Session, event: MisplacedReported) -> None:
    """Put a reported message before the administrators of its sender's unit, else of the nearest one above."""
    report = session.get_one(MisplacedReport, event.report_id)
    sender = session.scalars(
        select(Account).join(Message, Message.sender_id == Account.id).where(Message.id == report.message_id)
    ).one()
    for account_id in list_nearest_holders(session, report.unit_id, RECALL_MESSAGES, besides=frozenset({sender.id})):
        notify(
            session,
            account_id,
            kind=NoticeKind.MESSAGE_REPORTED,
            details={"name": sender.name},
            url="/messages/recalls",
            source=f"message_reported:{report.id}",
        )
