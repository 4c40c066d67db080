"""The words for what annotations say: one place for the notice, the registers, the record of processing and copies."""

from app.core.language import Text
from app.core.personal import Category, Ground, Purpose, Recipient

CATEGORIES: dict[Category, Text] = {
    Category.NAME: Text("име и фамилия", "first and last name"),
    Category.EMAIL: Text("адрес на електронна поща", "e-mail address"),
    Category.PHONE: Text("телефон", "phone"),
    Category.ADDRESS: Text("адрес за доставка", "delivery address"),
    Category.INVOICE: Text("данни за фактура и плащане", "invoice and payment data"),
    Category.ORDER: Text("поръчани артикули", "articles ordered"),
    Category.FREE_TEXT: Text("свободен текст", "free text"),
    Category.CONNECTION: Text("IP адрес и устройство", "IP address and device"),
    Category.CREDENTIAL: Text("данни за вход", "login credentials"),
}

PURPOSES: dict[Purpose, Text] = {
    Purpose.SALE: Text("продажба и доставка на артикули от сайта", "sale and delivery of articles of the site"),
    Purpose.ENQUIRY: Text("отговор на запитвания, искания и предложения", "answering enquiries, requests, proposals"),
    Purpose.NEWSLETTER: Text("бюлетин с оферти, промоции и събития", "newsletter with offers, promotions and events"),
    Purpose.ACCOUNTING: Text("издаване и пазене на счетоводни документи", "issuing and keeping accounting documents"),
    Purpose.LEGAL: Text(
        "изпълнение на законови задължения и защита на легитимни интереси",
        "meeting legal obligations and protecting legitimate interests",
    ),
}

GROUNDS: dict[Ground, Text] = {
    Ground.CONSENT: Text(
        "съгласие (чл. 6, пар. 1, б. „а“ от Регламент (ЕС) 2016/679)",
        "consent (Regulation (EU) 2016/679, Art. 6(1)(a))",
    ),
    Ground.CONTRACT: Text(
        "договор (чл. 6, пар. 1, б. „б“ от Регламент (ЕС) 2016/679)",
        "contract (Regulation (EU) 2016/679, Art. 6(1)(b))",
    ),
    Ground.LEGAL_OBLIGATION: Text(
        "законово задължение (чл. 6, пар. 1, б. „в“ от Регламент (ЕС) 2016/679)",
        "legal obligation (Regulation (EU) 2016/679, Art. 6(1)(c))",
    ),
    Ground.VITAL_INTERESTS: Text(
        "жизненоважни интереси (чл. 6, пар. 1, б. „г“ от Регламент (ЕС) 2016/679)",
        "vital interests (Regulation (EU) 2016/679, Art. 6(1)(d))",
    ),
    Ground.PUBLIC_TASK: Text(
        "задача от обществен интерес (чл. 6, пар. 1, б. „д“ от Регламент (ЕС) 2016/679)",
        "task in the public interest (Regulation (EU) 2016/679, Art. 6(1)(e))",
    ),
    Ground.LEGITIMATE_INTEREST: Text(
        "легитимни интереси (чл. 6, пар. 1, б. „е“ от Регламент (ЕС) 2016/679)",
        "legitimate interests (Regulation (EU) 2016/679, Art. 6(1)(f))",
    ),
}

GROUNDS_SHORT: dict[Ground, Text] = {
    Ground.CONSENT: Text("съгласие, чл. 6(1)(а)", "consent, Art. 6(1)(a)"),
    Ground.CONTRACT: Text("договор, чл. 6(1)(б)", "contract, Art. 6(1)(b)"),
    Ground.LEGAL_OBLIGATION: Text("законово задължение, чл. 6(1)(в)", "legal obligation, Art. 6(1)(c)"),
    Ground.VITAL_INTERESTS: Text("жизненоважни интереси, чл. 6(1)(г)", "vital interests, Art. 6(1)(d)"),
    Ground.PUBLIC_TASK: Text("обществен интерес, чл. 6(1)(д)", "public task, Art. 6(1)(e)"),
    Ground.LEGITIMATE_INTEREST: Text("легитимни интереси, чл. 6(1)(е)", "legitimate interests, Art. 6(1)(f)"),
}
"""For a column of a register, under a title that names the Regulation."""

RECIPIENTS: dict[Recipient, Text] = {
    Recipient.SPEEDY: Text("куриерска фирма Спиди", "courier company Speedy"),
    Recipient.ICASH: Text("доставчик на софтуера I-Cash", "provider of the software I-Cash"),
    Recipient.ACCOUNTANT: Text("външна счетоводна къща", "external accounting house"),
    Recipient.COURIER: Text("куриерска фирма, която изтегля пратките", "courier company that collects the shipments"),
    Recipient.MAIL: Text("доставчик на пощенския сървър", "provider of the mail server"),
}
