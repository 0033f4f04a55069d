"""Every address of the desk and what it needs, on one screen."""

from __future__ import annotations

from imageboard.staff_roles import Power
from imageboard.store import (
    account_deeds,
    appeal_deeds,
    ban_deeds,
    board_deeds,
    edit_deeds,
    file_ban_deeds,
    move_deeds,
    post_deeds,
    poster_deeds,
    removal_deeds,
    rule_deeds,
    staff_deeds,
    state_deeds,
)
from writer.desk.account import AccountPage, Proof
from writer.desk.appeal_list import AppealList
from writer.desk.aside import AsideList
from writer.desk.ban_list import BanList
from writer.desk.board_pictures import BoardPictures, PicturesChoice
from writer.desk.board_settings import BoardChoice, BoardSettingsPage
from writer.desk.door import Door, Finder, Login, Logout, PasskeyDoor, SecondStep
from writer.desk.edit_page import EditPage
from writer.desk.file_bans import BanOfPostFile, FileBanList
from writer.desk.held import HeldFiles, HeldList
from writer.desk.invited import Invited
from writer.desk.log_page import LogPage
from writer.desk.parts import Desk
from writer.desk.post_lists import AuthorPage, RecentPosts
from writer.desk.post_page import PostPage
from writer.desk.queue import Dismissed, ReportQueue
from writer.desk.removed import RemovedList
from writer.desk.rules_page import RulesPage
from writer.desk.search import DeskSearch
from writer.desk.staff_page import RolesPage, StaffPage
from writer.desk.states import States
from writer.desk.written_pages import WrittenPages
from writer.routes import PowerOfDeed, Route, Who


def routes(desk: Desk) -> tuple[Route, ...]:
    of_posts, of_bans = (
        PowerOfDeed((*post_deeds.OF_POSTS, *move_deeds.OF_THREADS)),
        PowerOfDeed(ban_deeds.OF_BANS),
    )
    of_staff, of_roles = PowerOfDeed(staff_deeds.OF_STAFF), PowerOfDeed(staff_deeds.OF_ROLES)
    of_several = PowerOfDeed(removal_deeds.OF_SEVERAL)
    of_accounts = PowerOfDeed(account_deeds.OF_ACCOUNT)
    return (
        Route("/mod/", Door(desk), get=Who.AT_THE_DOOR),
        Route("/mod/login", Login(desk), get=Who.AT_THE_DOOR, post=Who.AT_THE_DOOR),
        Route("/mod/second-step", SecondStep(desk), get=Who.AT_THE_DOOR, post=Who.AT_THE_DOOR),
        Route("/mod/passkey", PasskeyDoor(desk), get=Who.AT_THE_DOOR, post=Who.AT_THE_DOOR),
        Route("/mod/logout", Logout(desk), post=Who.STAFF),
        Route("/mod/account", AccountPage(desk), get=Who.STAFF, post=of_accounts),
        Route("/mod/proof", Proof(desk), get=Who.STAFF, post=Who.STAFF),
        Route("/mod/invited", Invited(desk), get=Who.AT_THE_DOOR, post=Who.AT_THE_DOOR),
        Route("/mod/staff", StaffPage(desk), get=Power.APPOINT, post=of_staff),
        Route("/mod/roles", RolesPage(desk), get=Power.MAKE_ROLES, post=of_roles),
        Route(
            "/mod/board-settings",
            BoardChoice(desk),
            get=Power.SET_BOARD,
            post=PowerOfDeed(board_deeds.OF_NEW_BOARDS),
        ),
        Route(
            "/mod/board-settings/{board}",
            BoardSettingsPage(desk),
            get=Power.SET_BOARD,
            post=PowerOfDeed(board_deeds.OF_BOARDS),
        ),
        Route(
            "/mod/pages",
            WrittenPages(desk),
            get=Power.WRITE_PAGES,
            post=PowerOfDeed(board_deeds.OF_PAGES),
        ),
        Route("/mod/board-pictures", PicturesChoice(desk), get=Power.DECORATE),
        Route(
            "/mod/board-pictures/{board}",
            BoardPictures(desk),
            get=Power.DECORATE,
            post=PowerOfDeed(board_deeds.OF_PICTURES),
        ),
        Route("/mod/find", Finder(desk), get=Who.STAFF),
        Route("/mod/reports", ReportQueue(desk), get=Power.READ_REPORTS, post=of_several),
        Route(
            "/mod/dismissed",
            Dismissed(desk),
            get=Power.READ_REPORTS,
            post=PowerOfDeed(removal_deeds.OF_DISMISSED),
        ),
        Route("/mod/aside", AsideList(desk), get=Power.BRING_BACK),
        Route(
            "/mod/recent",
            RecentPosts(desk),
            get=Power.READ_REPORTS,
            post=of_several,
        ),
        Route(
            "/mod/removed",
            RemovedList(desk),
            get=Power.DELETE,
            post=PowerOfDeed(removal_deeds.OF_REMOVALS),
        ),
        Route("/mod/search", DeskSearch(desk), get=Power.READ_REPORTS, post=of_several),
        Route(
            "/mod/held",
            HeldList(desk),
            get=Power.JUDGE_HELD,
            post=PowerOfDeed(state_deeds.OF_HELD),
        ),
        Route("/mod/held/{held:int}/{number:int}", HeldFiles(desk), get=Power.JUDGE_HELD),
        Route(
            "/mod/states",
            States(desk),
            get=Power.SET_STATE,
            post=PowerOfDeed(state_deeds.OF_STATES),
        ),
        Route("/mod/bans", BanList(desk), get=Power.BAN, post=of_bans),
        Route(
            "/mod/appeals",
            AppealList(desk),
            get=Power.ANSWER_APPEALS,
            post=PowerOfDeed(appeal_deeds.OF_APPEALS),
        ),
        Route(
            "/mod/file-bans",
            FileBanList(desk),
            get=Power.BAN,
            post=PowerOfDeed(file_ban_deeds.OF_FILE_BANS),
        ),
        Route(
            "/mod/{board}/{no:int}/file-ban",
            BanOfPostFile(desk),
            get=Power.BAN,
            post=PowerOfDeed(file_ban_deeds.OF_POST_FILES),
        ),
        Route(
            "/mod/rules",
            RulesPage(desk),
            get=Power.MAKE_RULES,
            post=PowerOfDeed(rule_deeds.OF_RULES),
        ),
        Route(
            "/mod/{board}/{no:int}/edit",
            EditPage(desk),
            get=Power.EDIT,
            post=PowerOfDeed(edit_deeds.OF_EDITS),
        ),
        Route("/mod/log", LogPage(desk), get=Power.READ_LOG),
        Route("/mod/{board}/{no:int}", PostPage(desk), get=Power.READ_REPORTS, post=of_posts),
        Route(
            "/mod/{board}/{no:int}/author",
            AuthorPage(desk),
            get=Power.READ_REPORTS,
            post=PowerOfDeed(poster_deeds.OF_POSTERS),
        ),
    )
