"""What the demo catalogue offers: handles, heads, sets and what goes with them."""

from dataclasses import dataclass

from app.core.language import Text
from app.core.money import Money


@dataclass(frozen=True)
class Sold:
    """An article."""

    sku: str
    label: Text
    price: Money
    weight_grams: int
    stock: int


@dataclass(frozen=True)
class Shown:
    """A page of the shop."""

    slug: str
    title: Text
    summary: Text
    description: Text
    sold: tuple[Sold, ...]
    hygiene_sealed: bool = False


WHITE, BLACK, BLUE = Text("бяла", "white"), Text("черна", "black"), Text("синя", "blue")
GREEN, PINK = Text("зелена", "green"), Text("розова", "pink")
TWO, FOUR, SINGLE = Text("2 броя", "pack of 2"), Text("4 броя", "pack of 4"), Text("1 брой", "single")

HANDLES = (
    Shown(
        slug="ionickiss-classic",
        title=Text("Йонна четка Ionickiss Classic", "Ionickiss Classic ionic toothbrush"),
        summary=Text(
            "Ръчна четка с йонна технология и сменяема глава, в три цвята.",
            "A manual toothbrush with ionic technology and a replaceable head, in three colours.",
        ),
        description=Text(
            "Classic е ръчна четка с йонна технология: не вибрира, не шуми и не се зарежда. Хваща се с влажна ръка"
            " така, че пръстите да докосват металната пластина на дръжката, и се мие с обичайните движения. Главата се"
            " сменя с едно щракване, а дръжката остава. В кутията има дръжка, една мека глава и упътване на български.",
            "Classic is a manual toothbrush with ionic technology: it does not vibrate, makes no noise and needs no"
            " charging. Hold it with a wet hand so that your fingers touch the metal plate on the handle, and brush as"
            " you always do. The head clicks off and on, the handle stays. In the box: a handle, one soft head and"
            " instructions in Bulgarian.",
        ),
        sold=(
            Sold("ION-CLASSIC-WHITE", WHITE, Money(5990), 95, 120),
            Sold("ION-CLASSIC-BLACK", BLACK, Money(5990), 95, 80),
            Sold("ION-CLASSIC-BLUE", BLUE, Money(5990), 95, 60),
        ),
    ),
    Shown(
        slug="ionickiss-compact",
        title=Text("Йонна четка Ionickiss Compact", "Ionickiss Compact ionic toothbrush"),
        summary=Text(
            "По-къса и по-лека дръжка: за пътната чанта и за по-малка ръка.",
            "A shorter and lighter handle, for the travel bag and for smaller hands.",
        ),
        description=Text(
            "Compact работи като Classic и приема същите глави, но дръжката ѝ е по-къса и по-лека. Събира се в калъфа"
            " за път Ionickiss заедно с поставена глава. В кутията има дръжка, една мека глава и упътване на"
            " български.",
            "Compact works as Classic does and takes the same heads, but its handle is shorter and lighter. It fits"
            " the Ionickiss travel case with its head on. In the box: a handle, one soft head and instructions in"
            " Bulgarian.",
        ),
        sold=(
            Sold("ION-COMPACT-WHITE", WHITE, Money(4990), 70, 60),
            Sold("ION-COMPACT-PINK", PINK, Money(4990), 70, 40),
        ),
    ),
    Shown(
        slug="ionickiss-kids",
        title=Text("Детска йонна четка Ionickiss Kids", "Ionickiss Kids ionic toothbrush"),
        summary=Text(
            "Дръжка за детска ръка, с малка и много мека глава.",
            "A handle for a child's hand, with a small, extra soft head.",
        ),
        description=Text(
            "Kids е с дебела дръжка, която не се изплъзва, и с малка глава с много меки влакна. Приема само детските"
            " глави Ionickiss. Подходяща е за деца, които вече мият зъбите си сами; по-малките да я ползват с помощта"
            " на възрастен. В кутията има дръжка, една детска глава и упътване на български.",
            "Kids has a thick handle that does not slip and a small head with extra soft bristles. It takes the"
            " Ionickiss children's heads only. It suits children who already brush by themselves; younger ones should"
            " use it with an adult's help. In the box: a handle, one children's head and instructions in Bulgarian.",
        ),
        sold=(
            Sold("ION-KIDS-GREEN", GREEN, Money(4490), 65, 50),
            Sold("ION-KIDS-PINK", PINK, Money(4490), 65, 50),
        ),
    ),
)

