"""Answers that are files."""

from typing import Any

from fastapi import Response

PDF = "application/pdf"


def pdf_response(pdf: bytes, *, sha256: str, filename: str) -> Response:
    """Send stored bytes; their hash is the ETag, and no shared cache keeps what is somebody's."""
    headers = {
        "Content-Disposition": f'attachment; filename="{filename}"',
        "ETag": f'"{sha256}"',
        "Cache-Control": "private, no-cache",
    }
    return Response(pdf, media_type=PDF, headers=headers)


def pdf_responses(what: str) -> dict[int | str, dict[str, Any]]:
    """Describe a PDF for an endpoint's `responses`."""
    return {200: {"description": what, "content": {PDF: {"schema": {"type": "string", "format": "binary"}}}}}
