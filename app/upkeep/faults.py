"""Says what went wrong in words that hold no value: a code of the system, of PostgreSQL, or a sentence of ours."""

import errno

import psycopg

from app.core.jobs import PassingFault
from app.upkeep.restoring import RestoreRefused
from app.upkeep.sealed_files import FileUnsound


class UpkeepFailed(PassingFault):
    """It is tried again, later and later, for as long as it fails; what else waits goes first."""

    of_one = True


def fault_of(problem: BaseException) -> str:
    if isinstance(problem, FileUnsound | RestoreRefused):
        return str(problem)
    refusal = getattr(problem, "orig", None) or problem
    if isinstance(refusal, psycopg.errors.DataCorrupted):
        return "a page of the database cannot be read (SQLSTATE XX001): shop integrity names it"
    if isinstance(refusal, psycopg.Error):
        return f"PostgreSQL refused it (SQLSTATE {refusal.sqlstate or 'unknown'})"
    if isinstance(refusal, OSError) and refusal.errno is not None:
        name = errno.errorcode.get(refusal.errno, str(refusal.errno))
        return "the medium is full (ENOSPC)" if refusal.errno == errno.ENOSPC else f"the system refused it ({name})"
    return f"it failed ({type(problem).__name__})"
