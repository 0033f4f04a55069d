"""Everything that can be wrong with a post, a board or a part of the machine.

Each class has a sentence, its `message`, whose blanks are filled with what the error carries, and
a `code` for programs, which never changes. What it means to whoever sent a request, an HTTP status,
is the writer's to say (writer/statuses.py).
"""

from __future__ import annotations

from typing import ClassVar, TypeVar

from imageboard.words import N_, NN_, Message

Kind = TypeVar("Kind", bound="ImageboardError")


class ImageboardError(Exception):
    """What is carried is there by its name: `error.retry_after_s`."""

    #: For programs: 'too_fast'.
    code: ClassVar[str] = "failed"
    #: Of the class with its blanks empty, of an error with its blanks filled.
    message: Message = N_("Something went wrong.")
    #: The form's field that the poster can mend, when there is one.
    field: str | None = None

    def __init__(self, *, field: str | None = None, **data: object) -> None:
        self._say(type(self).message.filled(**data), field)

    def __reduce__(self) -> tuple[object, ...]:
        """Errors pass from one process to another with what they carry."""
        return (said_again, (type(self), self.message, self.field))

    @property
    def sentence(self) -> str:
        """In English."""
        return self.message.said()

    def _say(self, message: Message, field: str | None) -> None:
        vars(self).update(message.data)
        self.message = message
        if field is not None:
            self.field = field
        super().__init__(self.sentence)


def said_again(kind: type[Kind], message: Message, field: str | None = None) -> Kind:
    """The error that another process raised with this message, its blanks filled."""
    error = kind.__new__(kind)
    error._say(message, field)
    return error


class SaidWhereRaised(ImageboardError):
    """An error of many causes: where it is raised, its sentence stands too."""

    def __init__(self, message: Message, *, field: str | None = None, **data: object) -> None:
        self._say(message.filled(**data), field)


class PostRefused(ImageboardError):
    code = "post_refused"
    message = N_("The post was refused.")


# --- the form itself ---


class BadForm(SaidWhereRaised, PostRefused):
    code = "bad_form"


class BadField(SaidWhereRaised, PostRefused):
    code = "bad_field"


# --- rules of the board ---


class RuleBroken(SaidWhereRaised, PostRefused):
    code = "rule_broken"


class ThreadLocked(PostRefused):
    code = "thread_locked"
    message = N_("This thread is locked: nobody can reply to it.")
    field = "thread"


class BoardReadOnly(PostRefused):
    code = "board_read_only"
    message = N_("Nobody can post on this board for now: the staff have made it read-only.")
    field = "board"


class ThreadFull(PostRefused):
    code = "thread_full"
    message = NN_(
        "This thread is full: it has {reply_limit} reply. Start a new one.",
        "This thread is full: it has {reply_limit} replies. Start a new one.",
        "reply_limit",
    )
    field = "thread"
    reply_limit: int


class ThreadFilesFull(PostRefused):
    code = "thread_files_full"
    message = N_("This thread takes no more files: reply without one.")
    field = "file"


class PageFull(PostRefused):
    code = "page_full"
    message = N_("This thread is full: its page is as large as a page may be. Start a new one.")
    field = "thread"


# --- not there ---


class NoSuchBoard(PostRefused):
    code = "no_such_board"
    message = N_("There is no board /{board}/.")
    field = "board"
    board: str


class NoSuchThread(PostRefused):
    code = "no_such_thread"
    message = N_(
        "There is no thread {thread} on /{board}/: it was deleted or has fallen off the last page."
    )
    field = "thread"
    board: str
    thread: int


class NoSuchPost(PostRefused):
    code = "no_such_post"
    message = N_("There is no post {no} on /{board}/.")
    board: str
    #: As it was typed, where that is no number.
    no: int | str


# --- who posts ---


