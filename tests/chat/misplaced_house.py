"""A group of a county in which a technician says what belongs elsewhere, and what people do about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from chat import queries, services
from chat.attachments import MessageFileKeeper
from chat.incidents import RecallKeeper
from chat.models import Message, Recall
from chat.policies import MESSAGE_FILES
from chat.presenters.recalls import view_reached
from chat.services import groups, members
from chat.services.files import FilesSent, post_with_files
from chat.services.messages import mark
from chat.services.recalls import Recalling, recall_message, report_message
from registry_core.db import new_id
from registry_core.files import policies as file_policies
from registry_core.files import services as files
from registry_core.incidents.policies import install_incident_keepers
from tests.conftest import Cast
from tests.registry_core.files.conftest import send as send_pieces
from tests.registry_core.files.conftest import shelved
from tests.registry_core.files.samples import picture

SENDER, ADMIN, OTHER_ADMIN, READER, ABOVE = "xian_jishu", "xian_xueji", "xian_guanli", "xuexiao_xueji", "shi_guanli"
OUTSIDER, NEIGHBOUR = "linsheng_guanli", "linqu_xueji"
MOBILE, COVERED = "13800138000", "138●●●●●●00"


@dataclass(frozen=True, slots=True)
class Group:
    """A group of a county in which a technician says things."""

    session: Session
    cast: Cast
    id: UUID

    def say(self, body: str, name: str = SENDER) -> int:
        actor = self.cast.actor(name)
        return services.post_message(self.session, actor, self.id, client_id=str(new_id()), body=body)[0].number

    def read(self, name: str, number: int, *, delivered: int = 0) -> None:
        mark(self.session, self.cast.actor(name), self.id, delivered=delivered or number, read=number)

    def recall(
        self, number: int, name: str = SENDER, *, has_personal: bool = False, reason: str = "发错群了"
    ) -> Recall:
        recalling = Recalling(reason, has_personal)
        return recall_message(self.session, self.cast.actor(name), self.id, number, recalling)

    def report(self, number: int, name: str = READER, reason: str = "名单发到大群了") -> bool:
        return report_message(self.session, self.cast.actor(name), self.id, number, reason=reason)

    def body(self, number: int, name: str = READER) -> str:
        page = queries.list_messages(self.session, self.cast.actor(name), self.id, after=number - 1)
        return page.lines[0].body

    def message(self, number: int) -> Message:
        query = select(Message).where(Message.conversation_id == self.id, Message.number == number)
        return self.session.scalars(query.execution_options(populate_existing=True)).one()

    def send_file(self, *, name: str = "截图.png", body: str = "") -> tuple[int, UUID]:
        actor = self.cast.actor(SENDER)
        upload = send_pieces(self.session, actor, name, picture("png"), use=MESSAGE_FILES)
        file_id = files.keep(self.session, actor, upload).id
        message, _ = post_with_files(self.session, actor, FilesSent(self.id, str(new_id()), body, [file_id]))
        return message.number, file_id


@contextmanager
def misplaced_group(session: Session, cast: Cast, folder: Path) -> Iterator[Group]:
    """The group, with somewhere to lay its files."""
    install_incident_keepers([RecallKeeper()])
    admin = cast.actor(ADMIN)
    made = groups.make_group(session, admin, name="秋季学籍")
    for name in (SENDER, READER, "xian_chaxun"):
        members.add_member(session, admin, made, cast.id(name))
    with shelved(folder):
        file_policies.install_file_keepers([MessageFileKeeper()])
        yield Group(session, cast, made)


def ways(group: Group, recall: Recall) -> dict[str, tuple[str, ...]]:
    return {one.name.removesuffix("（演示）"): one.ways for one in view_reached(group.session, recall.message_id)}
