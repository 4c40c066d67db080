"""Rectification takes effect wherever it must, and nowhere it must not: what was issued stays (complaint 9)."""

from hashlib import sha256

from tests.accounts.test_addresses import BOOK
from tests.accounts.test_email_changes import NEW, asked, confirm
from tests.accounts.test_invoice_profiles import COMPANIES, LEAST
from tests.accounts.test_profile import ME
from tests.checkout.watching import contents
from tests.factories.accounts import PASSWORD
from tests.fulfilment.story import COMPANY, OFFICE, TRANSFER, letters, pay, pdf_text
from tests.shop import Shop, a_wish

DELIVERY = {"method": "address", "city": "София", "postcode": "1618", "street": "ул. Българска легия", "street_no": "2"}


async def test_complaint_9_a_changed_profile_leaves_orders_and_documents_as_they_were(shop: Shop) -> None:
    me = await shop.account()
    home = (await shop.http.post(BOOK, json={"delivery": DELIVERY}, headers=me)).json()
    company = (await shop.http.post(COMPANIES, json=COMPANY, headers=me)).json()
    wish = a_wish(await shop.cart(), invoice=COMPANY, payment_method=TRANSFER)
    order = (await shop.place(wish, **me)).json()
    await pay(shop, order)
    await shop.run_jobs()
    [document] = (await shop.http.get(order["links"]["documents"], headers=me)).json()["items"]
    issued = (await shop.http.get(document["pdf"], headers=me)).content
    before = await contents(shop)

    renewed = {"first_name": "Мария", "last_name": "Иванова", "phone": "+359888765432", "language": "en"}
    assert (await shop.http.patch(ME, json=renewed, headers=me)).status_code == 200
    moved = await shop.http.put(f"{BOOK}/{home['id']}", json={"delivery": OFFICE}, headers=me)
    sold = await shop.http.put(f"{COMPANIES}/{company['id']}", json=LEAST, headers=me)
    await shop.run_jobs()

    # Whatever is not the profile: order, document, posting, acceptance, letters that were sent, the staff's audit.
    after = await contents(shop)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"accounts", "profiles", "addresses", "invoice_profiles"}
    again = (await shop.http.get(document["pdf"], headers=me)).content
    assert again == issued
    assert await shop.rows("SELECT sha256 FROM document_files") == [(sha256(again).hexdigest(),)]
    assert "Зъбна ООД" in pdf_text(again)
    seen = (await shop.http.get(ME, headers=me)).json()
    assert {name: seen[name] for name in renewed} == renewed
    assert (await shop.http.get(BOOK, headers=me)).json() == {"items": [moved.json()]}
    assert (await shop.http.get(COMPANIES, headers=me)).json() == {"items": [sold.json()]}
    passwords = {"current_password": PASSWORD, "new_password": "зелен чадър под дъжда"}
    assert (await shop.http.put(f"{ME}/password", json=passwords, headers=me)).status_code == 204
    await shop.run_jobs()
    assert [letter["To"] for letter in letters(shop, "Your password has been changed")] == ["iva@example.bg"]


async def test_what_is_mailed_of_orders_under_way_goes_to_the_new_address(shop: Shop) -> None:
    """The old mailbox may be somebody else's by now; what was agreed and proved keeps the address of its day."""
    me = await shop.account()
    order = (await shop.place(a_wish(await shop.cart(), payment_method=TRANSFER), **me)).json()
    customer = {**a_wish("")["customer"], "email": "aunt@example.bg"}
    for_another = (await shop.place(a_wish(await shop.cart(), payment_method=TRANSFER, customer=customer), **me)).json()
    guests = await shop.ordered(customer={**customer, "email": "guest@example.bg"})
    await shop.run_jobs()
    accepted = await shop.rows("SELECT * FROM acceptances ORDER BY id")

    assert (await confirm(shop, await asked(shop, me, NEW))).status_code == 204
    await pay(shop, order)
    await pay(shop, for_another)
    await shop.run_jobs()

    emails = dict(await shop.rows("SELECT number, email FROM orders"))
    numbers = [int(each["number"]) for each in (order, for_another, guests)]
    assert emails == dict(zip(numbers, [NEW, "aunt@example.bg", "guest@example.bg"], strict=True))
    invoices = "SELECT address FROM mails WHERE kind = 'invoice_issued' ORDER BY created_at, address"
    assert sorted(await shop.rows(invoices)) == [("aunt@example.bg",), (NEW,)]
    assert await shop.rows("SELECT * FROM acceptances ORDER BY id") == accepted
