"""What things are called in the desk's letters."""

from app.core.language import Text
from app.privacy.models import Channel, ConsentPurpose
from app.privacy.rights.models import Part, PreferredForm, RequestKind, RequestState

KINDS: dict[RequestKind, Text] = {
    RequestKind.ACCESS: Text("достъп до личните данни", "access to personal data"),
    RequestKind.PORTABILITY: Text("преносимост на личните данни", "portability of personal data"),
    RequestKind.RECTIFICATION: Text("коригиране на личните данни", "rectification of personal data"),
    RequestKind.RESTRICTION: Text("ограничаване на обработването", "restriction of processing"),
    RequestKind.ERASURE: Text("изтриване на личните данни", "erasure of personal data"),
    RequestKind.OBJECTION: Text("възражение срещу обработването", "objection to processing"),
    RequestKind.WITHDRAWAL: Text("оттегляне на съгласие", "withdrawal of consent"),
    RequestKind.COMPLAINT: Text("жалба за обработването на личните данни", "complaint about the processing"),
}

CALLED: dict[RequestKind, Text] = {
    **{
        kind: Text(f"искането Ви № {{number}} за {said.bg}", f"your request no. {{number}} for {said.en}")
        for kind, said in KINDS.items()
    },
    RequestKind.OBJECTION: Text(
        "възражението Ви № {number} срещу обработването", "your objection no. {number} to processing"
    ),
    RequestKind.COMPLAINT: Text(
        "жалбата Ви № {number} относно обработването на личните данни",
        "your complaint no. {number} about the processing",
    ),
}
"""How a letter names what somebody asked for."""

STATES: dict[RequestState, Text] = {
    RequestState.RECEIVED: Text("непотвърдено", "not confirmed"),
    RequestState.INCOMPLETE: Text("чака допълване", "awaiting missing parts"),
    RequestState.IDENTITY_NEEDED: Text("чака самоличност", "awaiting proof of identity"),
    RequestState.OPEN: Text("в работа", "open"),
    RequestState.EXTENDED: Text("с удължен срок", "extended"),
    RequestState.GRANTED: Text("решено", "decided"),
    RequestState.PARTLY_GRANTED: Text("решено", "decided"),
    RequestState.REFUSED: Text("решено", "decided"),
    RequestState.WITHDRAWN: Text("оттеглено", "withdrawn"),
    RequestState.CLOSED: Text("приключено", "closed"),
}

FORMS: dict[PreferredForm, Text] = {
    PreferredForm.ELECTRONIC: Text("по електронен път", "electronic"),
    PreferredForm.PAPER: Text("на хартия", "on paper"),
}

PARTS: dict[Part, Text] = {
    Part.NAME: Text("името на лицето, за чиито данни се отнася искането", "the name of whose data it is about"),
    Part.ADDRESS: Text("адрес", "address"),
    Part.DESCRIPTION: Text("описание на искането", "description of the request"),
    Part.PREFERRED_FORM: Text("предпочитана форма за получаване на отговора", "preferred form of the answer"),
    Part.SIGNATURE: Text("подпис", "signature"),
    Part.DATE: Text("дата", "date"),
    Part.CORRESPONDENCE_ADDRESS: Text("адрес за кореспонденция", "address for correspondence"),
    Part.POWER_OF_ATTORNEY: Text("пълномощно", "power of attorney"),
}

PURPOSES: dict[str, Text] = {
    ConsentPurpose.REGISTRATION: Text("профилът", "the profile"),
    ConsentPurpose.NEWSLETTER: Text("бюлетинът", "the newsletter"),
    ConsentPurpose.BLOG_COMMENT: Text("коментарите в блога", "comments on the blog"),
    ConsentPurpose.CONTACT: Text("формата за контакт", "the contact form"),
    ConsentPurpose.REVIEW: Text("отзивите", "reviews"),
    ConsentPurpose.THIRD_PARTY_MARKETING: Text("маркетингът на трети лица", "marketing of third parties"),
    "survey": Text("анкетите", "surveys"),
}

CHANNELS: dict[Channel, Text] = {
    Channel.EMAIL: Text("имейл", "e-mail"),
    Channel.SMS: Text("SMS", "SMS"),
    Channel.VIBER: Text("Viber", "Viber"),
    Channel.PHONE: Text("телефон", "phone"),
}

RESTRICTIONS: dict[str, Text] = {
    "accuracy_contested": Text(
        "оспорвате точността на данните, докато я проверим", "you contest the accuracy, while we verify it"
    ),
    "unlawful": Text(
        "обработването е неправомерно, но не желаете данните да бъдат изтрити",
        "the processing is unlawful, and you do not want the data erased",
    ),
    "claims": Text(
        "данните Ви са нужни за установяването, упражняването или защитата на правни претенции",
        "you need the data for the establishment, exercise or defence of legal claims",
    ),
    "objection": Text("възразили сте срещу обработването", "you have objected to the processing"),
}
"""By the values of `restricting.RestrictionGround` (S63)."""
