"""What tests of how people get in share: reactions run as the worker would, and the words that went out."""

from __future__ import annotations

import re
from uuid import UUID

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.languages import install_languages
from registry_core import events
from registry_core.notifications.models import Notice
from registry_core.people.models import AdministratorReport
from registry_core.people.services.reports import Person, report_administrator
from tests.conftest import Cast
from tests.jobs_house import jobs

COUNTY = "雁塔区"
EMPTY_COUNTY = "碑林区"
"""Nobody administrates it yet."""
EMPTY_SCHOOL = "西安市碑林区实验小学（演示）"
SCHOOL = "西安市雁塔区第一小学（演示）"
NEWCOMER = Person("秦岭", "13912345678", "qinling@example.cn")
_PASSWORD = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")


def react(session: Session, event: str) -> None:
    """Run every reaction that waits for an event of this name."""
    tongue = Flask("portal")
    install_languages(tongue)
    with tongue.app_context():
        for job in jobs(session, event):
            happened = events.from_payload(event, job["payload"])
            for reaction in events.reactions_to(event):
                if events.reaction_name(reaction) == job["reaction"]:
                    reaction(session, happened)


def passwords_sent(session: Session) -> dict[str, str]:
    """The latest one-time password that went out to each address."""
    sent = [job.get("mail") or job.get("sms") for job in jobs(session)]
    found = [(one.get("to") or one.get("mobile"), _PASSWORD.search(one["text"])) for one in sent if one]
    return {address: match[0] for address, match in found if match}


def notices(session: Session, account_id: UUID) -> list[str]:
    """The kinds of notices in somebody's bell."""
    return list(session.scalars(select(Notice.kind).where(Notice.account_id == account_id)))


def report_county(session: Session, cast: Cast, person: Person = NEWCOMER) -> AdministratorReport:
    """The province reports a super administrator for a county that has none."""
    return report_administrator(session, cast.actor("sheng_guanli"), cast.unit(EMPTY_COUNTY).id, person=person)
