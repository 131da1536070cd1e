"""Refusals about rules and packs; each message says what to do."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from registry_core.errors import DomainError, InvalidInput, NotFound


class RuleMissing(DomainError):
    """No pack on the way up says anything about the topic on that day."""

    code = "rule_missing"

    def __init__(self, topic: str, unit_name: str, day: str) -> None:
        super().__init__(
            _l(
                "%(unit)s 在 %(day)s 没有关于“%(topic)s”的规则，这一步无法进行。"
                "请管理员运行 ./desk db load-rules 装入规则包，或请上级单位补充这一项规则。",
                unit=unit_name,
                day=day,
                topic=topic,
            )
        )
        self.topic = topic


class PackNotFound(NotFound):
    """No pack of that code is loaded."""

    code = "pack_not_found"
    message = _l("没有找到这个规则包，请从“规则”页面重新打开。")


class NothingToFileWith(DomainError):
    """The unit is none that files rules: it has no level above, or is a school."""

    code = "nothing_to_file_with"
    message = _l("只有省、市、县级教育行政部门向上级备案规则；学校和部级不需要备案，请改选单位。")


class PackOfAnotherUnit(DomainError):
    """The pack named in a filing belongs to another unit."""

    code = "pack_of_another_unit"
    message = _l("所选的规则包不属于这个单位，请改选本单位的规则包，或留空。")


@dataclass(frozen=True, slots=True)
class PackFault:
    """What is wrong with a line of a pack file: the file, the topic (empty for the head of the file), the field."""

    file: str
    topic: str
    field: str
    reason: LazyString | str

    @property
    def text(self) -> str:
        """The fault in the language of the person who loads the file."""
        place = " › ".join(part for part in (self.file, self.topic, self.field) if part)
        return str(_l("%(place)s：%(reason)s", place=place, reason=str(self.reason)))


class PacksRefused(InvalidInput):
    """Pack files have faults; none of the files was loaded. `faults` names every one of them."""

    code = "packs_refused"

    def __init__(self, faults: tuple[PackFault, ...]) -> None:
        super().__init__(
            _l("规则包中有 %(count)s 处错误，一项也没有写入。请按下面的说明改正后重新装入。", count=len(faults))
        )
        self.faults = faults