HEADS = (
    Shown(
        slug="smenyaemi-glavi-meki",
        title=Text("Сменяеми глави Ionickiss, меки", "Ionickiss replacement heads, soft"),
        summary=Text("Меки влакна за всеки ден.", "Soft bristles for every day."),
        description=Text(
            "Глави с меки влакна за четките Classic и Compact. Препоръчваме нова глава на всеки три месеца или"
            " по-рано, ако влакната са се разтворили. Всяка глава е в отделна запечатана опаковка.",
            "Heads with soft bristles for the Classic and Compact toothbrushes. We suggest a new head every three"
            " months, or sooner when the bristles have spread. Each head is sealed in a wrapping of its own.",
        ),
        sold=(
            Sold("ION-H-SOFT-2", TWO, Money(990), 18, 300),
            Sold("ION-H-SOFT-4", FOUR, Money(1690), 34, 200),
        ),
        hygiene_sealed=True,
    ),
    Shown(
        slug="smenyaemi-glavi-sredni",
        title=Text("Сменяеми глави Ionickiss, средни", "Ionickiss replacement heads, medium"),
        summary=Text("За тези, които обичат по-твърда четка.", "For those who like a firmer brush."),
        description=Text(
            "Глави със средно твърди влакна за четките Classic и Compact. Ако не знаете кои да изберете, започнете с"
            " меките. Всяка глава е в отделна запечатана опаковка.",
            "Heads with medium bristles for the Classic and Compact toothbrushes. If in doubt which to choose, start"
            " with the soft ones. Each head is sealed in a wrapping of its own.",
        ),
        sold=(
            Sold("ION-H-MEDIUM-2", TWO, Money(990), 18, 250),
            Sold("ION-H-MEDIUM-4", FOUR, Money(1690), 34, 150),
        ),
        hygiene_sealed=True,
    ),
    Shown(
        slug="smenyaemi-glavi-detski",
        title=Text("Сменяеми глави Ionickiss, детски", "Ionickiss replacement heads, children's"),
        summary=Text("Малки глави с много меки влакна.", "Small heads with extra soft bristles."),
        description=Text(
            "Малки глави с много меки влакна за детската четка Kids; не пасват на Classic и Compact. Всяка глава е в"
            " отделна запечатана опаковка.",
            "Small heads with extra soft bristles for the Kids toothbrush; they do not fit Classic and Compact. Each"
            " head is sealed in a wrapping of its own.",
        ),
        sold=(
            Sold("ION-H-KIDS-2", TWO, Money(1090), 14, 150),
            Sold("ION-H-KIDS-4", FOUR, Money(1690), 26, 100),
        ),
        hygiene_sealed=True,
    ),
)

