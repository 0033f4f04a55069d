"""The HTTP status of each error, for whoever sent the request.

The row of a class holds for those below it too. Every error that a visitor can cause has one
(tests/writer/test_statuses.py); what has none is a fault of ours.
"""

from __future__ import annotations

from http import HTTPStatus

from imageboard import errors
from imageboard.errors import ImageboardError

STATUSES: dict[type[ImageboardError], HTTPStatus] = {
    errors.BadForm: HTTPStatus.BAD_REQUEST,
    errors.BadField: HTTPStatus.BAD_REQUEST,
    errors.BadAddress: HTTPStatus.BAD_REQUEST,
    errors.Banned: HTTPStatus.FORBIDDEN,
    errors.Warned: HTTPStatus.FORBIDDEN,
    errors.FileBanned: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.CrossSite: HTTPStatus.FORBIDDEN,
    errors.CaptchaFailed: HTTPStatus.FORBIDDEN,
    errors.NotYours: HTTPStatus.FORBIDDEN,
    errors.LoginFailed: HTTPStatus.FORBIDDEN,
    errors.NotLoggedIn: HTTPStatus.FORBIDDEN,
    errors.FormNotOurs: HTTPStatus.FORBIDDEN,
    errors.NotAllowed: HTTPStatus.FORBIDDEN,
    errors.CodeWrong: HTTPStatus.FORBIDDEN,
    errors.PasskeyRefused: HTTPStatus.FORBIDDEN,
    errors.LogInAgain: HTTPStatus.FORBIDDEN,
    errors.SecondFactorNeeded: HTTPStatus.FORBIDDEN,
    errors.ProofNeeded: HTTPStatus.FORBIDDEN,
    errors.BeyondOwnPowers: HTTPStatus.FORBIDDEN,
    errors.NoSuchBoard: HTTPStatus.NOT_FOUND,
    errors.NoSuchThread: HTTPStatus.NOT_FOUND,
    errors.NoSuchPost: HTTPStatus.NOT_FOUND,
    errors.NoSuchBanner: HTTPStatus.NOT_FOUND,
    errors.DoneMeanwhile: HTTPStatus.CONFLICT,
    errors.NoSuchHeldFile: HTTPStatus.NOT_FOUND,
    errors.NoSuchBan: HTTPStatus.NOT_FOUND,
    errors.NoSuchRule: HTTPStatus.NOT_FOUND,
    errors.NoSuchAppeal: HTTPStatus.NOT_FOUND,
    errors.NoSuchFileBan: HTTPStatus.NOT_FOUND,
    errors.NoSuchStaff: HTTPStatus.NOT_FOUND,
    errors.InvitationOver: HTTPStatus.NOT_FOUND,
    errors.NoSuchRole: HTTPStatus.NOT_FOUND,
    errors.FileTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.ImageTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.FileRefused: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.RuleBroken: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.RefusedByRule: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.BoardReadOnly: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.ThreadLocked: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.ThreadFull: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.ThreadFilesFull: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.PageFull: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.SearchTooSlow: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.ZipTooLarge: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.BadStaffName: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.StaffNameTaken: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.WeakPassword: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.BadRole: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.BadPage: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.BadBanner: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.BadBoardSetting: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.RoleHeld: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.LastAdmin: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.TooFast: HTTPStatus.TOO_MANY_REQUESTS,
    errors.PartUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.NoRoom: HTTPStatus.INSUFFICIENT_STORAGE,
    errors.DatabaseFull: HTTPStatus.INSUFFICIENT_STORAGE,
    ImageboardError: HTTPStatus.INTERNAL_SERVER_ERROR,
}


def status_of(error: ImageboardError) -> HTTPStatus:
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
