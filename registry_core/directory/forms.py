"""Forms of the directory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp

from registry_core.approvals.forms import EvidenceField
from registry_core.directory.labels import BODY_KINDS, POSTS, SEATS
from registry_core.directory.school_codes import CLASSES
from registry_core.directory.services.bodies import Details, Seating
from registry_core.directory.services.contacts import Person
from registry_core.directory.services.history import Cause
from registry_core.directory.services.procedures import Papers
from registry_core.forms import ChoiceField, Form, LongTextField, TextField
from registry_core.orgs.models import Seat
from registry_core.orgs.services import Contact

_NAME = (DataRequired(_l("请填写名称。")), Length(max=100, message=_l("名称最多 100 个字。")))
_PERSON = (DataRequired(_l("请填写姓名。")), Length(max=60, message=_l("姓名最多 60 个字。")))
# An extension is written with # or with its Chinese word (U+8F6C).
_PHONE = (
    Optional(),
    Regexp(
        r"^[0-9+][0-9 \-\u8f6c#]{4,29}$", message=_l("电话只写数字、加号和短横，例如 029-88661234 或 13800000000。")
    ),
)
_EMAIL = (
    Optional(),
    Regexp(r"^[^@\s]{1,64}@[^@\s]+\.[^@\s]+$", message=_l("邮箱格式不对，例如 xueji@example.cn。")),
    Length(max=120, message=_l("邮箱最多 120 个字。")),
)


def _short(most: int = 100) -> Length:
    return Length(max=most, message=_l("最多 %(max)d 个字。"))


class BodyForm(Form):
    """A body beside a unit."""

    kind = ChoiceField(_l("种类"), [(kind.value, label) for kind, label in BODY_KINDS.items()])
    name = TextField(_l("名称"), validators=_NAME)
    host_name = TextField(_l("设在（挂靠单位）"), validators=[_short()])
    contact_name = TextField(_l("联系人"), validators=[_short(60)])
    phone = TextField(_l("联系电话"), validators=_PHONE)
    email = TextField(_l("邮箱"), validators=_EMAIL)
    address = TextField(_l("地址"), validators=[_short(200)])

    def details(self) -> Details:
        """Return what was typed into the valid form."""
        return Details(
            self.name.data,
            Contact(
                host_name=self.host_name.data or None,
                contact_name=self.contact_name.data or None,
                phone=self.phone.data or None,
                email=self.email.data or None,
                address=self.address.data or None,
            ),
        )


class MemberForm(Form):
    """Somebody who takes a seat in a body."""

    seat = ChoiceField(_l("席位"), [(seat.value, label) for seat, label in SEATS.items()])
    name = TextField(_l("姓名"), validators=_PERSON)
    post = TextField(_l("职务"), validators=[_short(60)])
    phone = TextField(_l("电话"), validators=_PHONE)

    def seating(self) -> Seating:
        """Return what was typed into the valid form."""
        return Seating(Seat(self.seat.data), self.name.data, self.post.data or None, self.phone.data or None)


class HolderForm(Form):
    """Who holds a post, and how to reach them."""

    name = TextField(_l("姓名"), validators=_PERSON)
    office = TextField(_l("职务"), validators=[_short()])
    phone = TextField(_l("电话"), validators=_PHONE)
    email = TextField(_l("邮箱"), validators=_EMAIL)
    duties = LongTextField(_l("职责"), validators=[_short(500)])

    def person(self) -> Person:
        """Return what was typed into the valid form."""
        return Person(self.name.data, self.office.data, self.phone.data, self.email.data, self.duties.data)


class NewHolderForm(HolderForm):
    """As `HolderForm`, with the post."""

    post = ChoiceField(_l("岗位"), [(post.value, label) for post, label in POSTS.items()])


class StampForm(Form):
    """A city's word that its directory is right."""

    signed_name = TextField(_l("确认人姓名"), validators=_PERSON)


class RoundForm(Form):
    """A round in which the directory is collected."""

    title = TextField(_l("名称"), validators=[DataRequired(_l("请填写这轮收集的名称。")), _short()])
    due_on: DateField = DateField(_l("截止日期"), validators=[InputRequired(_l("请填写截止日期，例如 2027-08-30。"))])

    @property
    def last_day(self) -> date:
        """The day filled in; there is one once the form is valid."""
        day = self.due_on.data
        if day is None:
            raise ValueError
        return day


class CauseForm(Form):
    """What becomes of a school, with the reason that stays on record."""

    reason = LongTextField(
        _l("依据"),
        validators=[DataRequired(_l("请写明依据，例如批准文件的名称和文号。")), _short(200)],
    )

    def cause(self) -> Cause:
        """Return the reason that was typed."""
        return Cause(self.reason.data)


class RenameForm(CauseForm):
    """Another name for a school."""

    name = TextField(_l("新名称"), validators=_NAME)


class CodeForm(CauseForm):
    """A code for a school."""

    code = TextField(_l("学校标识码"), validators=[DataRequired(_l("请填写 10 位学校标识码。")), _short(20)])
    # Both together stand in one line of the history.
    reason = LongTextField(_l("依据"), validators=[DataRequired(_l("请写明依据，例如谁批准、为什么。")), _short(130)])
    paper = TextField(_l("批准文件的文号"), validators=[_short(60)])

    def cause(self) -> Cause:
        """Return the reason that was typed, with the number of the paper."""
        return Cause(self.reason.data, paper=self.paper.data)


class ApplyForm(CauseForm):
    """The reason, and what proves it where a procedure asks for it."""

    evidence = EvidenceField(_l("证明材料"))

    def papers(self, names: Sequence[str]) -> Papers:
        """Return the reason with the files, by the names of the evidence."""
        return Papers(self.reason.data, self.evidence.named(names))


class CodeWishForm(ApplyForm):
    """What a code is applied for."""

    school_class = ChoiceField(
        _l("办学类型"),
        [("", _l("请选择")), *((code, label) for code, label in CLASSES.items())],
        validators=[DataRequired(_l("请选择办学类型，它是标识码的前两位。"))],
    )


class MergeForm(ApplyForm):
    """The school that takes another one in."""

    into = ChoiceField(_l("并入"))
    stays_as_point = BooleanField(_l("原校址改为教学点"))


class CodeListForm(Form):
    """A file with a list of school codes."""

    file = FileField(_l("代码表"), validators=[FileRequired(_l("请选一个文件，.csv 或 .xlsx。"))])


class ApplyListForm(Form):
    """Applying a list: what was shown, as a digest."""

    digest = TextField(validators=[DataRequired(_l("请先看清影响，再执行。")), _short(64)])


class ButtonForm(Form):
    """A button that needs nothing typed."""
