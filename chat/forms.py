"""Shape of what people type in the messenger, with a message for each field."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectMultipleField
from wtforms.validators import AnyOf, DataRequired, Length

from chat.models import LONGEST_NAME, Reach
from chat.models.recalls import LONGEST_REASON
from registry_core.access.roles import DEFINITIONS
from registry_core.forms import ChoiceField, Form, TextField

_NAME = (
    DataRequired(_l("请给群起个名字，让大家一看就知道是谈什么的。")),
    Length(max=LONGEST_NAME, message=_l("群名最多 40 个字，请短一些。")),
)


class PressForm(Form):
    """A button without fields; carries the token against forged requests."""


class PersonForm(Form):
    """A button beside somebody."""

    account_id = TextField(_l("同事"), [DataRequired(_l("请选一位同事。")), Length(max=36)])


class OwnerForm(PersonForm):
    """Whether somebody owns a group."""

    is_owner = BooleanField(_l("群主"))


class MuteForm(Form):
    """Whether a conversation comes without calling for attention."""

    is_muted = BooleanField(_l("免打扰"))


class ReasonForm(Form):
    """Why somebody has to see the numbers of a message."""

    reason = TextField(
        _l("为什么要看"),
        [
            DataRequired(_l("请写明为什么要看这些号码，对方单位会看到。")),
            Length(max=200, message=_l("原因最多 200 字，请短一些。")),
        ],
    )


class RecallForm(Form):
    """Why a message is recalled, and whether there is a person's data in it."""

    reason = TextField(
        _l("为什么召回"),
        [
            DataRequired(_l("请写一句原因，比如“发错了群”。")),
            Length(max=LONGEST_REASON, message=_l("原因最多 200 字，请短一些。")),
        ],
    )
    has_personal = ChoiceField(
        _l("里面有学生或他人的个人信息吗"),
        choices=[("yes", _l("有")), ("no", _l("没有"))],
        validate_choice=False,
        validators=[AnyOf(("yes", "no"), _l("请选一项：里面有没有学生或他人的个人信息。"))],
    )


class GroupForm(Form):
    """A group: its name, and who writes."""

    name = TextField(_l("群名"), list(_NAME))
    is_read_only = BooleanField(_l("只有群主可以发言"))


class RuleGroupForm(GroupForm):
    """A group whose members follow roles."""

    unit_id = ChoiceField(_l("哪个单位"))
    reach = ChoiceField(
        _l("范围"),
        choices=[(Reach.BELOW.value, _l("本级和下面各级")), (Reach.EXACTLY.value, _l("只有本级"))],
        default=Reach.BELOW.value,
    )
    roles = SelectMultipleField(
        _l("哪些角色"),
        [DataRequired(_l("请至少选一个角色。"))],
        choices=lambda: [(role.value, definition.name) for role, definition in DEFINITIONS.items()],
    )
