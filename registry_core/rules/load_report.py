"""What a load of rule packs did, in figures for programs and in words for people."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _


@dataclass(frozen=True, slots=True)
class PackReport:
    """The outcome for one pack: topics by what became of them. A left-out pack belongs to a unit that is not here."""

    code: str
    name: str
    owner: str
    is_new: bool = False
    is_left_out: bool = False
    head_changed: bool = False
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    unchanged: int = 0

    @property
    def is_same(self) -> bool:
        """Say whether the load changed nothing about the pack."""
        return not (self.is_new or self.is_left_out or self.head_changed or self.added or self.changed or self.retired)

    @property
    def text(self) -> str:
        """The outcome in the reader's language, one line."""
        if self.is_left_out:
            return _("未装入 %(code)s：行政树里没有单位 %(owner)s", code=self.code, owner=self.owner)
        if self.is_same:
            return _("未变 %(code)s（%(count)s 项）", code=self.code, count=self.unchanged)
        if self.is_new:
            return _("新增 %(code)s（%(count)s 项）：%(name)s", code=self.code, count=len(self.added), name=self.name)
        parts = [_("更新 %(code)s", code=self.code)]
        if self.head_changed:
            parts.append(_("名称、出处或有效期有变"))
        parts += [
            text
            for text, topics in (
                (_("新增 %(topics)s", topics="、".join(self.added)), self.added),
                (_("改动 %(topics)s", topics="、".join(self.changed)), self.changed),
                (_("停用 %(topics)s", topics="、".join(self.retired)), self.retired),
            )
            if topics
        ]
        return "；".join(parts)


@dataclass(frozen=True, slots=True)
class RuleLoadReport:
    """The outcome of one load, pack by pack."""

    packs: tuple[PackReport, ...]

    def lines(self) -> tuple[str, ...]:
        """Tell the outcome in the reader's language, a line for each pack."""
        return tuple(pack.text for pack in self.packs)
