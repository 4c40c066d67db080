"""Settings of what one client may take of the API, and of what takes long."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings


class Serving(BaseSettings):
    """A part of `Settings`."""

    body_limit: int = Field(65_536, ge=1024, description="Bytes of a request body")
    head_seconds: float = Field(10, gt=0, description="In which a request's headers arrive, or the client is cut off")
    body_seconds: float = Field(
        30, gt=0, description="In which a request's body arrives, and a second more for each 8 KB it may have"
    )
    orders_per_hour: int = Field(60, ge=1, description="Orders that one address may place")
    catalog_kept_seconds: float = Field(
        1.0, ge=0, description="How far a catalogue answer may be behind a change; 0: none is kept"
    )
    carts_per_hour: int = Field(600, ge=1, description="Carts that one address may open; many shoppers may share it")
    contract_shown: bool | None = Field(
        None, description="Whether `/openapi.json` is served; unset: in development. In production without the staff's"
    )
    reader_seconds: float = Field(
        60, gt=0, description="In which a client takes some 200 KB of an answer, or is cut off"
    )
    spool_folder: Path | None = Field(
        None, description="Where files wait that are being sent; unset: the system's folder for temporary ones"
    )
    readings_at_once: int = Field(
        2, ge=1, description="Archives, registers and other long files that a process reads at a time"
    )
    drawings_at_once: int = Field(
        2, ge=1, description="Papers that a process draws at a time; each takes a core and some 150 MB"
    )
    turn_seconds: float = Field(
        30, gt=0, description="Longest wait for a turn at either; then it is 503, to come again"
    )
