"""What follows from events about accounts: word to their owners. Each may run twice.

A notice is the mark that something was told: its source is unique, and the mail goes out with a new notice alone.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from registry_core.accounts import letters, queries
from registry_core.accounts.events import (
    DormancyNear,
    LetterGiven,
    PasswordChanged,
    ResetRequested,
    SecondFactorChanged,
    SignedInByNewDevice,
)
from registry_core.accounts.models import Account, KnownDevice, ResetChannel
from registry_core.accounts.services.resets import issue_code
from registry_core.mail import Mail, enqueue_mail
from registry_core.notifications.presenters import NoticeKind
from registry_core.notifications.services import notify
from registry_core.sms import enqueue_sms


def send_code(session: Session, event: ResetRequested) -> None:
    """Send the code of a reset, if the name belongs to somebody who can be reached."""
    issued = issue_code(session, event)
    if issued is None:
        return
    account, code = issued
    if event.channel == ResetChannel.SMS and account.mobile:
        enqueue_sms(session, letters.write_code_sms(account, account.mobile, code))
    elif account.email:
        enqueue_mail(session, letters.write_code(account, account.email, code))


def tell_of_new_device(session: Session, event: SignedInByNewDevice) -> None:
    """Tell somebody that a browser got in that was not known."""
    device = session.get(KnownDevice, event.device_id)
    if device is None:
        return
    account = queries.get_account(session, event.account_id)
    _tell(
        session,
        account,
        NoticeKind.NEW_DEVICE,
        f"device:{event.device_id}",
        lambda address: letters.write_new_device(account, address, device, event.address, event.at),
    )


def tell_of_new_password(session: Session, event: PasswordChanged) -> None:
    """Tell somebody that the password is another one."""
    account = queries.get_account(session, event.account_id)
    _tell(
        session,
        account,
        NoticeKind.PASSWORD_CHANGED,
        f"password:{event.at.isoformat()}",
        lambda address: letters.write_password_changed(account, address, event.at),
    )


def tell_of_factor(session: Session, event: SecondFactorChanged) -> None:
    """Tell somebody that the second factor was set up or taken away."""
    account = queries.get_account(session, event.account_id)
    _tell(
        session,
        account,
        NoticeKind.FACTOR_ON if event.is_on else NoticeKind.FACTOR_OFF,
        f"factor:{event.at.isoformat()}",
        lambda address: letters.write_factor_changed(account, address, event.at, is_on=event.is_on),
    )


def tell_of_letter(session: Session, event: LetterGiven) -> None:
    """Leave word that a letter was made: who did not ask for it sees it at once."""
    account = queries.get_account(session, event.account_id)
    _tell(session, account, NoticeKind.LETTER_GIVEN, f"letter:{event.reset_id}", None)


def tell_of_dormancy(session: Session, event: DormancyNear) -> None:
    """Tell somebody that the account will be sealed."""
    account = queries.get_account(session, event.account_id)
    _tell(
        session,
        account,
        NoticeKind.DORMANCY_NEAR,
        f"dormancy:{event.seals_at.isoformat()}",
        lambda address: letters.write_dormancy(account, address, event.seals_at),
    )


def _tell(
    session: Session, account: Account, kind: NoticeKind, source: str, write: Callable[[str], Mail] | None
) -> None:
    is_new = notify(session, account.id, kind=kind, details={}, url=letters.ACCOUNT_PATH, source=source)
    if is_new and write is not None and account.email and account.closed_at is None:
        enqueue_mail(session, write(account.email))