class Banned(PostRefused):
    code = "banned"
    message = N_("You are banned from posting on {where}: {reason}")
    #: '/b/', or words for all boards.
    where: str | Message
    #: None: all boards.
    board: str | None
    reason: str
    created_s: int
    #: None: never.
    expires_s: int | None
    ban_id: int
    #: Where the log tells readers of it; None: nowhere.
    log_url: str | None = None
    #: What the banned asked of staff; None: nothing.
    appeal: tuple[str, str | None] | None = None
    #: Whether they may ask now.
    may_appeal: bool = False


class Warned(PostRefused):
    code = "warned"
    message = N_(
        "Staff warn you: {reason} This was not sent yet. Now that you have read it, send it again."
    )
    reason: str


class FileBanned(PostRefused):
    code = "file_banned"
    message = N_("This file may not be posted here: {reason}")
    field = "file"
    reason: str


class BadAddress(PostRefused):
    code = "bad_address"
    message = N_("{header} is not an address.")
    #: The name of the header.
    header: str


class CrossSite(PostRefused):
    code = "cross_site"
    message = N_("This form was sent from another site. Open the board and post from there.")


class RefusedByRule(SaidWhereRaised, PostRefused):
    code = "refused_by_rule"


class CaptchaFailed(SaidWhereRaised, PostRefused):
    code = "captcha_failed"
    field = "captcha"


class NotYours(SaidWhereRaised, PostRefused):
    code = "not_yours"
    field = "password"


class TooFast(PostRefused):
    code = "too_fast"
    message = NN_(
        "You are posting too fast: wait {retry_after_s} second and send it again.",
        "You are posting too fast: wait {retry_after_s} seconds and send it again.",
        "retry_after_s",
    )
    retry_after_s: int


class PicturesBusy(TooFast):
    code = "pictures_busy"
    message = NN_(
        "Many pictures are being read just now: wait {retry_after_s} second and send it again.",
        "Many pictures are being read just now: wait {retry_after_s} seconds and send it again.",
        "retry_after_s",
    )
    field = "file"


class OwnPictureWaits(TooFast):
    code = "own_picture_waits"
    message = NN_(
        "Other pictures from your address are still being read: wait {retry_after_s} second and"
        " send this one again.",
        "Other pictures from your address are still being read: wait {retry_after_s} seconds and"
        " send this one again.",
        "retry_after_s",
    )
    field = "file"


class HeldFull(TooFast):
    code = "held_full"
    message = NN_(
        "Staff look at posts here first, and too many wait for them:"
        " wait {retry_after_s} second and send it again.",
        "Staff look at posts here first, and too many wait for them:"
        " wait {retry_after_s} seconds and send it again.",
        "retry_after_s",
    )


class HeldFullOfNetwork(TooFast):
    code = "held_full_of_network"
    message = NN_(
        "Staff look at posts here first, and many of yours, of your network or of others who are"
        " new here wait for them: wait {retry_after_s} second and send it again.",
        "Staff look at posts here first, and many of yours, of your network or of others who are"
        " new here wait for them: wait {retry_after_s} seconds and send it again.",
        "retry_after_s",
    )


class BoardFull(TooFast):
    code = "board_full"
    message = NN_(
        "There are too many new threads here for another one:"
        " wait {retry_after_s} second and send it again.",
        "There are too many new threads here for another one:"
        " wait {retry_after_s} seconds and send it again.",
        "retry_after_s",
    )


class TooManyReports(TooFast):
    code = "too_many_reports"
    message = NN_(
        "You have reported a lot in the last hour: wait {retry_after_s} second and send it again.",
        "You have reported a lot in the last hour: wait {retry_after_s} seconds and send it again.",
        "retry_after_s",
    )


class TooManyAppeals(TooFast):
    code = "too_many_appeals"
    message = NN_(
        "You have appealed a lot in the last hour: wait {retry_after_s} second and send it again.",
        "You have appealed a lot in the last hour: wait {retry_after_s} seconds and send it again.",
        "retry_after_s",
    )


