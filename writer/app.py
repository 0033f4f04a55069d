"""The write API's routes, on one screen, and the parts they are built from."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

import falcon
import orjson
from falcon import media

from imageboard.allowances import Allowances
from imageboard.cloaks import Cloak
from imageboard.errors import ImageboardError
from imageboard.media import MediaLimits
from imageboard.queue.wake_up import WakeUp, connect
from imageboard.settings import Settings
from imageboard.store import migrations
from imageboard.store.database import Database
from imageboard.store.kept_files import KeptFiles
from imageboard.store.room import Room
from imageboard.store.uploads import UploadStore
from monitoring import logs, metrics_port, shared_figures
from writer import answers as answering
from writer import (
    banners,
    block_lists,
    captchas,
    flags,
    health,
    old_files,
    outage,
    passes,
    single_posts,
    thread_zips,
)
from writer import search as searching
from writer.abuse import AbuseChecks
from writer.acceptance import Acceptance
from writer.answers import Answers
from writer.appeals import Appeals
from writer.banned_files import BannedFiles
from writer.banners import Banners
from writer.board_list import BoardList
from writer.desk import routes as desk_routes
from writer.desk.gate import Gate
from writer.desk.parts import Desk
from writer.desk.sessions import Sessions
from writer.findings import BoardChecks
from writer.flags import Flags
from writer.form_files import FormFiles
from writer.forms import FormReader, ReadToTheEnd
from writer.listed_ranges import ListedRanges
from writer.media import budget
from writer.media.darkroom import Darkroom
from writer.old_boards import OldBoards
from writer.old_files import OldFiles
from writer.origins import Origins
from writer.own_posts import OwnPosts
from writer.post_previews import PostPreviews
from writer.posting import PostForms
from writer.push_forms import PushForms
from writer.request_log import RequestLog
from writer.routes import OneSpelling, Route, Router, Who, add_routes
from writer.rule_book import KeptRules
from writer.search import Places, Search
from writer.signing import Signing
from writer.single_posts import SinglePosts
from writer.spam import SpamChecks
from writer.thread_zips import ThreadZips
from writer.turns import FileTurns, Turns
from writer.uploading import Receiver


@dataclass(frozen=True, slots=True)
class Parts:
    """What the routes work with."""

    settings: Settings
    database: Database
    wake_up: WakeUp
    darkroom: Darkroom
    uploads: UploadStore
    cloak: Cloak
    search_places: Places


def create_app(parts: Parts) -> falcon.App[falcon.Request, falcon.Response]:
    """The API as a WSGI application."""
    settings, database = parts.settings, parts.database
    boards = BoardList(database, language=settings.language)
    site_captchas = captchas.from_settings(settings, database, boards)
    answers = Answers(site_captchas, settings.language)
    scratch = settings.data / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    room = Room.from_settings(settings)
    reader = FormReader(scratch, room)
    allowances = Allowances(settings, parts.cloak)
    abuse_checks = AbuseChecks(
        database,
        parts.cloak,
        allowances,
        site_captchas,
        passes.from_settings(settings, database),
    )
    form_files = FormFiles(KeptFiles(settings.data / "kept"), scratch, room, parts.cloak)
    sessions = Sessions(settings, database, parts.cloak)
    origins = Origins.from_settings(settings)
    old_boards = OldBoards(database, parts.cloak)
    acceptance = Acceptance(settings, parts.cloak, origins, old_boards.get)
    own_posts = OwnPosts(
        settings,
        database,
        parts.cloak,
        old_boards,
        allowances,
        abuse_checks,
        parts.wake_up,
        answers,
    )
    kept_rules = KeptRules(database)
    post_forms = PostForms(
        settings=settings,
        database=database,
        boards=boards,
        reader=reader,
        allowances=allowances,
        abuse_checks=abuse_checks,
        spam_checks=SpamChecks(
            kept_rules,
            origins,
            abuse_checks,
            BoardChecks(
                database,
                parts.cloak,
                ListedRanges(Path(settings.ranges_file) if settings.ranges_file else None),
                block_lists.from_settings(settings, database, parts.cloak),
            ),
            acceptance.trip_salt,
        ),
        banned_files=BannedFiles(database, kept_rules),
        own_posts=own_posts,
        appeals=Appeals(settings, database, parts.cloak, allowances, abuse_checks, answers),
        push_forms=PushForms(settings, database, parts.cloak, allowances, answers),
        previews=PostPreviews(database, boards, abuse_checks, acceptance, form_files, answers),
        receiver=Receiver(
            parts.darkroom,
            parts.uploads,
            FileTurns(settings.data / "turns", has_limits=settings.limits),
        ),
        form_files=form_files,
        signing=Signing(sessions),
        acceptance=acceptance,
        wake_up=parts.wake_up,
        answers=answers,
        turns=Turns(),
        room=room,
    )

    search = Search(settings, database, parts.search_places, boards, allowances, answers)
    desk = Desk(
        settings,
        database,
        parts.cloak,
        parts.wake_up,
        sessions,
        darkroom=parts.darkroom,
        uploads=parts.uploads,
    )
    routes = (
        Route("/post", post_forms, get=Who.ANYBODY, post=Who.ANYBODY),
        Route(answering.VICHAN_ROUTE, post_forms, get=Who.ANYBODY, post=Who.ANYBODY),
        Route(single_posts.ADDRESS, SinglePosts(database, boards), get=Who.ANYBODY),
        Route(thread_zips.ADDRESS, ThreadZips(settings, boards, room), get=Who.ANYBODY),
        Route(banners.ADDRESS, Banners(database, boards), get=Who.ANYBODY),
        Route(flags.ADDRESS, Flags(database), get=Who.ANYBODY),
        *(Route(address, OldFiles(database), get=Who.ANYBODY) for address in old_files.ADDRESSES),
        Route(health.ALIVE, health.Alive(), get=Who.ANYBODY),
        Route(health.READY, health.Ready(database), get=Who.ANYBODY),
        *captchas.routes(settings, database, boards),
        *outage.routes(settings, database),
        *(Route(address, search, get=Who.ANYBODY) for address in searching.ADDRESSES),
        *desk_routes.routes(desk),
    )
    gate = Gate(routes, sessions, reader, answers)

    router = Router()
    app = falcon.App(middleware=[RequestLog()], router=router)
    app.add_middleware([OneSpelling(), ReadToTheEnd(), gate])
    app.resp_options.secure_cookies_by_default = settings.environment == "production"
    app.resp_options.media_handlers[falcon.MEDIA_JSON] = media.JSONHandler(dumps=_dump)
    app.add_error_handler(
        falcon.HTTPError,
        lambda req, resp, ex, _params: answering.answer_http_error(answers, req, resp, ex),
    )
    app.add_error_handler(ImageboardError, gate.refuse)
    app.add_error_handler(Exception, answering.answer_unexpected(answers))

    add_routes(app, router, routes)
    return app


def build_parts(settings: Settings) -> Parts:
    """The parts that the settings describe. Raises BadSetting when one is missing."""
    settings.require("database_url", "redis_url", "address_key", "csrf_key")
    database = Database(
        settings.database_url, connections_max=settings.database_connections_max, name="writer"
    )
    database.open()
    return parts_with(settings, database, Places.from_settings(settings))


def parts_with(settings: Settings, database: Database, search_places: Places) -> Parts:
    """What else the settings describe, beside databases that are open."""
    scratch = settings.data / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    allotted = budget.allotment(settings.writer_workers, budget.limit_here())
    return Parts(
        settings=settings,
        database=database,
        wake_up=WakeUp(connect(settings.redis_url), request_id=logs.request_id),
        darkroom=Darkroom(
            replace(MediaLimits(), memory_bytes_max=allotted.heavy_bytes),
            scratch,
            at_once=allotted.at_once,
            must_be_confined=settings.darkroom_must_be_confined,
        ),
        uploads=UploadStore(settings.data / "uploads"),
        cloak=Cloak(settings.address_key, settings.former_address_keys),
        search_places=search_places,
    )


def get_app() -> falcon.App[falcon.Request, falcon.Response]:
    """For gunicorn: the application that the environment describes."""
    settings = Settings.read(os.environ)
    logs.configure(settings, part="writer")
    shared_folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
    if shared_folder:
        shared_figures.share()
    parts = build_parts(settings)
    metrics_port.serve(
        "writer",
        settings.metrics_listen,
        schema=migrations.schema_version(),
        connections=parts.database.connections,
        shared_folder=shared_folder,
    )
    return create_app(parts)


def _dump(value: object) -> str:
    return orjson.dumps(value).decode()
