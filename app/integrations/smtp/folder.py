"""The postman of development: keeps each message as a file."""

import asyncio
import tempfile
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote


class FolderPostman:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, message: EmailMessage) -> None:
        """Keep the message as `<message id>.eml`; sent again it takes the place of the first."""
        await asyncio.to_thread(self._keep, message)

    def _keep(self, message: EmailMessage) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        name = quote(message["Message-ID"].strip("<>"), safe="@")
        # Written beside and moved into place: a file that exists is whole.
        with tempfile.NamedTemporaryFile(dir=self._folder, prefix=".", delete=False) as draft:
            draft.write(message.as_bytes())
        Path(draft.name).replace(self._folder / f"{name}.eml")