class NetworkTooFast(TooFast):
    code = "network_too_fast"
    message = NN_(
        "A lot has come from your network: wait {retry_after_s} second and send it again.",
        "A lot has come from your network: wait {retry_after_s} seconds and send it again.",
        "retry_after_s",
    )


class NetworkStartsTooManyThreads(TooFast):
    code = "network_starts_too_many_threads"
    message = NN_(
        "You, or others of your network, have started many threads in the last hour: "
        "wait {retry_after_s} second and send it again, or reply to a thread.",
        "You, or others of your network, have started many threads in the last hour: "
        "wait {retry_after_s} seconds and send it again, or reply to a thread.",
        "retry_after_s",
    )


class BoardTooFast(TooFast):
    code = "board_too_fast"
    message = NN_(
        "More is posted to this board than it takes: "
        "wait {retry_after_s} second and send it again.",
        "More is posted to this board than it takes: "
        "wait {retry_after_s} seconds and send it again.",
        "retry_after_s",
    )


class BoardHasTooManyNewThreads(TooFast):
    code = "board_has_too_many_new_threads"
    message = NN_(
        "Many threads were started on this board in the last hour: "
        "wait {retry_after_s} second and send it again, or reply to a thread.",
        "Many threads were started on this board in the last hour: "
        "wait {retry_after_s} seconds and send it again, or reply to a thread.",
        "retry_after_s",
    )


# --- search ---


class SearchTooSlow(PostRefused):
    code = "search_too_slow"
    message = N_(
        "This takes too long to find: look for words that are rarer, on one board, or within a"
        " shorter time."
    )
    field = "q"


class SearchesBusy(TooFast):
    code = "searches_busy"
    message = NN_(
        "Many people are searching just now: wait {retry_after_s} second and try again.",
        "Many people are searching just now: wait {retry_after_s} seconds and try again.",
        "retry_after_s",
    )


class TooManySearches(TooFast):
    code = "too_many_searches"
    message = NN_(
        "You, or others of your network, have searched a lot in the last minute:"
        " wait {retry_after_s} second and try again.",
        "You, or others of your network, have searched a lot in the last minute:"
        " wait {retry_after_s} seconds and try again.",
        "retry_after_s",
    )


# --- threads to take along ---


class ZipTooLarge(PostRefused):
    code = "zip_too_large"
    message = N_("This thread has more than {bytes_max_mb} MB: a ZIP would be too large.")
    bytes_max_mb: int


class ZipsBusy(TooFast):
    code = "zips_busy"
    message = NN_(
        "Many threads are being packed just now: wait {retry_after_s} second and try again.",
        "Many threads are being packed just now: wait {retry_after_s} seconds and try again.",
        "retry_after_s",
    )


# --- files ---


class FileRefused(SaidWhereRaised, PostRefused):
    code = "file_refused"
    field = "file"
    #: For logs and tests.
    detail: str


class FileTooLarge(PostRefused):
    code = "file_too_large"
    message = N_("The file is too large: {bytes_max_mb} MB at most.")
    field = "file"
    bytes_max_mb: int | str


class FilesTooLarge(FileTooLarge):
    code = "files_too_large"
    message = N_("The files are too large together: {bytes_max_mb} MB at most.")


class ImageTooLarge(SaidWhereRaised, PostRefused):
    code = "image_too_large"
    field = "file"
    #: For logs and tests.
    detail: str


# --- parts of the machine ---


class PartUnavailable(ImageboardError):
    code = "part_unavailable"
    message = N_(
        "A part of the board is not available: {part}. Your post was not stored; try again soon."
    )
    #: Most parts are back soon.
    retry_after_s: ClassVar[int] = 5
    part: str


class StoreUnavailable(PartUnavailable):
    code = "store_unavailable"
    message = N_("The database is not available: nothing was stored. Try again in a moment.")


class DatabaseFull(StoreUnavailable):
    code = "database_full"
    message = N_(
        "The database's disk is full: nothing was stored, and reading goes on. Try again later."
    )
    retry_after_s = 60


