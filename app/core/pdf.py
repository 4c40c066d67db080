"""Has a page drawn as PDF in a process of its own, which takes its memory with it when it ends."""

import asyncio
import signal
import sys

from app.core.processes import tied
from app.core.turns import Turns

SECONDS = 120
DRAWING = Turns(2)
"""Each takes a core, and some 150 MB."""
COMMAND = [sys.executable, "-m", "app.core.drawing"]


class DrawingFailed(Exception):
    """The page could not be drawn; what it says is not told, it is somebody's."""


async def draw_apart(html: str, css: str) -> bytes:
    """Draw a page as PDF/A-3b, in one's turn: nothing is held meanwhile that others need."""
    async with DRAWING.one():
        return await draw_now(html, css)


async def draw_now(html: str, css: str) -> bytes:
    """Draw a page at once; takes about a second, most of it the start of the process."""
    process = await asyncio.create_subprocess_exec(
        *tied(COMMAND, signal.SIGKILL),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(SECONDS):
            pdf, _ = await process.communicate(html.encode() + b"\0" + css.encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode or not pdf.startswith(b"%PDF"):
        raise DrawingFailed
    return pdf
