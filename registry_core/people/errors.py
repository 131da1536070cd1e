"""Refusals about how people get in."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l

from registry_core.accounts.errors import CountedRefusal
from registry_core.errors import DomainError, Forbidden, InvalidInput, NotFound

MOST_NAMED = 10
LONGEST_NAMED = 30


class NoLevelAbove(DomainError):
    """The ministry has no level above to which it could report."""

    code = "no_level_above"
    message = _l("全国级没有上级可报，请由现任的全国级超级管理员直接授予角色。")


class HasAdministrator(DomainError):
    """A unit that has a super administrator reports for itself."""

    code = "has_administrator"
    message = _l("该单位已有超级管理员，请由他自己上报；上级只为还没有超级管理员的单位代报。")


class AlreadyReported(DomainError):
    """The same person waits for the level above already."""

    code = "already_reported"
    message = _l("这个手机号已为该单位上报，上级正在核对，不必重复上报。")


class ReportNotOpen(DomainError):
    """A report that was decided meanwhile."""

    code = "report_not_open"
    message = _l("这份上报已经处理过了，请刷新页面看结果。")


class NotACandidate(NotFound):
    """The account to bind to is none of those that the page offers."""

    code = "not_a_candidate"
    message = _l("没有找到可以绑定的这个账号，请刷新页面后重新选择。")


class ChoseOwnPassword(DomainError):
    """Somebody who has signed in has a password of their own; it is not replaced from outside."""

    code = "chose_own_password"
    message = _l("此人已登录并设了自己的密码，不能再发一次性密码。忘记密码的，请他在登录页点“忘记密码”。")


class NowhereToSend(DomainError):
    """Neither an e-mail address nor a mobile number is known."""

    code = "nowhere_to_send"
    status = 422
    message = _l("请至少填写手机号或邮箱，用户名和一次性密码要发到那里。")


class HasAccount(DomainError):
    """The person has an account already: a second one would split what they do over two."""

    code = "has_account"
    message = _l("此人已有账号（姓名和手机号相同），请在“人员与角色”里找到他，直接授予角色。")


class WrongRegistrationCode(CountedRefusal):
    """A code is wrong, used up, too old, or of nobody; the answer is the same."""

    code = "wrong_registration_code"
    status = 422
    message = _l("验证码不对、已经用过或已过期。请检查后再输入；多次不对时，请重新填写注册申请。")


class RegistrationNotOpen(DomainError):
    """A registration that was decided meanwhile."""

    code = "registration_not_open"
    message = _l("这份注册申请已经处理过了，请刷新页面看结果。")


class TooManyPeople(DomainError):
    """More people than one sheet should carry."""

    code = "too_many_people"
    message = _l("一次最多导出 2 万人。请先按单位或角色缩小范围，再导出。")


class MinistryMissing(DomainError):
    """The tree has no top yet."""

    code = "ministry_missing"
    message = _l("还没有组织机构，请先运行 ./desk db load-regions。")


class NotTheFirst(DomainError):
    """Somebody administrates the ministry already and appoints everybody else."""

    code = "not_the_first"
    message = _l("已有全国级超级管理员，这个命令不再可用。请由他在“人员与角色”里授予角色。")


class FirstCodeWaits(DomainError):
    """The code of an earlier call has not run out."""

    code = "first_code_waits"
    message = _l("上一次的一次性口令还在有效期内，请用它登录；过期没用的，24 小时后再运行一次。")


class LoanTooLong(DomainError):
    """A role is lent for a time: it begins today or later, and ends within 30 days of that."""

    code = "loan_too_long"
    status = 422
    message = _l("代办从今天或以后开始，最长 30 天。请改一下日期。")


class NotAColleague(NotFound):
    """The borrower works at another unit."""

    code = "not_a_colleague"
    message = _l("没有在您的单位里找到这位同事，请刷新页面后重新选择。")


class NotWhileActing(Forbidden):
    """Who acts in a lent role does not lend it on, and consents to nothing."""

    code = "not_while_acting"
    message = _l("您正在代别人办理，不能借出角色或同意出借。请先点“停止代办”。")


class ColumnsWrong(InvalidInput):
    """The first row of a sheet is not that of the template."""

    code = "columns_wrong"
    message = _l("第一行的列名和模板不一样，请下载模板，在模板里填写。")

    @classmethod
    def naming(cls, odd: Sequence[str], missing: Sequence[str]) -> ColumnsWrong:
        """Name the columns that nobody knows, or that are missing."""
        if missing:
            return cls(_l("第一行缺少这些列：%(names)s。请下载模板，在模板里填写。", names="、".join(missing)))
        names = "、".join(name[:LONGEST_NAMED] for name in odd[:MOST_NAMED])
        return cls(_l("第一行有不认识或重复的列：%(names)s。请删去，或改成模板里的列名。", names=names))


class NobodyInSheet(InvalidInput):
    """A sheet has a header and nothing below it."""

    code = "nobody_in_sheet"
    message = _l("文件里只有列名，没有要开账号的人。请从第二行起一人一行填写。")


class TooManyBatches(DomainError):
    """Somebody keeps more batches than anybody works at."""

    code = "too_many_batches"
    message = _l("您有 20 批还没有开通的名单。请先开通或删除其中几批，再上传新的。")


class BatchNotReady(DomainError):
    """A batch that has faults, was applied or dropped, or is being applied."""

    code = "batch_not_ready"
    message = _l("这批名单现在不能这样办，可能已经在开通或已经办完。请刷新页面看结果。")
