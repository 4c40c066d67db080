"""Which passwords are guessed first: listed ones, one's own name, walks over the keyboard."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from itertools import pairwise

FEWEST_DISTINCT = 5
SHORTEST_WORD = 3
WORD = re.compile(r"[^\W\d_]+")
OF_EVERYBODY = ("ionickiss", "completedental")
"""What is anybody's own word here: names of the shop."""

# As the law on transliteration writes it: a word is the same word in either alphabet.
LATIN = str.maketrans(
    {
        **dict(zip("абвгдезийклмнопрстуфхъь", "abvgdeziyklmnoprstufhay", strict=True)),
        "ж": "zh",
        "ц": "ts",
        "ч": "ch",
        "ш": "sh",
        "щ": "sht",
        "ю": "yu",
        "я": "ya",
    }
)
LOOKALIKES = [str.maketrans("@4831!05$7", f"aabe{one}iosst") for one in "il"]
WALKS = (
    "abcdefghijklmnopqrstuvwxyz абвгдежзийклмнопрстуфхцчшщъьюя 01234567890 "
    # Rows, columns and zigzags of a Latin keyboard.
    "!@#$%^&*() qwertyuiop[] asdfghjkl;' zxcvbnm,./ 1qaz2wsx3edc4rfv5tgb6yhn7ujm 1q2w3e4r5t6y7u8i9o0p "
    # Rows of the Bulgarian keyboards (phonetic, old and new; BDS) and of the Russian one.
    "чявертъуиопшщю асдфгхйкл зьцжбнм чшертъуиопящ зжцвбнм "
    "уеишщксдзц ьяаожгтнвмч юйъэфхпрлб йцукенгшщзхъ фывапролджэ ячсмитьбю"
)
STEPS = f"{WALKS} {WALKS[::-1]}"


def is_weak(password: str, own_words: Iterable[str]) -> bool:
    """Tell whether a password is worth trying early for whoever knows the person's own words, an e-mail address say."""
    plain = _plain(password)
    if len(set(plain)) < FEWEST_DISTINCT or _is_walk(plain):
        return True
    latin = rest = plain.translate(LATIN)
    for word in sorted(_words((*OF_EVERYBODY, *own_words)), key=len, reverse=True):
        rest = rest.replace(word, "")
    return len(rest) * 2 < len(latin) or any(map(_is_listed, _cores(rest)))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _words(texts: Iterable[str]) -> set[str]:
    """Part names and addresses into words; an address's domain is nobody's own."""
    latin = (_plain(text).partition("@")[0].translate(LATIN) for text in texts)
    return {word for text in latin for word in WORD.findall(text) if len(word) >= SHORTEST_WORD}


def _is_walk(text: str) -> bool:
    """Tell whether most letters repeat the one before or lie beside it in an alphabet or on a keyboard."""
    turns = sum(one != next_ and one + next_ not in STEPS for one, next_ in pairwise(text))
    return (turns + 1) * 3 <= len(text)


def _cores(text: str) -> set[str]:
    """Give what may be a listed word once repetition, and digits and signs around or between, are taken away."""
    within = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)
    cores = {text, within, "".join(WORD.findall(text)), *map(within.translate, LOOKALIKES)}
    return cores | set(map(_repeated, cores))


def _repeated(text: str) -> str:
    """Return the shortest beginning that, repeated, makes the text; at worst the text itself."""
    length = next(
        length
        for length in range(len(text) + 1)
        if text[length:] == text[: len(text) - length] and (length or not text)
    )
    return text[:length]


def _is_listed(word: str) -> bool:
    return len(word) >= SHORTEST_WORD and f"\n{word}\n".encode() in _list()


@cache
def _list() -> bytes:
    """Read the list when the first password is chosen: one text searched through takes a tenth of a set's memory."""
    return (files("app.auth") / "common_passwords.txt").read_bytes()