SETS = (
    Shown(
        slug="komplekt-start",
        title=Text("Комплект Ionickiss Start", "Ionickiss Start set"),
        summary=Text(
            "Четка Classic, четири глави и калъф за път, на по-ниска цена, отколкото поотделно.",
            "A Classic toothbrush, four heads and a travel case, for less than each on its own.",
        ),
        description=Text(
            "Всичко за първата година: бяла четка Classic с една мека глава, още четири глави по избор, меки или"
            " средни, и калъф за път. Чудесен подарък за човек, който досега не е пробвал йонна четка.",
            "All you need for the first year: a white Classic toothbrush with one soft head, four more heads, soft or"
            " medium as you choose, and a travel case. A fine present for somebody new to ionic toothbrushes.",
        ),
        sold=(
            Sold("ION-SET-START-SOFT", Text("с меки глави", "with soft heads"), Money(7990), 205, 40),
            Sold("ION-SET-START-MED", Text("със средни глави", "with medium heads"), Money(7990), 205, 30),
        ),
    ),
    Shown(
        slug="komplekt-za-dvama",
        title=Text("Комплект Ionickiss за двама", "Ionickiss set for two"),
        summary=Text(
            "Две четки Classic в различен цвят и четири меки глави.",
            "Two Classic toothbrushes in different colours and four soft heads.",
        ),
        description=Text(
            "Бяла и черна четка Classic, за да не ги бъркате, всяка с по една мека глава, и още четири меки глави."
            " Главите са еднакви и за двете дръжки.",
            "A white and a black Classic toothbrush, so that you do not mix them up, each with one soft head, and"
            " four more soft heads. The heads fit both handles.",
        ),
        sold=(Sold("ION-SET-TWO", Text("бяла и черна", "white and black"), Money(10990), 240, 25),),
    ),
    Shown(
        slug="komplekt-za-semeystvoto",
        title=Text("Семеен комплект Ionickiss", "Ionickiss family set"),
        summary=Text(
            "Две четки за възрастни, една детска и резервни глави.",
            "Two toothbrushes for adults, one for a child, and spare heads.",
        ),
        description=Text(
            "Две четки Compact, една детска четка Kids, четири меки и две детски глави. Всяка четка е с поставена"
            " глава, така че резервните стигат за половин година.",
            "Two Compact toothbrushes, one Kids toothbrush, four soft and two children's heads. Each toothbrush comes"
            " with a head, so the spare ones last half a year.",
        ),
        sold=(
            Sold("ION-SET-FAMILY-GREEN", Text("със зелена детска", "with a green Kids"), Money(12990), 270, 20),
            Sold("ION-SET-FAMILY-PINK", Text("с розова детска", "with a pink Kids"), Money(12990), 270, 20),
        ),
    ),
)

EXTRAS = (
    Shown(
        slug="kalaf-za-pat",
        title=Text("Калъф за път Ionickiss", "Ionickiss travel case"),
        summary=Text("Пази четката чиста в чантата.", "Keeps the toothbrush clean in your bag."),
        description=Text(
            "Твърд калъф с отвори за проветряване, в който четката съхне и когато е прибрана. Побира Compact с"
            " поставена глава или Classic със свалена. Мие се с топла вода.",
            "A hard case with air holes, so that the toothbrush dries even when put away. It holds a Compact with its"
            " head on, or a Classic with its head off. Wash it with warm water.",
        ),
        sold=(
            Sold("ION-CASE-WHITE", Text("бял", "white"), Money(1290), 60, 80),
            Sold("ION-CASE-BLUE", Text("син", "blue"), Money(1290), 60, 4),
        ),
    ),
    Shown(
        slug="chistachka-za-ezik",
        title=Text("Чистачка за език Ionickiss", "Ionickiss tongue cleaner"),
        summary=Text("Неръждаема стомана, без дръжка от пластмаса.", "Stainless steel, no plastic handle."),
        description=Text(
            "Извита лента от неръждаема стомана със заоблени ръбове. Ползва се след четката, с няколко леки движения"
            " от корена към върха на езика, и се изплаква с топла вода.",
            "A curved band of stainless steel with rounded edges. Use it after brushing, with a few light strokes"
            " from the back of the tongue to its tip, and rinse it with warm water.",
        ),
        sold=(Sold("ION-TONGUE", SINGLE, Money(690), 25, 70),),
        hygiene_sealed=True,
    ),
)

RANGE = (*HANDLES, *HEADS, *SETS, *EXTRAS)
