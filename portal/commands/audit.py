"""`./desk audit …`: check the audit trail, and publish where its chains end."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click

from portal.commands import places, seeding
from portal.commands.console import say, table, tell_fault
from registry_core.audit import heads
from registry_core.audit.verification import ChainReport, Reason, take_snapshot, verify

WHY = {
    Reason.MISSING: "这一条不见了 · the entry is missing",
    Reason.CHANGED: "内容与摘要不符，被改动过 · its content does not match its hash",
    Reason.UNLINKED: "与前一条接不上，前一条被换过 · it does not follow the entry before, which was replaced",
    Reason.HEAD_DIFFERS: "与链首记录不符 · it differs from the head of its chain",
    Reason.PUBLISHED_DIFFERS: "与库外公布的摘要不符，整条链被重写过 · it differs from what was published outside",
}

folder_option = click.option(
    "--heads",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="DESK_AUDIT_HEADS",
    help="库外公布链首的目录 · folder of the published heads",
)


@click.group("audit")
def command() -> None:
    """审计记录：核对、公布链首 · the audit trail: check it, publish its heads."""


@command.command("verify")
@folder_option
def verify_trail(folder: Path | None) -> None:
    """逐条核对全部审计记录 · check every entry of the trail."""
    place = folder or default_folder()
    published = heads.read(place)
    began = time.monotonic()
    with places.database() as url, seeding.session_on(url) as session:
        take_snapshot(session)
        reports = verify(session, published)
    tell(reports, time.monotonic() - began, published_days=len(list(place.glob("*.json"))))
    if any(report.fault for report in reports):
        sys.exit(1)


@command.command("publish")
@folder_option
def publish(folder: Path | None) -> None:
    """把今天的链首写到库外，一天一次 · write today's heads outside the database, once a day."""
    place = folder or default_folder()
    with places.database() as url, seeding.session_on(url) as session:
        file = heads.publish(session, place)
    if file is None:
        say(f"今天的链首已经公布在 {place}", "today's heads are published already")
    else:
        say(f"已写到 {file}", "written")


def default_folder() -> Path:
    """Return where the worker publishes when DESK_AUDIT_HEADS is not set."""
    return places.data_directory() / "audit-heads"


def tell(reports: Sequence[ChainReport], seconds: float, *, published_days: int) -> None:
    """Print what was found, chain by chain, and how fast."""
    entries = sum(report.entries for report in reports)
    rows = [[str(report.chain), str(report.entries), "✗" if report.fault else "✓"] for report in reports]
    click.echo(table(["链 chain", "条 entries", ""], rows))
    rate = entries / seconds if seconds else 0.0
    say(f"{entries} 条，{seconds:.1f} 秒，每秒 {rate:.0f} 条", f"{rate:.0f} entries per second")
    say(f"对照了 {published_days} 天公布的链首", f"compared with the heads of {published_days} days")
    for report in reports:
        if report.fault:
            at = f"（{report.fault.at.isoformat(timespec='seconds')}）" if report.fault.at else ""
            tell_fault(f"链 {report.chain} 第 {report.fault.number} 条{at}：{WHY[report.fault.reason]}")
