"""The HTTP entry point."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import async_sessionmaker

from app.accounting import api as accounting
from app.accounting import series_api as series
from app.accounting.month import api as months
from app.accounts import closing_api as closing
from app.accounts import consents_api as consents
from app.accounts import profile_api as profile
from app.accounts import registration_api as registration
from app.accounts import withdrawals_api as withdrawals
from app.auth import api as auth
from app.auth import audit_api as audit
from app.auth import clients_api as clients
from app.auth import invitation_api as invitations
from app.auth import own_api as own_logins
from app.auth import staff_api as staff
from app.auth.passwords import share_cores
from app.auth.persons import Recent
from app.backoffice import ad_hoc_api as ad_hoc
from app.backoffice import api as registers
from app.backoffice import pack_api as packing
from app.cart import account_api as account_cart
from app.cart import api as cart
from app.catalog import api as catalog
from app.catalog.watching import CatalogWatch
from app.checkout import api as checkout
from app.checkout import options_api as options
from app.checkout import reorder_api as reordering
from app.core import explaining, health, logs, openapi, origins
from app.core.beside import beside
from app.core.clock import Clock, SystemClock
from app.core.connections import Connection
from app.core.db import Sessions, make_engine, make_sessions
from app.core.directory import Directory
from app.core.http import Frame, Net
from app.core.pdf import DRAWING
from app.core.privileges import require_lesser
from app.core.schema import require_schema
from app.core.spooling import READING
from app.core.telemetry import measure_process
from app.fulfilment import account_api as account_orders
from app.fulfilment import api as fulfilment
from app.fulfilment import documents_api as staff_documents
from app.fulfilment import receipts_api as staff_receipts
from app.fulfilment import search_api as staff_search
from app.fulfilment import staff_api as staff_orders
from app.fulfilment import viewing_api as order_views
from app.fulfilment import withdrawals_api as contract_withdrawals
from app.fulfilment import withdrawals_staff_api as staff_withdrawals
from app.fulfilment.mending import book_rectified
from app.pages import site
from app.privacy import api as privacy
from app.privacy import controller_api as controller
from app.privacy import newsletter_api as newsletter
from app.privacy import notice_api as notices
from app.privacy import recipients_api as recipients
from app.privacy.breaches import api as breaches
from app.privacy.breaches import notifications_api as breach_notifications
from app.privacy.breaches import people_api as breach_people
from app.privacy.cookies import api as cookies
from app.privacy.erasures import records_api as erasures
from app.privacy.erasures import staff_api as recipient_tasks
from app.privacy.policies import staff_api as texts
from app.privacy.restrictions import staff_api as restrictions
from app.privacy.retention import staff_api as retention
from app.privacy.rights import api as rights
from app.privacy.rights import deciding_api as rights_decisions
from app.privacy.rights import staff_api as rights_desk
from app.privacy.rights.attachments import LARGEST as ATTACHMENT_LIMIT
from app.privacy.rights.attachments import ROUTES as ATTACHMENTS
from app.returns.texts import api as contract_texts
from app.settings import Settings
from app.shipping import api as shipping
from app.shipping.places import KnownPlaces
from app.shipping.ports import Places
from app.upkeep import api as upkeep
from app.wiring import courier, words
from app.wiring import values as wiring
from app.wiring.keeping import keeper
from app.wiring.lookout import LatePostman, letterhead, limits, lookout
from app.wiring.registers import registers as registers_of
from app.wiring.selling import contract_terms, terms, view_terms

log = structlog.get_logger()

VERSIONED = (
    catalog.router,
    contract_texts.router,
    privacy.router,
    texts.router,
    newsletter.router,
    cookies.router,
    cookies.staff_router,
    controller.router,
    recipient_tasks.router,
    erasures.router,
    restrictions.router,
    retention.router,
    cart.router,
    account_cart.router,
    options.router,
    checkout.router,
    reordering.router,
    fulfilment.router,
    order_views.router,
    account_orders.router,
    contract_withdrawals.router,
    auth.router,
    own_logins.router,
    invitations.router,
    staff.router,
    clients.router,
    staff_orders.router,
    staff_search.router,
    staff_withdrawals.router,
    staff_documents.router,
    staff_receipts.router,
    audit.router,
    registration.router,
    profile.router,
    closing.router,
    consents.router,
    withdrawals.router,
    withdrawals.staff_router,
    rights.router,
    rights_desk.router,
    rights_decisions.router,
    shipping.router,
    accounting.router,
    series.router,
    months.router,
    months.staff_router,
    registers.router,
    packing.router,
    ad_hoc.router,
    recipients.router,
    notices.router,
    breaches.router,
    breach_people.router,
    breach_notifications.router,
    upkeep.router,
)
PLAIN = (health.router, auth.jwks_router)


def create_app(settings: Settings, sessions: Sessions, clock: Clock, places: Places | None) -> FastAPI:
    """Build the API on a database, a clock and the courier who knows the places; a test passes its own."""
    app = build_app(settings)
    equip(app, settings, sessions, clock, places)
    return app


def equip(app: FastAPI, settings: Settings, sessions: Sessions, clock: Clock, places: Places | None) -> None:
    """Give the app everything that its routes ask it for."""
    app.state.sessions = app.state.lookups = sessions
    app.state.clock = clock
    app.state.public_url = settings.public_url
    app.state.places = KnownPlaces(places)
    app.state.terms = terms(settings)
    app.state.view_terms = view_terms(settings)
    app.state.shortfall_accepted = settings.shortfall_accepted
    app.state.contract_terms = contract_terms(settings, letterhead(settings, clock))
    app.state.holders = wiring.holders(settings)
    app.state.go_on = book_rectified
    app.state.breach_desk = wiring.breach_desk(settings)
    app.state.address_followers = wiring.address_followers()
    app.state.tokens = wiring.tokens(settings)
    app.state.issuer = wiring.issuer(settings)
    app.state.sign_proof = wiring.sign_proof(settings)
    app.state.month_terms = wiring.month_terms(settings)
    app.state.trader = wiring.trader(settings)
    app.state.stated = wiring.stated(settings)
    app.state.registers = registers_of()
    app.state.keeper = keeper(settings, sessions, clock)
    app.state.sealer = wiring.sealer(settings)
    app.state.rights_terms = wiring.rights_terms(settings)
    app.state.totp = wiring.totp(settings)
    app.state.throttle = wiring.throttle(settings, sessions)
    app.state.secret = wiring.secret(settings)
    app.state.entrance = wiring.entrance(settings, sessions)
    app.state.recent = Recent(timedelta(seconds=settings.authentication_kept_seconds))
    app.state.origins = wiring.own_origins(settings)
    app.state.cookie_consent_months = settings.cookie_consent_months
    app.state.claims_years = settings.claims_years
    app.state.orders_per_hour = settings.orders_per_hour
    app.state.carts_per_hour = settings.carts_per_hour
    app.state.spool_folder = settings.spool_folder
    app.state.catalog_watch = CatalogWatch(settings.catalog_kept_seconds)
    app.state.worker_silent_seconds = settings.worker_silent_seconds
    app.state.standstill_limits = limits(settings)


def build_app(settings: Settings) -> FastAPI:
    """Build routes and middleware, which know of the settings only what their outside looks like."""
    app = FastAPI(
        title="Ionickiss shop",
        version=openapi.VERSION,
        description=openapi.DESCRIPTION,
        openapi_tags=openapi.TAGS,
        generate_unique_id_function=_operation_id,
        openapi_url=None,  # served by `openapi.serve`, and only where it is shown
        # Its record of an exception would hold the exception's text; ours (core.logs) does not.
        telemetry={"logs": False},
        strict_content_type=True,
        redirect_slashes=False,  # the address of a redirect would be made of the Host that the client named
    )
    site.install(app)
    # Each by itself: of what is included twice over FastAPI keeps the routes twice, with all that they depend on.
    for router in VERSIONED:
        app.include_router(router, prefix="/v1")
    for router in (*PLAIN, *site.ROUTERS):
        app.include_router(router)
    app.router.routes.insert(0, Directory(app))
    if openapi.is_shown(chosen=settings.contract_shown, in_production=settings.is_production):
        app.add_route(openapi.URL, openapi.serve, include_in_schema=False)
    if not settings.is_production:
        app.add_route("/docs", openapi.pages, include_in_schema=False)
    # The last one added is the outermost: a refusal of the net, too, goes out with the headers of CORS and frame.
    app.add_middleware(
        Net,
        body_limit=settings.body_limit,
        body_seconds=settings.body_seconds,
        roomier={ATTACHMENTS: ATTACHMENT_LIMIT, texts.ROUTES: texts.BODY_LIMIT},
        give=site.give,
    )
    if settings.page_origins:
        origins.let_in(app, settings.page_origins)
    app.add_middleware(Frame)
    explaining.CHOICES.update(words.CHOICES)
    app.openapi = lambda: openapi.describe(app)  # type: ignore[method-assign] # FastAPI's own way to extend it
    return app


def create() -> FastAPI:
    """Build the API from the environment; called in each process that serves."""
    settings = Settings()
    logs.configure(settings.log_level)
    share_cores(settings.api_processes)
    READING.limit(settings.readings_at_once, settings.turn_seconds)
    DRAWING.limit(settings.drawings_at_once, settings.turn_seconds)
    Connection.head_seconds, Connection.reader_seconds = settings.head_seconds, settings.reader_seconds
    database = wiring.database(settings)
    engine = make_engine(database.url, wiring.pool(settings))
    sessions, clock = make_sessions(engine), SystemClock()
    app = create_app(settings, sessions, clock, None)
    watch: CatalogWatch = app.state.catalog_watch
    look = lookout(settings, sessions, LatePostman(settings), clock)
    if openapi.is_shown(chosen=settings.contract_shown, in_production=settings.is_production):
        app.state.contract = openapi.Contract(app, to_strangers=settings.is_production)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await require_schema(engine)
        if settings.is_production:
            await require_lesser(engine)
        measure_process()
        log.info("api_started", environment=settings.environment)
        async with courier.places(settings) as places, beside(look.look_regularly(), watch.watch(database.url)):
            app.state.places = KnownPlaces(places)
            yield
        await engine.dispose()
        database.close()
        log.info("api_stopped")

    app.router.lifespan_context = lifespan
    return app


def contract() -> dict[str, Any]:
    """Describe the API without a database."""
    return create_app(Settings.model_construct(**_defaults()), async_sessionmaker(), SystemClock(), None).openapi()


def _defaults() -> dict[str, Any]:
    """Take the settings as they stand in the code: the contract does not depend on who writes it out."""
    return {name: field.get_default() for name, field in Settings.model_fields.items()}


def _operation_id(route: APIRoute) -> str:
    return route.name
