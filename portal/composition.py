"""What every process lays down before it works: what only the composition root knows, told to the floors below."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from obstore.store import ObjectStore

from chat.ice import IceServers, install_ice
from chat.policies import install_keepers
from chat.presence import install_gone_after
from helpdesk.keeper import install_tell_after
from portal import acts, permissions, subscriptions
from portal.config import Settings
from registry_core.access.actors import install_rights
from registry_core.accounts.keys import install_secret
from registry_core.approvals.effects import install_effects
from registry_core.audit.heads import install_folder
from registry_core.audit.kept import install_digest_key
from registry_core.deliveries import install_ledger
from registry_core.directory.dependents import install_tellers
from registry_core.events import install_reactions
from registry_core.files.policies import install_file_keepers
from registry_core.files.scanner import Clamd, install_scanner
from registry_core.files.storage import S3, install_storage, open_folder, open_s3
from registry_core.incidents.policies import install_incident_keepers
from registry_core.links import install_public_url
from registry_core.notifications.unread import install_unread_tellers
from registry_core.trails.words import install_words
from registry_core.webpush.destinations import Destinations, install_destinations
from registry_core.webpush.vapid import VapidKey, install_vapid, keep_key


def lay_down_house(settings: Settings) -> None:
    """Lay down what the floors below need to know: rights, keys, reactions, keepers, how long to wait, and where."""
    install_rights(permissions.RIGHTS)
    install_secret(settings.secret_key)
    install_reactions(subscriptions.REACTIONS)
    install_ledger(subscriptions.LEDGER)
    install_keepers(subscriptions.KEEPERS)
    install_tellers(subscriptions.TELLERS)
    install_gone_after(timedelta(seconds=settings.presence_seconds))
    install_ice(
        IceServers(settings.stun, settings.turn, settings.turn_secret, timedelta(seconds=settings.turn_seconds))
    )
    install_tell_after(timedelta(seconds=settings.tell_after_seconds))
    install_public_url(settings.public_url)
    install_digest_key(settings.secret_key)
    install_folder(settings.audit_heads_folder)
    install_words(acts=acts.ACTS, kinds=acts.KINDS, fields=acts.FIELDS)
    install_effects(subscriptions.EFFECTS)
    install_file_keepers(subscriptions.FILE_KEEPERS)
    install_incident_keepers(subscriptions.INCIDENT_KEEPERS)
    install_storage(partial(open_storage, settings))
    install_scanner(Clamd(settings.clamd) if settings.clamd else None)
    install_unread_tellers(subscriptions.UNREAD_TELLERS)
    install_destinations(Destinations(settings.push_services.split(",")))
    install_vapid(partial(open_vapid_key, settings))


def open_vapid_key(settings: Settings) -> VapidKey:
    """Take the key towards push services from the settings, else from its file, which is made at the first use."""
    return VapidKey.read(settings.vapid_key) if settings.vapid_key else keep_key(settings.var / "vapid.key")


def open_storage(settings: Settings) -> ObjectStore:
    """Open the place of files that the settings name: a bucket as `s3://bucket/prefix`, else a folder."""
    place = urlsplit(settings.files)
    if place.scheme != "s3":
        return open_folder(Path(settings.files) if settings.files else settings.var / "files")
    return open_s3(
        S3(
            bucket=place.netloc,
            prefix=place.path.strip("/"),
            endpoint=settings.s3_endpoint,
            region=settings.s3_region,
            access_key=settings.s3_key,
            secret_key=settings.s3_secret,
        )
    )
