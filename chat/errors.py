"""Refusals of the channel."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from chat.models import LONGEST_MESSAGE, LONGEST_QUOTE, MOST_IN_CALL, MOST_MEMBERS, MOST_PINS, MOST_REACTIONS
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


class QuoteGone(DomainError):
    """The message replied to is not there any more, or does not say the quoted words."""

    code = "quote_gone"
    message = _l("您引用的那条消息已经改了或撤回了。请点“修改”，重新引用，或者去掉引用再发。")


class QuoteTooLong(InvalidInput):
    """More of a message is quoted than a bubble can show."""

    code = "quote_too_long"
    message = _l("引用的部分太长了，最多 %(longest)s 字。请只选最要紧的几句。", longest=LONGEST_QUOTE)


class MessageNotFound(NotFound):
    """No such message in this conversation."""

    code = "message_not_found"
    message = _l("没有找到这条消息。")


class NotYourMessage(Forbidden):
    """Only who said something may say it otherwise."""

    code = "not_your_message"
    message = _l("只能修改或撤回自己发的消息。")


class TooLateToEdit(DomainError):
    """The time that the rule gives is over."""

    code = "too_late_to_edit"

    def __init__(self, minutes: int) -> None:
        super().__init__(_l("发出已超过 %(minutes)s 分钟，不能再修改。请另发一条更正。", minutes=minutes))


class TooLateToTakeBack(DomainError):
    """The time that the rule gives is over."""

    code = "too_late_to_take_back"

    def __init__(self, minutes: int) -> None:
        super().__init__(_l("发出已超过 %(minutes)s 分钟，不能再撤回。请另发一条说明。", minutes=minutes))


class MessageTakenBack(DomainError):
    """It says nothing any more, and nothing can be done with it."""

    code = "message_taken_back"
    message = _l("这条消息已撤回。")


class NotAnEmoji(InvalidInput):
    """A reaction is one emoji of those that the picker shows."""

    code = "not_an_emoji"
    message = _l("这个表情用不了，请从表情列表里选一个。")


class TooManyReactions(DomainError):
    """As many different emoji stand under the message as may."""

    code = "too_many_reactions"
    message = _l("这条消息下面已有 %(most)s 种表情，不能再加新的。可以点一个已有的。", most=MOST_REACTIONS)


class TooManyPins(DomainError):
    """As many messages are on top of the conversation as may be."""

    code = "too_many_pins"
    message = _l("这个会话已置顶 %(most)s 条消息。请先取消一条，再置顶这条。", most=MOST_PINS)


class NotYoursToRecall(Forbidden):
    """Only the sender recalls a message, or an administrator of the sender's unit or a unit above it."""

    code = "not_yours_to_recall"
    message = _l("只有发消息的人，或对方单位及其上级的管理员可以召回。您可以在这条消息的菜单里举报，由他们来处理。")


class MustSayWhy(InvalidInput):
    """A recall and a report say why."""

    code = "must_say_why"
    message = _l("请写一句原因，比如“发错了群”。")


class RecallNotFound(NotFound):
    """No such recall, or one that the actor has nothing to do with."""

    code = "recall_not_found"
    message = _l("没有找到这次召回，可能不在您的管理范围内。")


class ReportNotFound(NotFound):
    """No such report, or one about somebody of a unit that the actor does not answer for."""

    code = "report_not_found"
    message = _l("没有找到这次举报，可能不在您的管理范围内。")


class MayNotWriteTo(Forbidden):
    """The rule of the actor's unit does not let them write to this person; nobody there gets the same answer."""

    code = "may_not_write_to"
    message = _l(
        "按本单位的规则，您不能主动给这位同事发消息。可以先问本单位、上一级的同事或各级技术支持；不知道该问谁，请到服务台提问，会有人接待。"
    )


class NotToOneself(InvalidInput):
    """A conversation needs two."""

    code = "not_to_oneself"
    message = _l("这是您自己。请选另一位同事。")


class OwnersOnly(Forbidden):
    """Only owners change a group."""

    code = "owners_only"
    message = _l("只有群主可以这样做。请在成员里找到群主，请他来改。")


class GroupFollowsRoles(DomainError):
    """Members of a group by rule come and go with their roles."""

    code = "group_follows_roles"
    message = _l("这个群的成员跟着角色自动更新，不能手工加入、移出或退出。不想被打扰，可以设为免打扰。")


class GroupFull(DomainError):
    """A group by hand has as many members as it may have."""

    code = "group_full"
    message = _l("这个群已有 %(most)s 人，不能再加。人更多时，请建按角色自动更新的群。", most=MOST_MEMBERS)


class LastOwner(DomainError):
    """A group that is read only needs somebody who may write."""

    code = "last_owner"
    message = _l("群里至少要有一位群主。请先把另一位成员设为群主。")


class CallNotFound(NotFound):
    """No such call, one that is over, or one that the actor has no part in."""

    code = "call_not_found"
    message = _l("这个通话已经结束。需要的话，请重新呼叫。")


class AlreadyInCall(DomainError):
    """Nobody is in two calls at once."""

    code = "already_in_call"
    message = _l("您正在另一个通话中。请先挂断那边，再来呼叫或接听。")


class NobodyToCall(DomainError):
    """Nobody else could answer."""

    code = "nobody_to_call"
    message = _l("现在没有可以接听的人。请先发消息留言。")


class TooManyToCall(DomainError):
    """Calls are for small groups."""

    code = "too_many_to_call"
    message = _l("通话最多 %(most)s 人。请选几个人呼叫。", most=MOST_IN_CALL)


class CallFull(DomainError):
    """As many speak as may."""

    code = "call_full"
    message = _l(
        "这个通话已有 %(most)s 人，最多就是 %(most)s 人，暂时不能再加入。有人离开后可以再试。", most=MOST_IN_CALL
    )
