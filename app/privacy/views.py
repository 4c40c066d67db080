"""What the answers show of a text."""

from typing import Any

from app.core.language import Language
from app.privacy.errors import address_of
from app.privacy.models import Declaration


def version_members(declaration: Declaration, language: Language) -> dict[str, Any]:
    return {
        "id": declaration.id,
        "purpose": declaration.purpose,
        "version": declaration.version,
        "effective_on": declaration.effective_on,
        "published_at": declaration.published_at,
        "material": declaration.material,
        "address": address_of(declaration.purpose, declaration.version),
        "language": language,
        "title": declaration.title(language),
        "sha256": declaration.sha256(language),
    }