class SessionsShared(StoreUnavailable):
    code = "sessions_shared"
    message = N_(
        "A pooler in transaction mode (PgBouncer's pool_mode) stands in front of the database: "
        "nothing was stored. DATABASE_URL has to name PostgreSQL itself, or a pooler in session "
        "mode."
    )


class QueueIsCluster(PartUnavailable):
    code = "queue_is_cluster"
    message = N_(
        "REDIS_URL names a Redis Cluster (cluster_enabled), whose nodes have a part of the keys "
        "each. The queue needs all of them in one server: Valkey or Redis without cluster mode, "
        "alone or with sentinels."
    )


class StoreDamaged(PartUnavailable):
    code = "store_damaged"
    message = N_(
        "The database can't read a part of itself ({sqlstate}): nothing was stored. "
        "docs/disaster-recovery.md tells operators what to do."
    )
    retry_after_s = 60
    #: PostgreSQL's name for it: XX001 of a page, XX002 of an index.
    sqlstate: str


class TablesDiffer(PartUnavailable):
    code = "tables_differ"
    message = N_(
        "The database's tables are of another version, or are not there: nothing was stored. "
        "`stillboard migrate` brings them to this one."
    )
    retry_after_s = 60


class NoRoom(SaidWhereRaised, PartUnavailable):
    code = "no_room"
    retry_after_s = 60


class StatementFailed(ImageboardError):
    code = "statement_failed"
    message = N_("The database refused a statement: {sqlstate} {constraint}.")
    sqlstate: str
    constraint: str


class DarkroomUnavailable(PartUnavailable):
    code = "darkroom_unavailable"
    message = N_(
        "Pictures can't be read just now: nothing was stored. Try again, or post without the file."
    )
    #: For logs and tests.
    detail: str


class LoginUnavailable(PartUnavailable):
    code = "login_unavailable"
    message = N_("Passwords can't be looked at just now: try again in a moment.")


# --- operators ---


class BadSetting(ImageboardError):
    code = "bad_setting"
    message = N_("{name}: {fault}. Example: {name}={example}")
    name: str
    fault: str | Message
    example: str


class MisspeltSetting(BadSetting):
    code = "misspelt_setting"
    message = N_("{name}: is no setting. Did you mean {meant}? Example: {meant}={example}")
    meant: str


class RolesKept(ImageboardError):
    code = "roles_kept"
    message = N_("The servers of the database stay what they are: {reason}.")
    reason: Message


class BadBoardSetting(ImageboardError):
    code = "bad_board_setting"
    message = N_("{name}: {fault}")
    name: str
    fault: str | Message


class BadBanner(SaidWhereRaised):
    code = "bad_banner"


class NoSuchBanner(ImageboardError):
    code = "no_such_banner"
    message = N_("/{board}/ has no banner.")
    board: str


class BadPage(ImageboardError):
    code = "bad_page"
    message = N_("{name}: {fault}")
    name: str
    fault: str | Message


class MigrationBlocked(ImageboardError):
    code = "migration_blocked"
    message = NN_(
        "The tables can't be changed ({step}): somebody has held them through {tries} try. "
        "Look for long transactions in pg_stat_activity, then try again.",
        "The tables can't be changed ({step}): somebody has held them through {tries} tries. "
        "Look for long transactions in pg_stat_activity, then try again.",
        "tries",
    )
    step: str
    tries: int


class PartDied(ImageboardError):
    code = "part_died"
    message = N_("A process of the {part} died at its work, which is unfinished: try again.")
    part: str


class DiskFull(ImageboardError):
    code = "disk_full"
    message = N_("No space left on the device that holds {path}.")
    path: object


# --- staff ---


class StaffRefused(ImageboardError):
    code = "staff_refused"
    message = N_("What a member of staff, or somebody who would be one, asked for was refused.")


class LoginFailed(StaffRefused):
    code = "login_failed"
    message = N_("The name or the password is wrong.")


