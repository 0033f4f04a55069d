"""What staff change of a board, a row each: its settings, pages, banners and flags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from imageboard import written_pages
from imageboard.boards import read_board_name, read_new_name
from imageboard.cloaks import Cloak
from imageboard.errors import BadField
from imageboard.moderation import Action
from imageboard.settings import BoardSettings
from imageboard.staff_roles import Power
from imageboard.store import banners, board_removals, boards, flags, written
from imageboard.store.database import Connection
from imageboard.store.deeds import Deed, Done, Field, Order
from imageboard.words import N_
from imageboard.written_pages import ANNOUNCEMENT

#: Before a setting's name, in a form: how it was when the form was made.
WAS = "was_"


def set_board(db: Connection, order: Order) -> Done | None:
    """Checks, sentences and what is to be drawn anew are those of the command."""
    assert order.board is not None
    stale = boards.change_settings(db, order.board, order.asked)
    if not order.asked:
        return None
    return Done(detail={"settings": ", ".join(sorted(order.asked))}, stale=tuple(stale))


def add_board(db: Connection, order: Order) -> Done:
    """Whoever makes one may so on all boards, those included that are not there yet."""
    order.visitor.require(Power.MAKE_BOARDS, None)
    name, title = order.asked
    wanted = BoardSettings(title=name).changed({"title": title} if title else {})
    return Done(board=name, stale=tuple(boards.add_new(db, name, wanted)))


def remove_board(db: Connection, order: Order) -> Done:
    """From now on nobody finds it. What it holds goes bit by bit, with whoever clears boards."""
    assert order.board is not None
    order.visitor.require(Power.REMOVE_BOARDS, order.board)
    return Done(stale=tuple(board_removals.begin(db, order.board)))


def read_name_again(typed: Mapping[str, str], _cloak: Cloak, board: str | None) -> None:
    """Raises BadField: it is another one."""
    if typed.get("name_again", "").strip().strip("/") != board:
        raise BadField(N_("Type the name of the board: this can't be undone."), field="name_again")


def read_new_board(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> tuple[str, str]:
    """Name and title. Raises BadBoardSetting."""
    name = typed.get("board", "").strip().strip("/").lower()
    return read_new_name(name), typed.get("title", "").strip()


def read_settings(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> dict[str, str]:
    """What was typed anew: what somebody else has changed meanwhile stays as they left it."""
    names = [row.name for row in BoardSettings.rows()]
    return {
        name: typed[name].strip()
        for name in names
        if name in typed and typed[name].strip() != typed.get(WAS + name, "").strip()
    }


class AskedPage(NamedTuple):
    """A page as its form has it."""

    #: None: of the whole site.
    board: str | None
    name: str
    title: str = ""
    #: Markdown.
    body: str = ""


class AskedFlag(NamedTuple):
    """A flag as its form has it; no picture: it is to go."""

    name: str
    title: str = ""
    picture: bytes = b""


def set_page(db: Connection, order: Order) -> Done:
    asked: AskedPage = order.asked
    order.visitor.require(Power.WRITE_PAGES, asked.board)
    return _of_page(asked, written.set_page(db, *asked))


def remove_page(db: Connection, order: Order) -> Done:
    asked: AskedPage = order.asked
    order.visitor.require(Power.WRITE_PAGES, asked.board)
    return _of_page(asked, written.remove_page(db, asked.board, asked.name))


def _of_page(asked: AskedPage, stale: list[str]) -> Done:
    return Done(board=asked.board, detail={"page": asked.name}, stale=tuple(stale))


def add_flag(db: Connection, order: Order) -> Done:
    assert order.board is not None
    asked: AskedFlag = order.asked
    stale = flags.add(db, order.board, asked.name, asked.title or asked.name, asked.picture)
    return Done(detail={"flag": asked.name}, stale=tuple(stale))


def remove_flag(db: Connection, order: Order) -> Done:
    assert order.board is not None
    stale = flags.remove(db, order.board, order.asked.name)
    return Done(detail={"flag": order.asked.name}, stale=tuple(stale))


def hang_banner(db: Connection, order: Order) -> Done:
    assert order.board is not None
    return Done(detail={"banner": banners.add(db, order.board, order.asked).name})


def take_down(db: Connection, order: Order) -> Done:
    assert order.board is not None
    banners.remove(db, order.board, order.asked)
    return Done(detail={"banner": order.asked})


def read_page_name(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> AskedPage:
    """Raises NoSuchBoard, BadPage."""
    where = typed.get("where", "").strip()
    board = read_board_name(where) if where else None
    return AskedPage(board, written_pages.read_name(typed.get("page", "")))


def read_page(typed: Mapping[str, str], cloak: Cloak, board: str | None) -> AskedPage:
    """Without a title it is called by the heading that its text begins with, as by the command."""
    asked = read_page_name(typed, cloak, board)
    name = asked.name
    title, body = typed.get("title", ""), written_pages.read_text(name, typed.get("text", ""))
    if not title.strip() and name != ANNOUNCEMENT:
        title, body = written_pages.titled(name, body)
    return asked._replace(title=written_pages.read_title(name, title or name), body=body)


def read_flag(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> AskedFlag:
    """Without its picture, which is a file of the form."""
    return AskedFlag(typed.get("flag", "").strip(), typed.get("title", "").strip())


def read_banner_name(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> str:
    return typed.get("banner", "").strip()


SET_BOARD = Deed(
    name="set_board",
    power=Power.SET_BOARD,
    button=N_("Change the settings"),
    done=N_("The settings were changed."),
    actions=(Action("set_board", N_("changed a board's settings")),),
    work=set_board,
    read=read_settings,
)
REMOVE_BOARD = Deed(
    name="remove_board",
    power=Power.REMOVE_BOARDS,
    heading=N_("Remove the board"),
    button=N_("Remove the board for good"),
    done=N_("The board is gone. What it held is being cleared away."),
    actions=(Action("remove_board", N_("removed a board")),),
    work=remove_board,
    fields=(
        Field(
            "name_again",
            N_("Its name"),
            N_("Its threads, archive, files and pages go, and its bans, rules and staff with it"),
            chars_max=60,
            is_wide=True,
        ),
    ),
    read=read_name_again,
    is_dangerous=True,
)
OF_BOARDS: tuple[Deed, ...] = (SET_BOARD, REMOVE_BOARD)

ADD_BOARD = Deed(
    name="add_board",
    power=Power.MAKE_BOARDS,
    heading=N_("A new board"),
    button=N_("Make the board"),
    done=N_("The board is there."),
    actions=(Action("add_board", N_("made a board")),),
    work=add_board,
    fields=(
        Field("board", N_("Name"), N_("1 to 16 small letters and digits"), chars_max=16),
        Field("title", N_("Title"), chars_max=80, is_required=False, is_wide=True),
    ),
    read=read_new_board,
)
OF_NEW_BOARDS: tuple[Deed, ...] = (ADD_BOARD,)

SET_PAGE = Deed(
    name="set_page",
    power=Power.WRITE_PAGES,
    button=N_("Save the page"),
    done=N_("The page is written."),
    actions=(Action("set_page", N_("wrote a page")),),
    work=set_page,
    read=read_page,
)
REMOVE_PAGE = Deed(
    name="remove_page",
    power=Power.WRITE_PAGES,
    button=N_("Remove the page"),
    done=N_("The page is gone."),
    actions=(Action("remove_page", N_("removed a page")),),
    work=remove_page,
    read=read_page_name,
)
OF_PAGES: tuple[Deed, ...] = (SET_PAGE, REMOVE_PAGE)

HANG_BANNER = Deed(
    name="hang_banner",
    power=Power.DECORATE,
    button=N_("Hang it up"),
    done=N_("The banner hangs."),
    actions=(Action("hang_banner", N_("hung up a banner")),),
    # It is handed a NewBanner: a picture is looked at before, which takes a while.
    work=hang_banner,
)
TAKE_DOWN = Deed(
    name="take_down",
    power=Power.DECORATE,
    button=N_("Take it down"),
    done=N_("The banner was taken down."),
    actions=(Action("take_down_banner", N_("took down a banner")),),
    work=take_down,
    read=read_banner_name,
)
ADD_FLAG = Deed(
    name="add_flag",
    power=Power.DECORATE,
    button=N_("Save the flag"),
    done=N_("The flag is there."),
    actions=(Action("add_flag", N_("added a flag, or changed one")),),
    work=add_flag,
    read=read_flag,
)
REMOVE_FLAG = Deed(
    name="remove_flag",
    power=Power.DECORATE,
    button=N_("Remove the flag"),
    done=N_("The flag is gone."),
    actions=(Action("remove_flag", N_("removed a flag")),),
    work=remove_flag,
    read=read_flag,
)
OF_PICTURES: tuple[Deed, ...] = (HANG_BANNER, TAKE_DOWN, ADD_FLAG, REMOVE_FLAG)
