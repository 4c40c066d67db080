"""Draws documents again, in a process of its own: `python -m app.invoices.redrawing`.

It reads a line of JSON for each, kind and snapshot, and answers with a line: the SHA-256 of the PDF.
"""

import hashlib
import json
import sys

from app.invoices.papers import restored
from app.invoices.rendering import render
from app.invoices.view import DocumentKind

if __name__ == "__main__":
    for line in sys.stdin:
        kind, snapshot = json.loads(line)
        pdf = render(restored(DocumentKind(kind), snapshot))
        sys.stdout.write(hashlib.sha256(pdf).hexdigest() + "\n")
        sys.stdout.flush()
