"""Answers that are files."""

import re
from typing import Any

from fastapi import Response

from app.core.conditions import DESCRIBED, Conditions, conditional, conditional_responses

PDF = "application/pdf"
# Readers look for it in the first 1,024 bytes; before it may be a mark and blanks, but no page or program.
PDF_HEADER = re.compile(rb"(?:\xef\xbb\xbf|[\0\t\n\f\r ])*+%PDF-")
HEADER_WITHIN = 1024
PRIVATE = "private, no-cache"
"""No shared cache keeps what is somebody's, and one's own asks each time."""
NOWHERE = "no-store"
"""Papers that are to be gone when they are deleted here."""


def file_response(
    content: bytes, *, media_type: str, sha256: str, filename: str, asked: Conditions, cached: str = PRIVATE
) -> Response:
    """Send stored bytes to who has not got them; their hash is the ETag."""
    headers = {"Content-Disposition": f'attachment; filename="{filename}"', "Cache-Control": cached}
    return conditional(Response(content, media_type=media_type, headers=headers), etag_of(sha256), asked)


def pdf_response(pdf: bytes, *, sha256: str, filename: str, asked: Conditions) -> Response:
    return file_response(pdf, media_type=PDF, sha256=sha256, filename=filename, asked=asked)


def is_pdf(content: bytes) -> bool:
    return PDF_HEADER.match(content[:HEADER_WITHIN]) is not None


def etag_of(sha256: str) -> str:
    return f'"{sha256}"'


def file_responses(what: str, *kinds: str) -> dict[int | str, dict[str, Any]]:
    """Describe a stored file for an endpoint's `responses`."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    of_file = {"description": what, "headers": DESCRIBED, "content": dict.fromkeys(kinds, binary)}
    return {200: of_file, **conditional_responses()}


def pdf_responses(what: str) -> dict[int | str, dict[str, Any]]:
    """Describe a PDF that is drawn for whoever asks, and not kept."""
    return {200: {"description": what, "content": {PDF: {"schema": {"type": "string", "format": "binary"}}}}}
