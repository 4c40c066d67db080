"""Whether the process lives, and whether it can serve."""

from sqlalchemy import text

from tests.shop import Shop


async def test_a_shop_with_its_schema_is_ready(shop: Shop) -> None:
    assert (await shop.http.get("/health/live")).json() == {"status": "ok"}
    ready = await shop.http.get("/health/ready")
    assert ready.status_code == 200
    assert ready.json() == {"status": "degraded"}, "no worker is at work here"


async def test_a_database_of_another_release_is_not_served(shop: Shop) -> None:
    for change in (
        "UPDATE alembic_version SET version_num = '0001'",
        "DELETE FROM alembic_version",
        "DROP TABLE alembic_version",
    ):
        async with shop.sessions.begin() as session:
            await session.execute(text(change))
        ready = await shop.http.get("/health/ready")
        assert ready.status_code == 503, change
        assert ready.json()["code"] == "try-later"
        assert ready.headers["retry-after"] == "2"
        assert (await shop.http.get("/health/live")).status_code == 200
