"""What tests of letters share: the paper they are written on, and a reader of mail."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from html.parser import HTMLParser
from uuid import UUID

from app.core.language import Text
from app.core.secrets import Secret
from app.mail.authority import Authority
from app.mail.messages import Pdf, Writing
from app.mail.models import Mail
from app.mail.writing import Letterhead, Trader
from tests.shop import TestClock

AT = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
TRADER = Trader(
    name="„Комплийт Дентал Солюшънс“ ЕООД",
    eik="204235072",
    vat_number="BG204235072",
    address="гр. София, п.к. 1618, р-н Витоша, ул. „Българска легия“ № 2",
    email="office@example.com",
    phone="+359 2 123 4567",
    responsible_person="Манол Ивчев",
    authority=Authority(
        address=Text("1592 София, бул. „Проф. Цветан Лазаров“ № 2", "2 Prof. Tsvetan Lazarov Blvd, 1592 Sofia"),
        email="kzld@cpdp.bg",
        site="www.cpdp.bg",
    ),
)
LETTERHEAD = Letterhead(TRADER, "https://api.shop.example", "https://shop.example", TestClock(AT))
SECRET = Secret.of("a secret of the tests")


def post(writing: Writing, *attachments: Pdf, to: str = "iva@example.bg") -> EmailMessage:
    return LETTERHEAD.message(Mail(id=UUID(int=1), address=to), writing, *attachments)


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    content: str = part.get_content()
    return content.replace("\r\n", "\n")


@dataclass
class Page(HTMLParser):
    """What a reader of mail shows, fetches and links to."""

    html: str
    tags: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += f" {data} "


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def assert_both_forms_say_the_same(message: EmailMessage) -> None:
    page = Page(body(message, "html").partition("</head>")[2])
    text = body(message, "plain")
    for link in page.links:
        text = text.replace(link, "")
    assert words(text) - words(" ".join(page.links)) == words(page.text) - words(" ".join(page.links))


def assert_fetches_nothing_and_counts_nobody(message: EmailMessage) -> None:
    html = body(message, "html")
    page = Page(html)

    assert page.tags & {"img", "script", "link", "iframe", "object", "form", "video"} == set()
    assert page.attributes & {"src", "srcset", "background", "onclick", "onload"} == set()
    assert "url(" not in html
    assert "@import" not in html
