"""Pages by which boards are cared for: settings, states, pictures, and what is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from imageboard import addresses
from imageboard.boards import Board
from imageboard.settings import BoardRow, BoardSettings, as_typed
from imageboard.staff_roles import Power, Visitor
from imageboard.store import board_deeds, state_deeds
from imageboard.store.banners import Banner
from imageboard.words import N_, Message
from imageboard.written_pages import BODY_CHARS_MAX, WrittenPage
from templates.desk import urls
from templates.desk.forms import Refusal, button, deed_form, done_sentence
from templates.desk.frame import render

#: A form has at most 64 fields, and each setting is two of them.
_SETTINGS_PER_FORM = 20


class _SettingRow(NamedTuple):
    """A setting of a board, as its form asks for it."""

    name: str
    sentence: Message
    value: str
    #: As it is kept.
    was: str
    #: All that there are; empty: it is typed.
    choices: Sequence[str]
    is_number: bool
    low: int | None
    high: int | None
    chars_max: int | None


def board_choice_page(
    visitor: Visitor,
    boards: Sequence[Board],
    *,
    done: str | None = None,
    refusal: Refusal | None = None,
) -> str:
    """The boards whose settings the visitor may change; for whoever may, a form for a new one."""
    may_make = visitor.may(Power.MAKE_BOARDS, None)
    return render(
        "boards",
        visitor,
        heading=N_("Board settings"),
        boards=boards,
        board_url=urls.board_settings_url,
        url=urls.BOARD_SETTINGS_URL,
        new_board=deed_form(board_deeds.ADD_BOARD, None, refusal) if may_make else None,
        done=done_sentence((*board_deeds.OF_NEW_BOARDS, board_deeds.REMOVE_BOARD), done),
        sentence=refusal and refusal.sentence,
    )


def pictures_choice_page(visitor: Visitor, boards: Sequence[Board]) -> str:
    """The boards whose banners and flags the visitor may change."""
    return render(
        "boards",
        visitor,
        heading=N_("Banners and flags"),
        boards=boards,
        board_url=urls.pictures_url,
        new_board=None,
        done=None,
        sentence=None,
    )


def board_pictures_page(
    visitor: Visitor,
    board: Board,
    banners: Sequence[Banner],
    *,
    sentence: Message | None = None,
    done: str | None = None,
) -> str:
    """What hangs on a board and what its posters choose from, with a form for one more of each."""
    return render(
        "board_pictures",
        visitor,
        board=board,
        url=urls.pictures_url(board.name),
        banners=banners,
        flags=board.settings.flags,
        flag_url=addresses.flag_url,
        hang=button(board_deeds.HANG_BANNER),
        take_down=button(board_deeds.TAKE_DOWN),
        add_flag=button(board_deeds.ADD_FLAG),
        remove_flag=button(board_deeds.REMOVE_FLAG),
        done=done_sentence(board_deeds.OF_PICTURES, done),
        sentence=sentence,
    )


def written_pages_page(
    visitor: Visitor,
    board: str | None,
    *,
    places: Sequence[str | None],
    pages: Sequence[WrittenPage],
    page: WrittenPage | None,
    refusal: Refusal | None = None,
    done: str | None = None,
) -> str:
    """The pages of `board`, or of the site, and a form with `page`, or with what was refused."""
    typed = refusal.typed if refusal else {}
    return render(
        "pages",
        visitor,
        where=board or "",
        places=[(place, urls.pages_url(place or "")) for place in places],
        pages=[(one, urls.pages_url(board or "", page=one.name)) for one in pages],
        pages_url=urls.PAGES_URL,
        name=typed.get("page", page.name if page else ""),
        title=typed.get("title", page.title if page else ""),
        text=typed.get("text", page.body if page else ""),
        chars_max=BODY_CHARS_MAX,
        save=button(board_deeds.SET_PAGE),
        remove=button(board_deeds.REMOVE_PAGE),
        done=done_sentence(board_deeds.OF_PAGES, done),
        sentence=refusal and refusal.sentence,
    )


def board_settings_page(
    visitor: Visitor,
    board: Board,
    *,
    refusal: Refusal | None = None,
    done: str | None = None,
) -> str:
    """A field for each setting; for whoever may, a form that removes the board."""
    is_of_settings = refusal is not None and refusal.deed is board_deeds.SET_BOARD
    typed = refusal.typed if refusal is not None and is_of_settings else {}
    may_remove = visitor.may(Power.REMOVE_BOARDS, board.name)
    rows = [
        _setting_row(row, getattr(board.settings, row.attribute), typed)
        for row in BoardSettings.rows()
    ]
    return render(
        "board_settings",
        visitor,
        board=board,
        board_settings_url=urls.board_settings_url,
        forms=[
            rows[first : first + _SETTINGS_PER_FORM]
            for first in range(0, len(rows), _SETTINGS_PER_FORM)
        ],
        button=button(board_deeds.SET_BOARD),
        removal=deed_form(board_deeds.REMOVE_BOARD, None, refusal) if may_remove else None,
        done=done_sentence(board_deeds.OF_BOARDS, done),
        sentence=refusal and refusal.sentence,
    )


def states_page(
    visitor: Visitor, boards: Sequence[Board], *, held_posts: int, done: str | None = None
) -> str:
    """Each board with its states, and above them what is pressed for all."""
    return render(
        "states",
        visitor,
        boards=boards,
        states=state_deeds.STATES,
        is_in=lambda board, state: as_typed(getattr(board.settings, state.setting)) == state.value,
        states_url=urls.STATES_URL,
        held_url=urls.HELD_URL if visitor.may_somewhere(Power.JUDGE_HELD) else None,
        held_posts=held_posts,
        deed=state_deeds.SET_STATE.name,
        done=done_sentence(state_deeds.OF_STATES, done),
    )


def _setting_row(row: BoardRow, kept: object, typed: Mapping[str, str]) -> _SettingRow:
    reader, was = row.reader, as_typed(kept)
    is_number = reader.kind == "number"
    return _SettingRow(
        name=row.name,
        sentence=Message(row.sentence),
        value=typed.get(row.name, was),
        was=typed.get(board_deeds.WAS + row.name, was),
        choices=reader.choices if reader.kind in ("choice", "flag") else (),
        is_number=is_number,
        low=reader.low,
        high=reader.high,
        chars_max=None if is_number else reader.high,
    )
