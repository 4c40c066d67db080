"""Says of a refusal what its document says of its kind."""

from app.settings import Settings

PUBLIC_URL: str = Settings.model_fields["public_url"].default


def of_kind(code: str, public_url: str = PUBLIC_URL) -> dict[str, str]:
    """Return what names a problem's kind as a shop of the tests sends it; within the shop it has no address yet."""
    return {"type": f"{public_url}/problems/{code}", "code": code}
