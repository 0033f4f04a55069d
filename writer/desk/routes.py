"""Every address of the desk, on one screen."""

from __future__ import annotations

import falcon

from writer.desk.ban_list import BanList
from writer.desk.door import Door, Finder, Login, Logout
from writer.desk.log_page import LogPage
from writer.desk.parts import Desk
from writer.desk.post_page import PostPage
from writer.desk.queue import ReportQueue

__all__ = ["Desk", "add_routes"]


def add_routes(app: falcon.App[falcon.Request, falcon.Response], desk: Desk) -> None:
    """Addresses are without a slash at the end; the app is told to take both."""
    app.add_route("/mod", Door(desk))
    app.add_route("/mod/login", Login(desk))
    app.add_route("/mod/logout", Logout(desk))
    app.add_route("/mod/find", Finder(desk))
    app.add_route("/mod/reports", ReportQueue(desk))
    app.add_route("/mod/bans", BanList(desk))
    app.add_route("/mod/log", LogPage(desk))
    app.add_route("/mod/{board}/{no:int}", PostPage(desk))
