"""Why a request may be refused, in whole or in part: for each kind only what the policy and the law name."""

from collections.abc import Collection
from enum import StrEnum

from app.core.language import Text
from app.privacy.rights.models import RequestKind
from app.privacy.storage_terms import BOOKS, CLAIMS, CONTRACT, OWED


class Reason(StrEnum):
    UNCLEAR_DATA = "unclear_data"
    UNCLEAR_PERSON = "unclear_person"
    PUBLIC_INTEREST = "public_interest"
    RIGHTS_OF_OTHERS = "rights_of_others"
    NOT_PORTABLE = "not_portable"
    DATA_ACCURATE = "data_accurate"
    NO_GROUND = "no_ground"
    FREEDOM_OF_EXPRESSION = "freedom_of_expression"
    LEGAL_OBLIGATION = "legal_obligation"
    PUBLIC_HEALTH = "public_health"
    ARCHIVING = "archiving"
    LEGAL_CLAIMS = "legal_claims"
    COMPELLING_GROUNDS = "compelling_grounds"
    UNFOUNDED_COMPLAINT = "unfounded_complaint"
    MANIFESTLY_UNFOUNDED = "manifestly_unfounded"
    EXCESSIVE = "excessive"


R = Reason
ANY = frozenset({R.UNCLEAR_PERSON, R.MANIFESTLY_UNFOUNDED, R.EXCESSIVE})
REASONS: dict[RequestKind, frozenset[Reason]] = {
    RequestKind.ACCESS: ANY | {R.UNCLEAR_DATA, R.PUBLIC_INTEREST, R.RIGHTS_OF_OTHERS},  # S61
    RequestKind.PORTABILITY: ANY | {R.UNCLEAR_DATA, R.NOT_PORTABLE, R.RIGHTS_OF_OTHERS},
    RequestKind.RECTIFICATION: ANY | {R.UNCLEAR_DATA, R.DATA_ACCURATE, R.LEGAL_OBLIGATION},
    RequestKind.RESTRICTION: ANY | {R.NO_GROUND, R.LEGAL_CLAIMS, R.PUBLIC_INTEREST},
    RequestKind.ERASURE: ANY
    | {
        R.NO_GROUND,
        R.FREEDOM_OF_EXPRESSION,  # a to e of the policy (S70)
        R.LEGAL_OBLIGATION,
        R.PUBLIC_HEALTH,
        R.ARCHIVING,
        R.LEGAL_CLAIMS,
    },
    RequestKind.OBJECTION: ANY | {R.COMPELLING_GROUNDS, R.LEGAL_CLAIMS},  # S73
    RequestKind.WITHDRAWAL: frozenset({R.UNCLEAR_PERSON}),  # S18: never for what it says
    RequestKind.COMPLAINT: ANY | {R.UNFOUNDED_COMPLAINT},
}
REGULATION_BG, REGULATION_EN = "от Регламент (ЕС) 2016/679", "of Regulation (EU) 2016/679"

