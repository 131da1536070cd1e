"""Why a file is not what it says, in words for the person who brought it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

DAMAGED = _l("这个文件打不开，可能已经损坏。请用原来的软件另存一份再上传。")
TOO_MANY_PIXELS = _l("这张图片的尺寸太大了，请缩小到 5000 万像素以内再上传。")
SWELLS = _l("这个文件解开后大得不正常，不能上传。请用原来的软件另存一份再试。")
RUNS_CODE = _l("这个文件里带有会自动运行的内容（宏、脚本或外部链接），请去掉后再上传。")
LOCKED = _l("这个文件加了密码，别人打不开。请去掉密码后再上传。")
IS_MARKUP = _l("这个文件的内容是网页或程序，不是普通文字，不能上传。")


class Suspicious(Exception):
    """A check has found something."""

    def __init__(self, reason: LazyString) -> None:
        super().__init__(str(type(self).__name__))
        self.reason = reason
