"""What anybody may read of privacy: declarations, the policy and its history, the recipients."""

from enum import StrEnum
from typing import Annotated

from fastapi import Path, Response

from app.core.clock import At
from app.core.db import SessionDep
from app.core.errors import Invalid
from app.core.explaining import VERSION
from app.core.language import Language, Speaks
from app.core.problems import problems
from app.core.routing import Router
from app.privacy import queries
from app.privacy.errors import DeclarationNotFound
from app.privacy.models import Declaration, DeclarationPurpose, RegisteredRecipient
from app.privacy.personal_columns import categories_for
from app.privacy.schemas import DeclarationView, RecipientsView, RecipientView, VersionsView, VersionView
from app.privacy.views import version_members

router = Router(tags=["privacy"])

SHORT = "public, max-age=60"
FOR_EVER = "public, max-age=31536000, immutable"


VersionInPath = Annotated[str, Path(pattern=VERSION, description="Of the text", examples=["2026-11-22"])]


class PolicyKind(StrEnum):
    PRIVACY = "privacy"
    COOKIES = "cookies"


POLICIES = {PolicyKind.PRIVACY: DeclarationPurpose.POLICY, PolicyKind.COOKIES: DeclarationPurpose.COOKIES}


@router.get("/declarations/{purpose}", responses=problems(DeclarationNotFound, Invalid))
async def show_declaration(
    purpose: DeclarationPurpose, session: SessionDep, language: Speaks, at: At, response: Response
) -> DeclarationView:
    """Show the declaration that a form of this purpose has to show, in the version in force (S11, S27)."""
    declaration = await queries.get_current_declaration(session, purpose, at=at)
    may_be_kept(response, language, SHORT)
    return _with_text(declaration, language)


@router.get("/declarations/{purpose}/versions/{version}", responses=problems(DeclarationNotFound, Invalid))
async def show_declaration_version(
    purpose: DeclarationPurpose, version: VersionInPath, session: SessionDep, language: Speaks, response: Response
) -> DeclarationView:
    """Show one version, in force or not; it never changes."""
    declaration = await queries.get_declaration(session, purpose, version)
    may_be_kept(response, language, FOR_EVER)
    return _with_text(declaration, language)


@router.get("/policies/{kind}", responses=problems(DeclarationNotFound, Invalid))
async def show_policy(
    kind: PolicyKind, session: SessionDep, language: Speaks, at: At, response: Response
) -> DeclarationView:
    """Show the policy in force, whole."""
    return await show_declaration(POLICIES[kind], session, language, at, response)


@router.get("/policies/{kind}/versions", responses=problems(Invalid))
async def list_policy_versions(
    kind: PolicyKind, session: SessionDep, language: Speaks, response: Response
) -> VersionsView:
    """List every version of the policy, newest first (S85)."""
    versions = await queries.list_versions(session, POLICIES[kind])
    may_be_kept(response, language, SHORT)
    return VersionsView(items=[VersionView(**version_members(version, language)) for version in versions])


@router.get("/privacy/recipients")
async def list_recipients(session: SessionDep, language: Speaks, response: Response) -> RecipientsView:
    """List who receives personal data, as what, and for what (S39)."""
    recipients = await queries.list_recipients(session)
    may_be_kept(response, language, SHORT)
    return RecipientsView(items=[_recipient(recipient, language) for recipient in recipients])


def may_be_kept(response: Response, language: Language, how_long: str) -> None:
    response.headers["Cache-Control"] = how_long
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Language"


def _with_text(declaration: Declaration, language: Language) -> DeclarationView:
    return DeclarationView(**version_members(declaration, language), text=declaration.text(language))


def _recipient(recipient: RegisteredRecipient, language: Language) -> RecipientView:
    english = language is Language.EN
    return RecipientView(
        key=recipient.key,
        kind=recipient.kind,
        title=recipient.title_en if english else recipient.title_bg,
        legal_name=recipient.legal_name,
        contact=recipient.contact,
        purpose=recipient.purpose_en if english else recipient.purpose_bg,
        guarantees=recipient.guarantees_en if english else recipient.guarantees_bg,
        categories=categories_for(recipient.key),
    )
