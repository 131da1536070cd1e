"""Refusals about files; each says what to do instead."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from registry_core.errors import DomainError, NotFound


class UploadGone(NotFound):
    """The upload is over, was cancelled, or is somebody else's."""

    code = "upload_gone"
    message = _l("这次上传已经结束或取消了，请重新选择文件上传。")


class FileNotFound(NotFound):
    """The file does not exist for this person."""

    code = "file_not_found"
    message = _l("没有找到这个文件，可能已被移走，或您没有查看它的权限。")


class FileRefused(DomainError):
    """The file itself is not taken; the message names the reason."""

    code = "file_refused"
    status = 422
    message = _l("这个文件不能上传，请换一个。")


class FileTooLarge(FileRefused):
    """The file is larger than the rules of the unit allow."""

    code = "file_too_large"


class PieceOutOfPlace(DomainError):
    """A piece does not go on where the last one ended: ask how far the upload has come, and go on from there."""

    code = "piece_out_of_place"
    message = _l("上传的进度对不上，请稍候，页面会自动接着传。")


class PieceTooLarge(DomainError):
    """A piece is larger than one request may be."""

    code = "piece_too_large"
    status = 413
    message = _l("每次传得太多了，请刷新页面后重新上传。")


class Unfinished(DomainError):
    """Pieces are still missing."""

    code = "upload_unfinished"
    message = _l("文件还没有传完，请等它传完。")


class DigestDiffers(DomainError):
    """What came is not what was sent."""

    code = "digest_differs"
    status = 422
    message = _l("文件在路上损坏了，请重新上传。")


class TooManyUploads(DomainError):
    """One person has too many uploads under way."""

    code = "too_many_uploads"
    status = 429
    message = _l("您同时上传的文件太多了，请等前面的传完再传。")


class StillQuarantined(DomainError):
    """The scanner has not looked at the file yet."""

    code = "still_quarantined"
    message = _l("这个文件正在查毒，通常不到一分钟，请稍后再打开。")


class FileInfected(DomainError):
    """The scanner has found something."""

    code = "file_infected"
    status = 410
    message = _l("这个文件查出了病毒，已被隔离，不能打开。请杀毒后重新上传。")


class StorageAway(DomainError):
    """The place where files lie does not answer."""

    code = "storage_away"
    status = 503
    message = _l("存放文件的服务暂时不可用，请稍后再试。已经传上来的部分不会丢。")