WORDS: dict[Reason, Text] = {
    R.UNCLEAR_DATA: Text(
        f"не е ясно за кои лични данни се отнася искането (чл. 12, пар. 2 и чл. 15 {REGULATION_BG})",
        f"it is not clear which personal data the request is about (Art. 12(2) and 15 {REGULATION_EN})",
    ),
    R.UNCLEAR_PERSON: Text(
        f"не може да се установи самоличността на лицето, което подава искането (чл. 12, пар. 2 и 6 {REGULATION_BG})",
        f"the person making the request could not be identified (Art. 12(2) and (6) {REGULATION_EN})",
    ),
    R.PUBLIC_INTEREST: Text(
        f"защитата на национални или обществени интереси (чл. 23 {REGULATION_BG})",
        f"the protection of national or public interests (Art. 23 {REGULATION_EN})",
    ),
    R.RIGHTS_OF_OTHERS: Text(
        f"копието би засегнало неблагоприятно правата и свободите на други лица (чл. 15, пар. 4 {REGULATION_BG})",
        f"the copy would adversely affect the rights and freedoms of others (Art. 15(4) {REGULATION_EN})",
    ),
    R.NOT_PORTABLE: Text(
        "данните не са предоставени от Вас или не се обработват на основание съгласие или договор"
        f" (чл. 20, пар. 1 {REGULATION_BG})",
        f"the data were not provided by you, or do not rest on consent or a contract (Art. 20(1) {REGULATION_EN})",
    ),
    R.DATA_ACCURATE: Text(
        f"данните са точни (чл. 16 {REGULATION_BG})",
        f"the data are accurate (Art. 16 {REGULATION_EN})",
    ),
    R.NO_GROUND: Text(
        f"не е налице нито едно от изброените основания (чл. 17, пар. 1 и чл. 18, пар. 1 {REGULATION_BG})",
        f"none of the grounds that are listed applies (Art. 17(1) and 18(1) {REGULATION_EN})",
    ),
    R.FREEDOM_OF_EXPRESSION: Text(
        f"упражняването на правото на свобода на изразяването и на информация (чл. 17, пар. 3, б. „а“ {REGULATION_BG})",
        f"the right of freedom of expression and information (Art. 17(3)(a) {REGULATION_EN})",
    ),
    R.LEGAL_OBLIGATION: Text(
        "спазването на правно задължение по правото на ЕС или българското законодателство"
        f" (чл. 17, пар. 3, б. „б“ {REGULATION_BG}; чл. 12 от Закона за счетоводството, чл. 121 от ЗДДС)",
        f"a legal obligation under EU or Bulgarian law (Art. 17(3)(b) {REGULATION_EN}; Accountancy Act Art. 12,"
        " VAT Act Art. 121)",
    ),
    R.PUBLIC_HEALTH: Text(
        f"обществен интерес в областта на общественото здраве (чл. 17, пар. 3, б. „в“ {REGULATION_BG})",
        f"public interest in the area of public health (Art. 17(3)(c) {REGULATION_EN})",
    ),
    R.ARCHIVING: Text(
        f"архивиране в обществен интерес или статистически цели (чл. 17, пар. 3, б. „г“ {REGULATION_BG})",
        f"archiving in the public interest or statistical purposes (Art. 17(3)(d) {REGULATION_EN})",
    ),
    R.LEGAL_CLAIMS: Text(
        "установяването, упражняването или защитата на правни претенции"
        f" (чл. 17, пар. 3, б. „д“, чл. 18, пар. 2 и чл. 21, пар. 1 {REGULATION_BG})",
        f"the establishment, exercise or defence of legal claims (Art. 17(3)(e), 18(2) and 21(1) {REGULATION_EN})",
    ),
    R.COMPELLING_GROUNDS: Text(
        "убедителни законови основания за обработването, които имат предимство пред Вашите интереси, права и свободи"
        f" (чл. 21, пар. 1 {REGULATION_BG})",
        "compelling legitimate grounds for the processing, which override your interests, rights and freedoms"
        f" (Art. 21(1) {REGULATION_EN})",
    ),
    R.UNFOUNDED_COMPLAINT: Text(
        "при проверката не установихме нарушение на правата Ви",
        "we looked into it and found no infringement of your rights",
    ),
    R.MANIFESTLY_UNFOUNDED: Text(
        f"искането е явно неоснователно (чл. 12, пар. 5, б. „б“ {REGULATION_BG})",
        f"the request is manifestly unfounded (Art. 12(5)(b) {REGULATION_EN})",
    ),
    R.EXCESSIVE: Text(
        f"искането е прекомерно, по-специално поради повторяемостта си (чл. 12, пар. 5, б. „б“ {REGULATION_BG})",
        f"the request is excessive, in particular because of its repetitive character (Art. 12(5)(b) {REGULATION_EN})",
    ),
}

KEPT_BECAUSE: dict[Text, Reason] = {
    BOOKS: R.LEGAL_OBLIGATION,
    CLAIMS: R.LEGAL_CLAIMS,
    OWED: R.NO_GROUND,
    CONTRACT: R.NO_GROUND,
}
"""Why an erasure is granted in part alone: by the law that holds what was asked about. Proof of the erasure itself, and
of what was agreed to before, is none of it."""


def why_in_part(laws: Collection[Text]) -> Reason | None:
    """Give the weightiest reason of those for which something is kept; None: all that was asked about went."""
    return next((reason for law, reason in KEPT_BECAUSE.items() if law in laws), None)
