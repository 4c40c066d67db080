"""What values of the contract are called, for a page that shows them: each from the place that has its words."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from app.auth.models import Realm, StaffRole
from app.backoffice import breaches, consents, cookies, disclosures, people, recipients, requests, restrictions
from app.catalog.schemas import AVAILABILITIES, Availability
from app.core.language import Language, Text
from app.core.personal import Category, Ground, Purpose, Recipient
from app.fulfilment.cancellation_letters import MEANS
from app.invoices.papers import TITLES
from app.invoices.view import DocumentKind
from app.orders.models import DeliveryMethod, LineKind, OrderStatus, PaymentMethod
from app.orders.states import STATUSES
from app.orders.words import DELIVERIES, PAYMENTS
from app.pages.order_words import WHERE
from app.payments.errors import STATUSES as PAID
from app.payments.models import PaymentStatus, RefundMeans
from app.privacy import notice, purposes, words
from app.privacy.ad_hoc.models import AdHocKind
from app.privacy.api import PolicyKind
from app.privacy.breaches.models import Risk
from app.privacy.cookies.models import ChoiceMethod, CookieCategory
from app.privacy.models import (
    AgreementKind,
    Channel,
    ConsentAct,
    ConsentPurpose,
    DeclarationPurpose,
    Means,
    RecipientKind,
)
from app.privacy.restrictions.models import RestrictionGround
from app.privacy.rights import words as rights
from app.privacy.rights.models import (
    Against,
    AttachmentKind,
    ErasureGround,
    LetterKind,
    Outcome,
    Part,
    PreferredForm,
    RequestKind,
    RequestState,
    Via,
)
from app.shipping.models import ShipmentStatus
from app.shipping.ports import Phase
from app.shipping.states import STATUSES as PARCELS

CHOICES: dict[type[StrEnum], Mapping[Any, Text]] = {
    OrderStatus: STATUSES,
    PaymentStatus: PAID,
    ShipmentStatus: PARCELS,
    Phase: WHERE,
    PaymentMethod: PAYMENTS,
    DeliveryMethod: DELIVERIES,
    DocumentKind: TITLES,
    RefundMeans: MEANS,
    Availability: AVAILABILITIES,
    LineKind: {LineKind.GOODS: Text("Стока", "Goods"), LineKind.DELIVERY: Text("Доставка", "Delivery")},
    Language: {Language.BG: Text("Български", "Bulgarian"), Language.EN: Text("Английски", "English")},
    Realm: {Realm.ACCOUNT: Text("Клиент", "Customer"), Realm.STAFF: Text("Служител", "Staff")},
    StaffRole: people.ROLES,
    ConsentPurpose: purposes.WORDS,
    ConsentAct: consents.ACTS,
    Channel: rights.CHANNELS,
    Means: {
        Means.API: Text("На сайта", "On the site"),
        Means.STAFF: Text("Чрез служител", "Through staff"),
        Means.LINK: Text("С връзката в писмо", "By the link in a mail"),
        Means.ONE_CLICK: Text("С бутона до писмото", "By the button beside a mail"),
    },
    DeclarationPurpose: {
        DeclarationPurpose.POLICY: Text("Политика за личните данни", "Privacy policy"),
        DeclarationPurpose.ORDER: Text("Поръчка", "Order"),
        DeclarationPurpose.REGISTRATION: Text("Регистрация", "Registration"),
        DeclarationPurpose.CONTACT: Text("Запитване", "Enquiry"),
        DeclarationPurpose.NEWSLETTER: Text("Бюлетин", "Newsletter"),
        DeclarationPurpose.BLOG: Text("Коментар в блога", "Comment in the blog"),
        DeclarationPurpose.REVIEW: Text("Отзив", "Review"),
        DeclarationPurpose.COOKIES: Text("Бисквитки", "Cookies"),
        DeclarationPurpose.SMS: Text("Съобщения по телефона", "Text messages"),
        DeclarationPurpose.VIBER: Text("Съобщения във Вайбър", "Messages in Viber"),
        DeclarationPurpose.SURVEY: Text("Анкета", "Survey"),
        DeclarationPurpose.THIRD_PARTY_MARKETING: Text("Маркетинг от трети лица", "Marketing by third parties"),
    },
    PolicyKind: {
        PolicyKind.PRIVACY: Text("Политика за личните данни", "Privacy policy"),
        PolicyKind.COOKIES: Text("Политика за бисквитките", "Cookie policy"),
    },
    CookieCategory: cookies.CATEGORIES,
    ChoiceMethod: {
        ChoiceMethod.ACCEPT_ALL: Text("Приемам всички", "Accept all"),
        ChoiceMethod.REJECT_ALL: Text("Отказвам всички", "Reject all"),
        ChoiceMethod.CHOOSE: Text("Избирам сам", "Let me choose"),
    },
    Category: words.CATEGORIES,
    Ground: words.GROUNDS_SHORT,
    Purpose: words.PURPOSES,
    Recipient: words.RECIPIENTS,
    RecipientKind: notice.KINDS,
    AgreementKind: recipients.AGREEMENTS_KINDS,
    AdHocKind: disclosures.AD_HOC_KINDS,
    RequestKind: rights.KINDS,
    RequestState: rights.STATES | {RequestState(outcome): text for outcome, text in requests.OUTCOMES.items()},
    Outcome: requests.OUTCOMES,
    Via: requests.WAYS,
    LetterKind: requests.LETTERS,
    Part: rights.PARTS,
    PreferredForm: rights.FORMS,
    RestrictionGround: restrictions.REASONS,
    Against: {
        Against.MARKETING: Text("маркетинг", "marketing"),
        Against.PROCESSING: Text("друго обработване", "other processing"),
    },
    ErasureGround: {
        ErasureGround.NOT_NEEDED: Text("данните не са нужни повече", "the data are needed no more"),
        ErasureGround.CONSENT_WITHDRAWN: Text("съгласието е оттеглено", "the consent was withdrawn"),
        ErasureGround.OBJECTED: Text("подадено възражение", "objection made"),
        ErasureGround.UNLAWFUL: Text("неправомерно обработване", "unlawful processing"),
        ErasureGround.LEGAL_DUTY: Text("законово задължение за изтриване", "a legal duty to erase"),
    },
    AttachmentKind: {
        AttachmentKind.POWER_OF_ATTORNEY: Text("пълномощно", "power of attorney"),
        AttachmentKind.IDENTITY_PAPER: Text("документ за самоличност", "identity paper"),
    },
    Risk: breaches.RISKS,
}
"""What a person may be shown."""
