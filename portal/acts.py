"""What people call each act of the audit trail, each kind of thing and each field: one page for the whole house.

A test finds every act that a service notes and asks for its words here.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from registry_core.audit.services import READ

ACTS: Mapping[str, LazyString] = {
    READ: _l("查看个人信息"),
    "accounts.signed_in": _l("登录"),
    "accounts.sign_in.failed": _l("登录没有成功"),
    "accounts.signed_out": _l("退出登录"),
    "accounts.password.changed": _l("修改密码"),
    "accounts.identity.confirmed": _l("再次确认身份"),
    "accounts.second_factor.added": _l("打开二次验证"),
    "accounts.second_factor.removed": _l("取消二次验证"),
    "accounts.letter.given": _l("给出重设密码的信"),
    "accounts.sealed": _l("封存长期不用的账号"),
    "accounts.reopened": _l("重新启用封存的账号"),
    "accounts.closed": _l("注销账号"),
    "people.exported": _l("导出人员与角色"),
    "access.role.given": _l("授予角色"),
    "access.role.taken": _l("收回角色"),
    "access.qualification.given": _l("发放上岗许可"),
    "access.qualification.revoked": _l("收回上岗许可"),
    "directory.body.added": _l("登记机构"),
    "directory.body.changed": _l("修改机构"),
    "directory.body.closed": _l("撤销机构"),
    "directory.member.seated": _l("登记机构成员"),
    "directory.member.left": _l("机构成员卸任"),
    "directory.unit.changed": _l("办理学校变动"),
    "directory.code_list.applied": _l("执行上级代码表"),
    "directory.contact.entered": _l("登记通讯录岗位"),
    "directory.contact.changed": _l("更正通讯录岗位"),
    "directory.contact.ended": _l("停用通讯录岗位"),
    "directory.stamped": _l("确认支持通讯录"),
    "directory.exported": _l("导出支持通讯录"),
    "directory.round.opened": _l("发起通讯录收集"),
    "directory.round.closed": _l("结束通讯录收集"),
    "files.kept": _l("上传文件"),
    "files.opened": _l("下载文件"),
    "files.found_infected": _l("文件查出病毒"),
    "approvals.application.submitted": _l("提交申请"),
    "approvals.application.resubmitted": _l("补正后重新提交申请"),
    "approvals.step.decided": _l("办理申请"),
    "calendars.year.published": _l("公布全年工作日历"),
    "calendars.day.set": _l("登记工作日历上的一天"),
    "calendars.day.removed": _l("移除工作日历上的一天"),
    "people.administrator.reported": _l("上报超级管理员"),
    "people.administrator.bound": _l("绑定上报的超级管理员"),
    "people.administrator.refused": _l("退回上报的超级管理员"),
    "people.account.opened": _l("开通账号"),
    "people.registration.accepted": _l("确认注册申请"),
    "people.registration.refused": _l("退回注册申请"),
    "people.first_administrator.appointed": _l("开通第一位全国级超级管理员"),
    "people.password.lent": _l("登记借出密码"),
    "people.password.forced": _l("借出的密码到期，要求修改"),
    "people.password.kept": _l("借出的密码到期没有修改"),
    "people.loan.asked": _l("申请请人代办"),
    "people.loan.consented": _l("同意代办"),
    "people.loan.refused": _l("不同意代办"),
    "people.loan.ended": _l("结束代办授权"),
    "people.loan.taken_up": _l("开始代办"),
    "people.loan.put_down": _l("停止代办"),
    "people.credentials.issued": _l("下发用户名和一次性密码"),
    "rules.filed": _l("登记规则备案"),
    "records.saved": _l("修改档案"),
    "records.teacher.left": _l("教师移出名单"),
    "records.exported": _l("导出档案"),
}

KINDS: Mapping[str, LazyString] = {
    "account": _l("账号"),
    "unit": _l("单位"),
    "body": _l("机构"),
    "teacher": _l("教师档案"),
    "file": _l("文件"),
    "delegation": _l("授权代办"),
    "registration": _l("注册申请"),
    "administrator_report": _l("超级管理员上报"),
    "application": _l("申请"),
    "calendar": _l("工作日历"),
}

FIELDS: Mapping[str, LazyString] = {
    "name": _l("姓名"),
    "user_name": _l("用户名"),
    "mobile": _l("手机号"),
    "email": _l("邮箱"),
    "role": _l("角色"),
    "body_name": _l("机构名称"),
    "opened": _l("设立"),
    "renamed": _l("更名"),
    "moved": _l("改隶"),
    "code_given": _l("学校标识码"),
    "merged": _l("并入"),
    "took_in": _l("接收"),
    "closed": _l("撤销"),
    "host_name": _l("挂靠单位"),
    "contact_name": _l("联系人"),
    "phone": _l("电话"),
    "address": _l("地址"),
    "decision": _l("决定"),
    "kind": _l("类型"),
}
