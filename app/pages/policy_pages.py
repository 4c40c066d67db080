"""The policies in force, and each version of them, at the addresses that mails name."""

from fastapi import Request, Response

from app.core.clock import At
from app.core.db import SessionDep
from app.pages.rendering import PageLanguage, render
from app.pages.routing import PageRouter
from app.privacy.api import POLICIES, PolicyKind, VersionInPath, show_declaration_version, show_policy

router = PageRouter("/policies")


@router.get("/{kind}")
async def read_policy(
    kind: PolicyKind, request: Request, session: SessionDep, language: PageLanguage, at: At
) -> Response:
    policy = await show_policy(kind, session, language, at, Response())
    return render(request, "policy.html", policy=policy)


@router.get("/{kind}/versions/{version}")
async def read_policy_version(
    kind: PolicyKind, version: VersionInPath, request: Request, session: SessionDep, language: PageLanguage
) -> Response:
    policy = await show_declaration_version(POLICIES[kind], version, session, language, Response())
    return render(request, "policy.html", policy=policy)
