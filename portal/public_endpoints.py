"""Endpoints that nobody needs to be signed in for; `portal.permissions` has all others."""

from __future__ import annotations

from collections.abc import Mapping

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
    "helpdesk.cannot_sign_in": "who cannot sign in has nowhere else to ask; limited by address and desk",
    "helpdesk.find_units": "names of units are public; limited by address",
    "accounts.language": "who cannot read the sign-in page could not get past it",
    "people.register": "open registration (file 003 annex 2 art. 18 (3)); limited by address",
    "people.confirm_registration": "as people.register; asks for a code",
    "static": "built files with nothing personal in them; the sign-in page needs them",
    "push_worker": "the service worker: the same for everybody, and the browser asks for it by itself",
    "health.alive": "the supervisor has no account; says nothing but that the process answers",
    "health.ready": "as health.alive; names parts of the house and no data",
    "ui.living_page": "exists in demonstration mode only and shows invented people",
}

# These do not even look who is there: they have to answer while the database is down.
UNIDENTIFIED_ENDPOINTS = frozenset({"static", "push_worker", "health.alive", "health.ready", "ui.living_page"})
