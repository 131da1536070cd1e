"""All permissions on one page: which role carries which, and which page and socket command asks for which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask_babel import lazy_gettext as _l

from chat.policies import (
    KEEP_GROUPS,
    RECALL_MESSAGES,
    REVEAL_NUMBERS,
    SEE_NUMBERS,
    START_CONVERSATIONS,
    USE_CONVERSATIONS,
)
from helpdesk.policies import ASK, HANDLE, MANAGE_DESK, RECORD_CALL
from portal.public_endpoints import PUBLIC_ENDPOINTS, UNIDENTIFIED_ENDPOINTS
from registry_core.access.actors import Right
from registry_core.access.models import QualificationKind, Role
from registry_core.access.policies import MANAGE_PEOPLE, QUALIFY, SEE_PEOPLE
from registry_core.accounts.policies import GIVE_LETTER, USE_OWN
from registry_core.approvals.policies import DECIDE, FOLLOW, OVERSEE
from registry_core.audit.policies import AUDIT, SEE_LOOKS
from registry_core.calendars.policies import EDIT_CALENDAR, READ_CALENDAR
from registry_core.directory.policies import (
    APPLY,
    COLLECT,
    ENTER_CONTACTS,
    MANAGE_BODIES,
    MANAGE_UNITS,
    SEE_UNITS,
    STAMP,
)
from registry_core.files.policies import USE_FILES
from registry_core.incidents.policies import HANDLE_INCIDENTS, OPEN_EVIDENCE, SEE_INCIDENTS
from registry_core.orgs.models import Level
from registry_core.people.policies import (
    BIND_ADMINISTRATOR,
    DECIDE_REGISTRATION,
    OPEN_ACCOUNT,
    REPORT_ADMINISTRATOR,
    WATCH_LENDINGS,
)
from registry_core.records.policies import CHECK_RECORDS, EDIT_RECORDS, EXPORT_RECORDS, VIEW_RECORDS
from registry_core.rules.policies import FILE_RULES, FILING_LEVELS, READ_RULES
from registry_core.undertakings.policies import SEE_UNDERTAKINGS
from registry_core.workplaces.policies import MANAGE_WORKPLACES

__all__ = ["ENDPOINTS", "PUBLIC_ENDPOINTS", "RIGHTS", "SOCKET_COMMANDS", "UNIDENTIFIED_ENDPOINTS", "require_complete"]

EVERYBODY = frozenset(Role)
ANSWERERS = frozenset({Role.TECHNICIAN, Role.DESK_LEAD})
SUPER = frozenset({Role.SUPER_ADMINISTRATOR})
ADMINISTRATORS = SUPER | {Role.REGISTRY_ADMINISTRATOR}

# ── permission → roles at a unit, and the qualification that it asks for ──────────────────────────────────────────────
# Source: operation rules (file 003 annex 2), articles 15-17; certified before serving: file 003 main part 3.
RIGHTS: Mapping[str, Right] = {
    USE_OWN: Right(EVERYBODY, name=_l("打开工作台、通知和自己的账号")),
    USE_CONVERSATIONS: Right(EVERYBODY, name=_l("在自己参加的对话里收发消息")),
    # Of people of one's own units; one's own messages everybody recalls.
    RECALL_MESSAGES: Right(ADMINISTRATORS, name=_l("召回本级和下级同事发错的消息")),
    SEE_INCIDENTS: Right(
        ADMINISTRATORS | {Role.REGISTRY_LEADER, Role.SYSTEM_ADMINISTRATOR}, name=_l("查看本级和下级的信息安全事件")
    ),
    HANDLE_INCIDENTS: Right(ADMINISTRATORS, name=_l("处置本级和下级的信息安全事件")),
    OPEN_EVIDENCE: Right(ADMINISTRATORS, reads_personal=True, name=_l("查看信息安全事件留存的内容")),
    # Whom one may write to, the rule of one's unit says (topic `messaging`).
    START_CONVERSATIONS: Right(EVERYBODY - {Role.STUDENT, Role.PARENT}, name=_l("找同事、发消息、建群")),
    KEEP_GROUPS: Right(
        ADMINISTRATORS | {Role.REGISTRY_LEADER, Role.DESK_LEAD}, name=_l("在本级和下级建按角色自动更新的群")
    ),
    # Whoever works with what people of their own units have written: others have it covered, and look with a reason.
    SEE_NUMBERS: Right(ADMINISTRATORS | ANSWERERS, name=_l("看本级和下级同事在消息里写的证件号、手机号和银行卡号")),
    REVEAL_NUMBERS: Right(EVERYBODY - {Role.STUDENT, Role.PARENT}, name=_l("写明原因后查看消息里遮住的号码")),
    ASK: Right(EVERYBODY, name=_l("向服务台提问")),
    HANDLE: Right(ANSWERERS, QualificationKind.ANSWERING, name=_l("在接待台接答问题")),
    RECORD_CALL: Right(ANSWERERS, QualificationKind.ANSWERING, name=_l("登记电话和邮件里的问题")),
    MANAGE_DESK: Right(frozenset({Role.DESK_LEAD, Role.SUPER_ADMINISTRATOR}), name=_l("设置服务台的开放时间和响铃")),
    SEE_PEOPLE: Right(
        ADMINISTRATORS | {Role.REGISTRY_LEADER}, reads_personal=True, name=_l("查看本级和下级的人员与角色")
    ),
    MANAGE_PEOPLE: Right(ADMINISTRATORS, name=_l("授予和收回角色")),
    QUALIFY: Right(SUPER, name=_l("发放和收回临时上岗许可")),
    REPORT_ADMINISTRATOR: Right(SUPER, name=_l("上报本级和下级的超级管理员")),
    BIND_ADMINISTRATOR: Right(SUPER, reads_personal=True, name=_l("核对下级上报的超级管理员，绑定账号")),
    OPEN_ACCOUNT: Right(ADMINISTRATORS, name=_l("开通账号，下发用户名和一次性密码")),
    WATCH_LENDINGS: Right(SUPER | {Role.SYSTEM_ADMINISTRATOR}, name=_l("查看借出角色和密码的备案")),
    DECIDE_REGISTRATION: Right(ADMINISTRATORS, reads_personal=True, name=_l("确认或退回注册申请")),
    # A school has nobody below.
    GIVE_LETTER: Right(
        ADMINISTRATORS,
        levels=frozenset(Level) - {Level.SCHOOL},
        name=_l("当面为下级重置密码（一次性密码信）"),
    ),
    AUDIT: Right(SUPER, name=_l("查询操作记录")),
    # Whom the rule of the unit shows the looks of the levels above to, `upper_reads` says.
    SEE_LOOKS: Right(ADMINISTRATORS | {Role.REGISTRY_LEADER}, name=_l("查看上级看过本单位的哪些数据")),
    SEE_UNDERTAKINGS: Right(ADMINISTRATORS | {Role.REGISTRY_LEADER}, name=_l("查看谁签署了保密承诺")),
    MANAGE_WORKPLACES: Right(SUPER | {Role.SYSTEM_ADMINISTRATOR}, name=_l("登记可以办理学籍业务的计算机和地址")),
    READ_CALENDAR: Right(EVERYBODY, name=_l("查看工作日历")),
    EDIT_CALENDAR: Right(SUPER, levels=frozenset({Level.MINISTRY}), name=_l("维护全国工作日历")),
    FOLLOW: Right(EVERYBODY, name=_l("查看自己有份的申请")),
    DECIDE: Right(EVERYBODY - {Role.STUDENT, Role.PARENT}, is_registry=True, name=_l("办理轮到自己的审批")),
    OVERSEE: Right(frozenset({Role.REGISTRY_ADMINISTRATOR, Role.REGISTRY_LEADER}), name=_l("查看本级和下级的申请进度")),
    # Which files somebody may bring and open, the keeper of their use says: FILE_KEEPERS in portal/subscriptions.py.
    USE_FILES: Right(EVERYBODY, name=_l("上传和打开附件")),
    SEE_UNITS: Right(EVERYBODY - {Role.STUDENT, Role.PARENT}, name=_l("浏览本级和下级的单位")),
    MANAGE_BODIES: Right(SUPER, name=_l("登记本级和下级的领导小组、服务中心等机构")),
    ENTER_CONTACTS: Right(
        ADMINISTRATORS | {Role.REGISTRY_LEADER}, reads_personal=True, name=_l("登记本级和下级的支持通讯录")
    ),
    STAMP: Right(
        ADMINISTRATORS | {Role.REGISTRY_LEADER},
        levels=frozenset({Level.CITY, Level.COUNTY}),
        name=_l("确认本级和所辖区县的支持通讯录"),
    ),
    MANAGE_UNITS: Right(
        ADMINISTRATORS, levels=frozenset(Level) - {Level.SCHOOL}, name=_l("办理学校的更名、标识码、合并和撤销")
    ),
    APPLY: Right(frozenset({Role.REGISTRY_ADMINISTRATOR}), is_registry=True, name=_l("为本校或下级学校申请学校标识码")),
    COLLECT: Right(ADMINISTRATORS, levels=frozenset({Level.PROVINCE}), name=_l("向各市、县收集支持通讯录")),
    READ_RULES: Right(EVERYBODY, name=_l("查看本单位适用的规则")),
    FILE_RULES: Right(SUPER, levels=FILING_LEVELS, name=_l("登记本级规则的备案")),
    VIEW_RECORDS: Right(
        ADMINISTRATORS
        | {Role.REGISTRY_LEADER, Role.READ_ONLY_USER, Role.SCHOOL_USER, Role.CENTRE_SCHOOL_ADMINISTRATOR},
        reads_personal=True,
        name=_l("查看本级和下级的机构档案"),
    ),
    # What a rule pack says about who enters what limits it further: registry_core/records/queries/duties.py.
    EDIT_RECORDS: Right(
        frozenset({Role.REGISTRY_ADMINISTRATOR, Role.CENTRE_SCHOOL_ADMINISTRATOR}),
        is_registry=True,
        reads_personal=True,
        name=_l("填写和导入本级和下级的机构档案"),
    ),
    # Whose check a change waits for, the rule pack says; nobody checks what they entered.
    CHECK_RECORDS: Right(
        frozenset({Role.REGISTRY_ADMINISTRATOR, Role.REGISTRY_LEADER, Role.CENTRE_SCHOOL_ADMINISTRATOR}),
        is_registry=True,
        name=_l("核对别人录入的机构档案"),
    ),
    EXPORT_RECORDS: Right(
        frozenset({Role.REGISTRY_ADMINISTRATOR, Role.REGISTRY_LEADER}),
        is_registry=True,
        reads_personal=True,
        name=_l("导出机构档案"),
    ),
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
    "people.list_people": SEE_PEOPLE,
    "people.export_people": SEE_PEOPLE,
    "people.count_roles": SEE_PEOPLE,
    "people.export_role_counts": SEE_PEOPLE,
    "people.list_sealed": GIVE_LETTER,
    "people.show_person": SEE_PEOPLE,
    "people.give_role": MANAGE_PEOPLE,
    "people.take_role": MANAGE_PEOPLE,
    "people.hand_over": MANAGE_PEOPLE,
    "people.list_to_train": SEE_PEOPLE,
    "people.qualify": QUALIFY,
    "people.revoke": QUALIFY,
    "people.show_roles": USE_OWN,
    "people.list_reports": REPORT_ADMINISTRATOR,
    "people.report_administrator": REPORT_ADMINISTRATOR,
    "people.show_report": REPORT_ADMINISTRATOR,
    "people.withdraw_report": REPORT_ADMINISTRATOR,
    "people.bind_administrator": BIND_ADMINISTRATOR,
    "people.refuse_report": BIND_ADMINISTRATOR,
    "people.open_account": OPEN_ACCOUNT,
    "people.list_batches": OPEN_ACCOUNT,
    "people.batch_template": OPEN_ACCOUNT,
    "people.upload_batch": OPEN_ACCOUNT,
    "people.show_batch": OPEN_ACCOUNT,
    "people.batch_progress": OPEN_ACCOUNT,
    "people.batch_faults": OPEN_ACCOUNT,
    "people.open_batch": OPEN_ACCOUNT,
    "people.drop_batch": OPEN_ACCOUNT,
    "people.register_lent_password": USE_OWN,
    "people.list_loans": USE_OWN,
    "people.lend_role": USE_OWN,
    "people.consent_to_loan": USE_OWN,
    "people.refuse_loan": USE_OWN,
    "people.end_loan": USE_OWN,
    "people.act_for": USE_OWN,
    "people.stop_acting": USE_OWN,
    "people.list_lendings": WATCH_LENDINGS,
    "people.export_lendings": WATCH_LENDINGS,
    "people.list_registrations": DECIDE_REGISTRATION,
    "people.show_registration": DECIDE_REGISTRATION,
    "people.accept_registration": DECIDE_REGISTRATION,
    "people.refuse_registration": DECIDE_REGISTRATION,
    "people.list_deliveries": OPEN_ACCOUNT,
    "people.send_again": OPEN_ACCOUNT,
    "people.show_rights": USE_OWN,
    "notifications.list_notices": USE_OWN,
    "notifications.mark_read": USE_OWN,
    "away.choices": USE_OWN,
    "away.pause": USE_OWN,
    "away.subscribe": USE_OWN,
    "away.unsubscribe": USE_OWN,
    "away.try_push": USE_OWN,
    "chat.list_conversations": USE_CONVERSATIONS,
    "chat.conversation_rows": USE_CONVERSATIONS,
    "chat.show_conversation": USE_CONVERSATIONS,
    "chat.head": USE_CONVERSATIONS,
    "chat.search_messages": USE_CONVERSATIONS,
    "chat.list_starred": USE_CONVERSATIONS,
    "chat.pins": USE_CONVERSATIONS,
    "chat.emoji": USE_CONVERSATIONS,
    "chat.panel": USE_CONVERSATIONS,
    "chat.mute": USE_CONVERSATIONS,
    "chat.reveal": REVEAL_NUMBERS,
    "chat.leave_group": USE_CONVERSATIONS,
    "chat.find_people": START_CONVERSATIONS,
    "chat.open_direct": START_CONVERSATIONS,
    "chat.make_group": START_CONVERSATIONS,
    "chat.make_group_by_rule": KEEP_GROUPS,
    "chat.set_group": START_CONVERSATIONS,
    "chat.add_member": START_CONVERSATIONS,
    "chat.remove_member": START_CONVERSATIONS,
    "chat.set_owner": START_CONVERSATIONS,
    "chat.list_recalls": RECALL_MESSAGES,
    "chat.show_recall": USE_CONVERSATIONS,
    "chat.recall_reported": RECALL_MESSAGES,
    "chat.dismiss_reported": RECALL_MESSAGES,
    "incidents.list_incidents": SEE_INCIDENTS,
    "incidents.show_incident": SEE_INCIDENTS,
    "incidents.handle": HANDLE_INCIDENTS,
    "incidents.close": HANDLE_INCIDENTS,
    "incidents.show_evidence": OPEN_EVIDENCE,
    "incidents.open_file": OPEN_EVIDENCE,
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
    "helpdesk.check_identity": HANDLE,
    "helpdesk.set_duty": HANDLE,
    "helpdesk.record_call": RECORD_CALL,
    "helpdesk.show_desk": MANAGE_DESK,
    "files.begin": USE_FILES,
    "files.show_upload": USE_FILES,
    "files.put_piece": USE_FILES,
    "files.finish": USE_FILES,
    "files.cancel": USE_FILES,
    "files.open_file": USE_FILES,
    "files.thumbnail": USE_FILES,
    "audit.search": AUDIT,
    "audit.list_looks": USE_OWN,
    "audit.list_upper_looks": SEE_LOOKS,
    "audit.export_upper_looks": SEE_LOOKS,
    "undertakings.sign": USE_OWN,
    "undertakings.state_purpose": USE_OWN,
    "undertakings.list_own": USE_OWN,
    "undertakings.list_signers": SEE_UNDERTAKINGS,
    "undertakings.export_signers": SEE_UNDERTAKINGS,
    "workplaces.show_places": MANAGE_WORKPLACES,
    "workplaces.register_computer": MANAGE_WORKPLACES,
    "workplaces.add_range": MANAGE_WORKPLACES,
    "workplaces.end_computer": MANAGE_WORKPLACES,
    "workplaces.end_range": MANAGE_WORKPLACES,
    "workplaces.switch_on": MANAGE_WORKPLACES,
    "workplaces.switch_off": MANAGE_WORKPLACES,
    "workplaces.lift": MANAGE_WORKPLACES,
    "approvals.inbox": DECIDE,
    "approvals.decide_many": DECIDE,
    "approvals.decide": DECIDE,
    "approvals.list_applications": OVERSEE,
    "approvals.my_applications": FOLLOW,
    "approvals.show_application": FOLLOW,
    "approvals.withdraw": FOLLOW,
    "approvals.resubmit": FOLLOW,
    "calendars.show_year": READ_CALENDAR,
    "calendars.edit_day": EDIT_CALENDAR,
    "calendars.remove_day": EDIT_CALENDAR,
    "calendars.publish_year": EDIT_CALENDAR,
    "directory.browse": SEE_UNITS,
    "directory.show_branch": SEE_UNITS,
    "directory.show_unit": SEE_UNITS,
    "directory.list_uncoded": SEE_UNITS,
    "directory.show_body": SEE_UNITS,
    "directory.add_body": MANAGE_BODIES,
    "directory.change_body": MANAGE_BODIES,
    "directory.close_body": MANAGE_BODIES,
    "directory.seat_member": MANAGE_BODIES,
    "directory.unseat_member": MANAGE_BODIES,
    "directory.rename_school": MANAGE_UNITS,
    "directory.give_code": MANAGE_UNITS,
    "directory.apply_for_code": APPLY,
    "directory.close_school": MANAGE_UNITS,
    "directory.merge_school": MANAGE_UNITS,
    "directory.check_list": MANAGE_UNITS,
    "directory.show_list": MANAGE_UNITS,
    "directory.apply_list": MANAGE_UNITS,
    "directory.show_contacts": SEE_UNITS,
    "directory.list_gaps": SEE_UNITS,
    "directory.export_contacts": ENTER_CONTACTS,
    "directory.enter_holder": ENTER_CONTACTS,
    "directory.change_holder": ENTER_CONTACTS,
    "directory.end_holder": ENTER_CONTACTS,
    "directory.stamp_contacts": STAMP,
    "directory.open_round": COLLECT,
    "directory.close_round": COLLECT,
    "rules.list_rules": READ_RULES,
    "rules.show_pack": READ_RULES,
    "rules.file_rules": FILE_RULES,
    "records.list_records": VIEW_RECORDS,
    "records.show_record": VIEW_RECORDS,
    "records.show_history": VIEW_RECORDS,
    "records.list_teachers": VIEW_RECORDS,
    "records.show_teacher": VIEW_RECORDS,
    "records.edit_record": EDIT_RECORDS,
    "records.add_teacher": EDIT_RECORDS,
    "records.edit_teacher": EDIT_RECORDS,
    "records.leave_teacher": EDIT_RECORDS,
    "records.import_records": EDIT_RECORDS,
    "records.preview_import": EDIT_RECORDS,
    "records.apply_import": EDIT_RECORDS,
    "records.export_records": EXPORT_RECORDS,
    "records.list_checks": CHECK_RECORDS,
    "records.decide_checks": CHECK_RECORDS,
    "records.withdraw_entry": EDIT_RECORDS,
}

# ── socket command → permission ───────────────────────────────────────────────────────────────────────────────────────
SOCKET_COMMANDS: Mapping[str, str] = {
    "conversation:join": USE_CONVERSATIONS,
    "message:send": USE_CONVERSATIONS,
    "message:sync": USE_CONVERSATIONS,
    "message:send_files": USE_CONVERSATIONS,
    "message:files": USE_CONVERSATIONS,
    "message:mark": USE_CONVERSATIONS,
    "message:edit": USE_CONVERSATIONS,
    "message:take-back": USE_CONVERSATIONS,
    "message:earlier": USE_CONVERSATIONS,
    "message:recall": USE_CONVERSATIONS,
    "message:report": USE_CONVERSATIONS,
    "draft:save": USE_CONVERSATIONS,
    "message:react": USE_CONVERSATIONS,
    "message:pin": USE_CONVERSATIONS,
    "message:star": USE_CONVERSATIONS,
    "conversation:typing": USE_CONVERSATIONS,
    "conversation:people": USE_CONVERSATIONS,
    "presence:beat": USE_CONVERSATIONS,
    "conversations:join": USE_CONVERSATIONS,
    "conversations:sync": USE_CONVERSATIONS,
    "conversations:presence": USE_CONVERSATIONS,
    "call:start": USE_CONVERSATIONS,
    "call:accept": USE_CONVERSATIONS,
    "call:decline": USE_CONVERSATIONS,
    "call:leave": USE_CONVERSATIONS,
    "call:signal": USE_CONVERSATIONS,
    "call:mine": USE_CONVERSATIONS,
    "call:people": USE_CONVERSATIONS,
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
