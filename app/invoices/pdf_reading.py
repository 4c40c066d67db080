"""Reads back from a kept PDF which snapshot it was drawn from."""

import io
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from app.invoices.papers import FINGERPRINT, restored
from app.invoices.snapshots import fingerprint_of
from app.invoices.view import DocumentKind


def shows(kind: DocumentKind, snapshot: dict[str, Any], pdf: bytes) -> bool:
    """Say whether the PDF carries the fingerprint of this snapshot; one drawn before there were any, its number."""
    try:
        reader = PdfReader(io.BytesIO(pdf))
        said = reader.metadata
        keywords = str(said.get("/Keywords", "")) if said else ""
        if f"{FINGERPRINT}{fingerprint_of(snapshot)}" in keywords:
            return True  # as it is kept: what was added to the view since needs no thought
        if FINGERPRINT in keywords:
            return f"{FINGERPRINT}{restored(kind, snapshot).fingerprint()}" in keywords
        return str(snapshot["number"]) in reader.pages[0].extract_text()
    except (PyPdfError, ValueError, KeyError):
        return False