class TooManyLogins(TooFast):
    code = "too_many_logins"
    message = NN_(
        "Too many attempts to log in: wait {retry_after_s} second and try again.",
        "Too many attempts to log in: wait {retry_after_s} seconds and try again.",
        "retry_after_s",
    )


class LoginsBusy(TooFast):
    code = "logins_busy"
    message = NN_(
        "Many people are logging in at this moment: wait {retry_after_s} second and try again.",
        "Many people are logging in at this moment: wait {retry_after_s} seconds and try again.",
        "retry_after_s",
    )


class NotLoggedIn(StaffRefused):
    code = "not_logged_in"
    message = N_("You are not logged in, or no longer: log in and try again.")


class FormNotOurs(StaffRefused):
    code = "form_not_ours"
    message = N_(
        "This form does not belong to your session: load its page again and send it from there."
    )


class CodeWrong(StaffRefused):
    code = "code_wrong"
    message = N_("The code is wrong, too old, or was used before: type the one that is shown now.")
    field = "code"


class PasskeyRefused(StaffRefused):
    code = "passkey_refused"
    message = N_("The passkey was not accepted: try once more, or use the password.")
    field = "passkey"


class LogInAgain(StaffRefused):
    code = "log_in_again"
    message = N_("That took too long: log in once more.")


class SecondFactorNeeded(StaffRefused):
    code = "second_factor_needed"
    message = N_("Your role asks for a second factor: set one up at Account first.")


class ProofNeeded(StaffRefused):
    code = "proof_needed"
    message = N_("This asks first whether it is you: prove it, then do it once more.")


class NotAllowed(StaffRefused):
    code = "not_allowed"
    message = N_("Your role, {role}, does not include this.")
    role: Message


class DoneMeanwhile(StaffRefused):
    code = "done_meanwhile"
    message = N_(
        "Nothing was done: {staff} was quicker, and {did} on {when} UTC. Look at it once more."
    )
    staff: str
    did: Message
    when: str


class NoSuchHeldFile(StaffRefused):
    code = "no_such_held_file"
    message = N_("There is no such file, or its post no longer waits.")


class NoSuchFileBan(StaffRefused):
    code = "no_such_file_ban"
    message = N_("There is no ban {id} of a file.")
    id: int


class NoSuchAppeal(StaffRefused):
    code = "no_such_appeal"
    message = N_("This appeal was answered already.")
    id: int


class NoSuchBan(StaffRefused):
    code = "no_such_ban"
    message = N_("There is no ban {id} in force.")
    id: int


class NoSuchRule(StaffRefused):
    code = "no_such_rule"
    message = N_("There is no rule {id}.")
    id: int


class NoSuchStaff(StaffRefused):
    code = "no_such_staff"
    message = N_("There is no staff account {name}.")
    name: str


class BeyondOwnPowers(StaffRefused):
    code = "beyond_own_powers"
    message = N_("Nobody gives or takes a power that they don't have there themselves.")


class NoSuchRole(StaffRefused):
    code = "no_such_role"
    message = N_("There is no role {name}.")
    name: str


class RoleHeld(StaffRefused):
    code = "role_held"
    message = N_("Somebody holds the role {name}: give them another one first.")
    name: str


class BadRole(SaidWhereRaised, StaffRefused):
    code = "bad_role"


class LastAdmin(StaffRefused):
    code = "last_admin"
    message = N_("{name} is the only admin who can log in: add another one first.")
    name: str


class InvitationOver(StaffRefused):
    code = "invitation_over"
    message = N_("This invitation was used, taken back or is too old: ask for another one.")


class BadStaffName(StaffRefused):
    code = "bad_staff_name"
    message = N_("{name} can't be a name: 1 to 32 of a to z, 0 to 9, _ and -, please.")
    name: str


class StaffNameTaken(StaffRefused):
    code = "staff_name_taken"
    message = N_("There is a staff account {name} already.")
    name: str


class WeakPassword(SaidWhereRaised, StaffRefused):
    code = "weak_password"
