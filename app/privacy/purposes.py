"""What may be agreed to: where each purpose may be asked for, by which channel, under which wording.

The one table of consents (S12–S16, C3, C7, C8, C13). What is not in it is asked for nowhere. By phone nobody is asked
for offers: the policy names e-mail, Viber and SMS; a reminder of a delivery is no marketing (C4).
"""

from dataclasses import dataclass
from enum import StrEnum

from app.core.errors import ShopError
from app.core.language import Text
from app.privacy.models import Channel, ConsentPurpose, DeclarationPurpose

P, D = ConsentPurpose, DeclarationPurpose


class Point(StrEnum):
    """Where a box stands that somebody may tick; none is ticked beforehand."""

    CHECKOUT = "checkout"
    REGISTRATION = "registration"
    ACCOUNT = "account"
    NEWSLETTER = "newsletter"
    CONTACT = "contact"
    BLOG = "blog"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Askable:
    """A consent of its own, under a wording of its own."""

    purpose: ConsentPurpose
    channel: Channel | None
    wording: DeclarationPurpose
    points: frozenset[Point]


def _at(*points: Point) -> frozenset[Point]:
    return frozenset(points)


ASKABLE: tuple[Askable, ...] = (
    Askable(P.REGISTRATION, None, D.REGISTRATION, _at(Point.REGISTRATION)),
    Askable(
        P.NEWSLETTER,
        Channel.EMAIL,
        D.NEWSLETTER,
        _at(Point.CHECKOUT, Point.REGISTRATION, Point.ACCOUNT, Point.NEWSLETTER),
    ),
    # The number is the account's: under an address alone there is nothing to write to.
    Askable(P.NEWSLETTER, Channel.SMS, D.SMS, _at(Point.ACCOUNT)),
    Askable(P.NEWSLETTER, Channel.VIBER, D.VIBER, _at(Point.ACCOUNT)),
    Askable(P.SURVEY, Channel.EMAIL, D.SURVEY, _at(Point.ACCOUNT, Point.NEWSLETTER)),
    Askable(P.THIRD_PARTY_MARKETING, Channel.EMAIL, D.THIRD_PARTY_MARKETING, _at(Point.ACCOUNT)),
    Askable(P.THIRD_PARTY_MARKETING, Channel.SMS, D.THIRD_PARTY_MARKETING, _at(Point.ACCOUNT)),
    Askable(P.THIRD_PARTY_MARKETING, Channel.VIBER, D.THIRD_PARTY_MARKETING, _at(Point.ACCOUNT)),
    Askable(P.BLOG_COMMENT, None, D.BLOG, _at(Point.BLOG)),
    Askable(P.CONTACT, None, D.CONTACT, _at(Point.CONTACT)),
    Askable(P.REVIEW, None, D.REVIEW, _at(Point.REVIEW)),
)

MARKETING = frozenset({P.NEWSLETTER, P.SURVEY, P.THIRD_PARTY_MARKETING})
"""What stops on anybody's word and at once (S72), and counts under a proved address alone (complaint 22)."""
WORDS: dict[ConsentPurpose, Text] = {
    P.REGISTRATION: Text("регистрация и профил", "registration and the account"),
    P.NEWSLETTER: Text("бюлетин с оферти и промоции", "a newsletter with offers and promotions"),
    P.BLOG_COMMENT: Text("коментари в блога", "comments in the blog"),
    P.CONTACT: Text("отговор на запитване", "an answer to an enquiry"),
    P.REVIEW: Text("публикуване на отзив", "the publication of a review"),
    P.THIRD_PARTY_MARKETING: Text("маркетинг от трети лица", "marketing by third parties"),
    P.SURVEY: Text("покани за анкети", "invitations to surveys"),
}
BY_PHONE_NUMBER = frozenset({Channel.SMS, Channel.VIBER})


class ConsentNotOffered(ShopError):
    status = 422
    title = Text("Такова съгласие не се иска тук", "No such consent is asked for here")
    advice = Text(
        "Изберете цел и канал, за които тук се иска съгласие.",
        "Choose a purpose and a channel that are asked about here.",
    )


def askable(purpose: ConsentPurpose, channel: Channel | None, point: Point) -> Askable:
    """Find what may be asked there; refuses with ConsentNotOffered what may not."""
    for each in ASKABLE:
        if each.purpose is purpose and each.channel is channel and point in each.points:
            return each
    raise ConsentNotOffered
