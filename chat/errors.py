"""Refusals of the channel."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from chat.models import LONGEST_MESSAGE
from registry_core.errors import DomainError, Forbidden, InvalidInput, NotFound


class ConversationNotFound(NotFound):
    """No such conversation, or not one that the actor may read."""

    code = "conversation_not_found"
    message = _l("没有找到这个会话，可能已被移走，或您没有参与。")


class MessageEmpty(InvalidInput):
    """Nothing but white space."""

    code = "message_empty"
    message = _l("还没有写内容，写几个字再发送吧。")


class MessageTooLong(InvalidInput):
    """Longer than one message may be; the text stays with the writer."""

    code = "message_too_long"
    message = _l("内容太长了，一条消息最多 %(longest)s 字。请分成几条发送，您写的内容还在。", longest=LONGEST_MESSAGE)


class MessageNotText(InvalidInput):
    """Characters that are no text: PostgreSQL cannot store NUL, and other controls are never typed."""

    code = "message_not_text"
    message = _l("内容里有无法识别的字符，像是文件而不是文字。请只发送文字。")


class ConversationReadOnly(Forbidden):
    """The actor reads along but does not take part."""

    code = "conversation_read_only"
    message = _l("您可以查看这个会话，但不能在这里发言。")


class ClientIdReused(DomainError):
    """The sender's id already stands for another text."""

    code = "client_id_reused"
    message = _l("这条消息的编号已被用过，请重新发送。")
