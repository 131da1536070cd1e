"""All permissions on one page: which role carries which, and which page and socket command asks for which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chat.policies import USE_CONVERSATIONS
from helpdesk.policies import ASK, HANDLE, MANAGE_DESK, RECORD_CALL
from registry_core.access.actors import Right
from registry_core.access.models import QualificationKind, Role
from registry_core.access.policies import CONSENT, MANAGE_PEOPLE, QUALIFY, SEE_PEOPLE
from registry_core.accounts.policies import GIVE_LETTER, USE_OWN
from registry_core.audit.policies import AUDIT
from registry_core.calendars.policies import EDIT_CALENDAR, READ_CALENDAR
from registry_core.orgs.models import Level
from registry_core.rules.policies import FILE_RULES, FILING_LEVELS, READ_RULES

EVERYBODY = frozenset(Role)
ANSWERERS = frozenset({Role.TECHNICIAN, Role.DESK_LEAD})
ADMINISTRATORS = frozenset({Role.SUPER_ADMINISTRATOR, Role.REGISTRY_ADMINISTRATOR})

# ── permission → roles at a unit, and the qualification that it asks for ──────────────────────────────────────────────
# Source: operation rules (file 003 annex 2), articles 15-17; certified before serving: file 003 main part 3.
RIGHTS: Mapping[str, Right] = {
    USE_OWN: Right(EVERYBODY),
    USE_CONVERSATIONS: Right(EVERYBODY),
    ASK: Right(EVERYBODY),
    HANDLE: Right(ANSWERERS, QualificationKind.ANSWERING),
    RECORD_CALL: Right(ANSWERERS, QualificationKind.ANSWERING),
    MANAGE_DESK: Right(frozenset({Role.DESK_LEAD, Role.SUPER_ADMINISTRATOR})),
    SEE_PEOPLE: Right(ADMINISTRATORS | {Role.REGISTRY_LEADER}),
    MANAGE_PEOPLE: Right(ADMINISTRATORS),
    QUALIFY: Right(frozenset({Role.SUPER_ADMINISTRATOR})),
    CONSENT: Right(frozenset({Role.SYSTEM_ADMINISTRATOR})),
    GIVE_LETTER: Right(ADMINISTRATORS),
    AUDIT: Right(frozenset({Role.SUPER_ADMINISTRATOR})),
    READ_CALENDAR: Right(EVERYBODY),
    EDIT_CALENDAR: Right(frozenset({Role.SUPER_ADMINISTRATOR}), levels=frozenset({Level.MINISTRY})),
    READ_RULES: Right(EVERYBODY),
    FILE_RULES: Right(frozenset({Role.SUPER_ADMINISTRATOR}), levels=FILING_LEVELS),
}

# ── endpoint → permission ─────────────────────────────────────────────────────────────────────────────────────────────
ENDPOINTS: Mapping[str, str] = {
    "home.workbench": USE_OWN,
    "accounts.password": USE_OWN,
    "accounts.show_account": USE_OWN,
    "accounts.confirm": USE_OWN,
    "accounts.end_session": USE_OWN,
    "accounts.end_other_sessions": USE_OWN,
    "accounts.set_up_factor": USE_OWN,
    "accounts.remove_factor": USE_OWN,
    "accounts.renew_recovery_codes": USE_OWN,
    "accounts.letters": GIVE_LETTER,
    "notifications.list_notices": USE_OWN,
    "notifications.mark_read": USE_OWN,
    "helpdesk.ask": ASK,
    "helpdesk.list_questions": ASK,
    "helpdesk.show_question": ASK,
    "helpdesk.question_status": ASK,
    "helpdesk.submit_record": ASK,
    "helpdesk.confirm_question": ASK,
    "helpdesk.reopen_question": ASK,
    "helpdesk.console": HANDLE,
    "helpdesk.queue": HANDLE,
    "helpdesk.panel": HANDLE,
    "helpdesk.head": HANDLE,
    "helpdesk.offers": HANDLE,
    "helpdesk.accept_offer": HANDLE,
    "helpdesk.decline_offer": HANDLE,
    "helpdesk.take_ticket": HANDLE,
    "helpdesk.pass_up": HANDLE,
    "helpdesk.return_ticket": HANDLE,
    "helpdesk.resolve": HANDLE,
    "helpdesk.set_duty": HANDLE,
    "helpdesk.record_call": RECORD_CALL,
    "helpdesk.show_desk": MANAGE_DESK,
    "audit.search": AUDIT,
    "audit.list_looks": USE_OWN,
    "calendars.show_year": READ_CALENDAR,
    "calendars.edit_day": EDIT_CALENDAR,
    "calendars.remove_day": EDIT_CALENDAR,
    "calendars.publish_year": EDIT_CALENDAR,
    "rules.list_rules": READ_RULES,
    "rules.show_pack": READ_RULES,
    "rules.file_rules": FILE_RULES,
}

# Nobody needs to be signed in here; each line says why.
PUBLIC_ENDPOINTS: Mapping[str, str] = {
    "accounts.sign_in": "the door itself",
    "accounts.sign_in_code": "a step of the sign-in: asks for the token of one that has begun",
    "accounts.sign_in_password": "as accounts.sign_in_code",
    "accounts.sign_in_factor": "as accounts.sign_in_code",
    "accounts.sign_in_finish": "as accounts.sign_in_code",
    "accounts.forgot": "who has lost the password cannot sign in; limited by address and account",
    "accounts.reset": "as accounts.forgot; asks for a code",
    "accounts.sign_out": "an account that has lost its last role may still leave",
    "accounts.language": "who cannot read the sign-in page could not get past it",
    "static": "built files with nothing personal in them; the sign-in page needs them",
    "health.alive": "the supervisor has no account; says nothing but that the process answers",
    "health.ready": "as health.alive; names parts of the house and no data",
    "ui.living_page": "exists in demonstration mode only and shows invented people",
}

# These do not even look who is there: they have to answer while the database is down.
UNIDENTIFIED_ENDPOINTS = frozenset({"static", "health.alive", "health.ready", "ui.living_page"})

# ── socket command → permission ───────────────────────────────────────────────────────────────────────────────────────
SOCKET_COMMANDS: Mapping[str, str] = {
    "conversation:join": USE_CONVERSATIONS,
    "message:send": USE_CONVERSATIONS,
    "message:sync": USE_CONVERSATIONS,
    "message:mark": USE_CONVERSATIONS,
    "conversation:typing": USE_CONVERSATIONS,
    "presence:beat": USE_CONVERSATIONS,
}


def require_complete(endpoints: Iterable[str], commands: Iterable[str]) -> None:
    """Refuse to start with a page or socket command that stands on no list: it would be open or dead by oversight.

    Raises RuntimeError.
    """
    lost = [name for name in endpoints if name not in ENDPOINTS and name not in PUBLIC_ENDPOINTS]
    lost += [name for name in commands if name not in SOCKET_COMMANDS]
    if lost:
        message = f"portal/permissions.py names no permission for: {', '.join(sorted(lost))}"
        raise RuntimeError(message)
