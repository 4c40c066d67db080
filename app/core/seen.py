"""What of a text is seen: takes out what nobody sees, and finds what makes a text read as it is not written.

Of Unicode's Default_Ignorable_Code_Point nothing is drawn, and of some letters only space. Joiners, variation
selectors and marks of direction stay where a reader would miss them: within an emoji, after an ideograph, in scripts
whose letters join or run from right to left.
"""

import re
import unicodedata

# Embeddings, overrides and isolates of the bidirectional algorithm: what follows is shown in another order.
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Never to be letters, in any version of Unicode: the last two of each plane, and 32 more.
NONCHARACTERS = re.compile(
    f"[\ufdd0-\ufdef{''.join(chr(plane + last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))}]"
)
# Soft hyphen, fillers, spaces without width, invisible signs, tag letters.
UNSEEN = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
    "\U00013430-\U0001345f\U00016fe4\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a"
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
)
EMPTY_BRAILLE = "\u2800"
"""A cell without dots: a space to whoever reads."""
JOINERS = frozenset("\u180e\u200c\u200d")
DIRECTION_MARKS = frozenset("\u061c\u200e\u200f")
"""They turn no letter, only say on which side a full stop stands beside right-to-left ones: so none is refused."""
SELECTORS = re.compile("[\u061c\u180b-\u180f\u200c-\u200f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
EMOJI_STYLES = frozenset("\ufe0e\ufe0f")
KEYCAP = "\u20e3"
MONGOLIAN_FORMS = frozenset("\u180b\u180c\u180d\u180f")
VIRAMA = 9
"""The combining class of what takes a letter its vowel: whether it joins the next one is then the joiner's to say."""

MOST_MARKS = 8
"""Above each other on one letter; no language has as many, and composing takes time by the square of their number."""

SYMBOLS = re.compile("[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]")
IDEOGRAPHS = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
MONGOLIAN = re.compile("[\u1820-\u18aa]")
# Arabic to Sinhala, Myanmar, Khmer and Mongolian, and what later was added to them.
JOINING = re.compile(
    "[\u0620-\u0dff\u1000-\u109f\u1780-\u17d3\u1820-\u18aa\ua8e0-\ua8ff\ua9e0-\ua9fe\uaa60-\uaa7f\ufb50-\ufdcf\ufe70-\ufefc"
    "\U00010a00-\U00011fff\U0001e900-\U0001e94b]"
)


def turns(text: str) -> bool:
    """Say whether a text makes what it holds appear in another order than it is written in."""
    return TURNING.search(text) is not None


def has_noncharacter(text: str) -> bool:
    return NONCHARACTERS.search(text) is not None


def is_piled(text: str) -> bool:
    """Say whether more marks stand on a letter than any language writes; joiners do not part them."""
    piled = 0
    for letter in UNSEEN.sub("", text):
        if unicodedata.category(letter)[0] == "M":
            piled += 1
        elif letter not in JOINERS | DIRECTION_MARKS:
            piled = 0
        if piled > MOST_MARKS:
            return True
    return False


def is_blank(text: str) -> bool:
    """Say whether nobody sees a letter of a text: marks alone are seen on what stands before them, if at all."""
    left = SELECTORS.sub("", UNSEEN.sub("", text)).replace(EMPTY_BRAILLE, "")
    return all(letter.isspace() or unicodedata.category(letter)[0] == "M" for letter in left)


def visible(text: str) -> str:
    """Write what is seen of a text, composed (NFC) and trimmed; written again it is the same."""
    text = unicodedata.normalize("NFC", UNSEEN.sub("", text).replace(EMPTY_BRAILLE, " "))
    if SELECTORS.search(text):
        text = unicodedata.normalize("NFC", _without_idle(text))
    return text.strip()


def _without_idle(text: str) -> str:
    """Leave out the joiners and selectors that change nothing where they stand."""
    kept, base, is_halved = [""], "", False
    for place, letter in enumerate(text):
        if SELECTORS.match(letter) and not (
            (is_halved and letter in JOINERS)
            or _matters(letter, kept[-1], base, text[place + 1 : place + MOST_MARKS + 2])
        ):
            continue
        kept.append(letter)
        if (kind := unicodedata.combining(letter)) == 0:
            base, is_halved = letter, False
        else:
            is_halved = is_halved or kind == VIRAMA
    return "".join(kept)


def _matters(letter: str, before: str, base: str, after: str) -> bool:
    """Say whether a joiner or selector is seen; judged by what composing does not change."""
    following = next((each for each in after if unicodedata.combining(each) == 0), "")
    if letter in DIRECTION_MARKS:
        return _runs_left(base) or _runs_left(following)
    if letter in JOINERS:
        within_emoji = (SYMBOLS.match(before) or before in EMOJI_STYLES) and SYMBOLS.match(after)
        return bool(within_emoji or (JOINING.match(base) and JOINING.match(following)))
    if letter in EMOJI_STYLES:
        return bool(SYMBOLS.match(before)) or after.startswith(KEYCAP)
    return bool((MONGOLIAN if letter in MONGOLIAN_FORMS else IDEOGRAPHS).match(before))


def _runs_left(letter: str) -> bool:
    return letter not in DIRECTION_MARKS | {""} and unicodedata.bidirectional(letter) in {"R", "AL"}
