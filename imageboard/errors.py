"""Everything that can be wrong with a post, a board or a part of the machine.

Each class's docstring is the sentence a person reads; `{name}` in it is filled from the
data the error carries. The writer turns them into answers in one place (writer/answers.py).
"""

from __future__ import annotations

import re
from inspect import cleandoc
from typing import ClassVar

_BEFORE_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


class ImageboardError(Exception):
    """Something went wrong."""

    #: The form's field that the poster can mend, when there is one.
    field: str | None = None
    #: The HTTP status that says the same (CONTRACT: refusals).
    status: ClassVar[int] = 500

    def __init__(self, *, field: str | None = None, **data: object) -> None:
        self.data = data
        if field is not None:
            self.field = field
        super().__init__(self.sentence)

    def __reduce__(self) -> tuple[object, ...]:
        """Errors pass from one process to another with what they carry."""
        return (_again, (type(self), self.field, self.data))

    @property
    def code(self) -> str:
        """For programs: 'too_fast' of TooFast."""
        return _BEFORE_CAPITAL.sub("_", type(self).__name__).lower()

    @property
    def sentence(self) -> str:
        """The class's docstring with its blanks filled in."""
        first_paragraph = cleandoc(self.__doc__ or "").split("\n\n", 1)[0]
        return " ".join(first_paragraph.split()).format_map(self.data)


def _again(kind: type[ImageboardError], field: str | None, data: dict[str, object]) -> object:
    return kind(field=field, **data)


class PostRefused(ImageboardError):
    """The post was refused."""

    status = 422


# --- the form itself (400) ---


class BadForm(PostRefused):
    """{reason}"""

    status = 400


class BadField(PostRefused):
    """{reason}"""

    status = 400


# --- rules of the board (422) ---


class RuleBroken(PostRefused):
    """{reason}"""

    status = 422


class ThreadLocked(PostRefused):
    """This thread is locked: nobody can reply to it."""

    status = 422
    field = "thread"


class ThreadFull(PostRefused):
    """This thread is full: it has {reply_limit} replies. Start a new one."""

    status = 422
    field = "thread"


# --- not there (404) ---


class NoSuchBoard(PostRefused):
    """There is no board /{board}/."""

    status = 404
    field = "board"


class NoSuchThread(PostRefused):
    """There is no thread {thread} on /{board}/: it was deleted or has fallen off the last page."""

    status = 404
    field = "thread"


class NoSuchPost(PostRefused):
    """There is no post {no} on /{board}/."""

    status = 404


# --- who posts (403, 429) ---


class Banned(PostRefused):
    """You are banned from posting on {where}: {reason}"""

    status = 403


class CrossSite(PostRefused):
    """This form was sent from another site. Open the board and post from there."""

    status = 403


class CaptchaFailed(PostRefused):
    """The captcha was not solved: {reason}"""

    status = 403
    field = "captcha"


class NotYours(PostRefused):
    """{reason}"""

    status = 403
    field = "password"


class TooFast(PostRefused):
    """You are posting too fast: wait {retry_after_s} seconds and send it again."""

    status = 429


class TooManyReports(TooFast):
    """You have reported a lot in the last hour: wait {retry_after_s} seconds and send it again."""


# --- files (413, 415) ---


class FileRefused(PostRefused):
    """{reason}"""

    status = 415
    field = "file"


class FileTooLarge(PostRefused):
    """The file is too large: {bytes_max_mb} MB at most."""

    status = 413
    field = "file"


class ImageTooLarge(PostRefused):
    """{reason}"""

    status = 413
    field = "file"


# --- parts of the machine (503) ---


class PartUnavailable(ImageboardError):
    """A part of the board is not available: {part}. Your post was not stored; try again soon."""

    status = 503


class StoreUnavailable(PartUnavailable):
    """The database is not available: nothing was stored. Try again in a moment."""


class StatementFailed(ImageboardError):
    """The database refused a statement: {sqlstate} {constraint}."""


class DarkroomUnavailable(PartUnavailable):
    """Pictures can't be read just now: nothing was stored. Try again, or post without the file."""


class LoginUnavailable(PartUnavailable):
    """Passwords can't be looked at just now: try again in a moment."""


# --- operators ---


class BadSetting(ImageboardError):
    """{name}: {fault}. Example: {name}={example}"""


class MisspeltSetting(BadSetting):
    """{name}: is no setting. Did you mean {meant}? Example: {meant}={example}"""


class LastAdmin(ImageboardError):
    """{name} is the only admin who can log in: add another one first."""


class RolesKept(ImageboardError):
    """The servers of the database stay what they are: {reason}."""


class BadBoardSetting(ImageboardError):
    """{name}: {fault}"""


class MigrationBlocked(ImageboardError):
    """The tables can't be changed ({step}): somebody has held them through {tries} tries. Look for
    long transactions in pg_stat_activity, then try again."""


class PartDied(ImageboardError):
    """A process of the {part} died at its work, which is unfinished: try again."""


class DiskFull(ImageboardError):
    """No space left on the device that holds {path}."""


# --- staff ---


class StaffRefused(ImageboardError):
    """What a member of staff, or somebody who would be one, asked for was refused."""

    status = 403


class LoginFailed(StaffRefused):
    """The name or the password is wrong."""


class TooManyLogins(TooFast):
    """Too many attempts to log in: wait {retry_after_s} seconds and try again."""


class LoginsBusy(TooFast):
    """Many people are logging in at this moment: wait {retry_after_s} seconds and try again."""


class NotLoggedIn(StaffRefused):
    """You are not logged in, or no longer: log in and try again."""


class FormNotOurs(StaffRefused):
    """This form does not belong to your session: load its page again and send it from there."""


class NotAllowed(StaffRefused):
    """Your role, {role}, does not include this."""


class NoSuchBan(StaffRefused):
    """There is no ban {id} in force."""

    status = 404


class NoSuchStaff(StaffRefused):
    """There is no staff account {name}."""

    status = 404


class BadStaffName(StaffRefused):
    """{name} can't be a name: 1 to 32 of a to z, 0 to 9, _ and -, please."""

    status = 422


class StaffNameTaken(StaffRefused):
    """There is a staff account {name} already."""

    status = 422


class WeakPassword(StaffRefused):
    """{reason}"""

    status = 422
