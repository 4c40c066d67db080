"""A small PDF writer with one embedded typeface: a label costs microseconds, so that load tests measure the shop."""

import zlib
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from subprocess import run

from fontTools import subset  # type: ignore[import-untyped]  # ships no types
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # as above

WIDTH, HEIGHT = 298, 420
"""A6 in points."""
FAMILY = "DejaVu Sans"
# Speedy transliterates what is outside this character set.
LETTERS = bytes(range(32, 256)).decode("cp1251", errors="ignore")


@dataclass(frozen=True, slots=True)
class Typeface:
    file: bytes
    glyphs: dict[str, int]
    widths: list[int]
    """In thousandths of the type size, by glyph."""


@cache
def typeface() -> Typeface:
    """Cut the system's typeface down to the letters of a label."""
    path = run(["fc-match", "-f", "%{file}", FAMILY], check=True, capture_output=True, text=True).stdout  # noqa: S603, S607 - fontconfig, wherever the system keeps it
    options = subset.Options(hinting=False, layout_features=[], notdef_outline=True)
    options.drop_tables += ["FFTM"]
    font = TTFont(path)
    cutter = subset.Subsetter(options)
    cutter.populate(text=LETTERS)
    cutter.subset(font)
    file = BytesIO()
    font.save(file)
    scale = 1000 / font["head"].unitsPerEm
    widths = [round(font["hmtx"][name][0] * scale) for name in font.getGlyphOrder()]
    glyphs = {chr(letter): font.getGlyphID(name) for letter, name in font.getBestCmap().items()}
    return Typeface(file.getvalue(), glyphs, widths)


@dataclass(slots=True)
class Page:
    drawn: list[str] = field(default_factory=list)

    def text(self, x: float, y: float, size: float, text: str) -> None:
        glyphs = typeface().glyphs
        shown = text.encode("cp1251", errors="replace").decode("cp1251")
        codes = "".join(f"{glyphs.get(letter, 0):04x}" for letter in shown)
        self.drawn.append(f"BT /F {size} Tf {x} {y} Td <{codes}> Tj ET")

    def line(self, x: float, y: float) -> None:
        self.drawn.append(f"{x} {y} m {WIDTH - x} {y} l S")

    def bars(self, x: float, y: float, height: float, widths: list[int], room: float) -> None:
        unit = room / sum(widths)
        for place, width in enumerate(widths):
            if place % 2 == 0:
                self.drawn.append(f"{x:.3f} {y} {width * unit:.3f} {height} re f")
            x += width * unit


def document(pages: list[Page]) -> bytes:
    shared = _typeface_objects()
    first_page = len(shared) + 3
    numbers = [first_page + 2 * place for place in range(len(pages))]
    kids = " ".join(f"{number} 0 R" for number in numbers)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        *shared,
    ]
    for number, page in zip(numbers, pages, strict=True):
        box = f"/MediaBox [0 0 {WIDTH} {HEIGHT}] /Resources << /Font << /F 3 0 R >> >>"
        objects.append(f"<< /Type /Page /Parent 2 0 R {box} /Contents {number + 1} 0 R >>".encode())
        objects.append(_stream("\n".join(page.drawn).encode()))
    return _file(objects)


@cache
def _typeface_objects() -> list[bytes]:
    """Write the objects 3 to 7: the typeface, the same in every label."""
    face = typeface()
    widths = " ".join(map(str, face.widths))
    metrics = (
        "/FontBBox [-1021 -415 1681 1167] /Flags 4 /ItalicAngle 0 /Ascent 928 /Descent -236 /CapHeight 729 /StemV 80"
    )
    return [
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Label /Encoding /Identity-H "
        b"/DescendantFonts [4 0 R] /ToUnicode 6 0 R >>",
        f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Label /CIDToGIDMap /Identity /W [0 [{widths}]] "
        f"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
        f"/FontDescriptor 7 0 R >>".encode(),
        _stream(face.file),
        _stream(_letters_of(face)),
        f"<< /Type /FontDescriptor /FontName /Label {metrics} /FontFile2 5 0 R >>".encode(),
    ]


def _letters_of(face: Typeface) -> bytes:
    """Map glyphs back to letters, so that text can be copied and searched."""
    pairs = [f"<{glyph:04x}> <{ord(letter):04x}>" for letter, glyph in face.glyphs.items()]
    blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
    maps = "\n".join(f"{len(block)} beginbfchar\n{chr(10).join(block)}\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Label def /CMapType 2 def\n"
        f"1 begincodespacerange <0000> <ffff> endcodespacerange\n{maps}\nendcmap end end"
    ).encode()


def _stream(content: bytes) -> bytes:
    packed = zlib.compress(content)
    header = f"<< /Filter /FlateDecode /Length {len(packed)} /Length1 {len(content)} >>"
    return header.encode() + b"\nstream\n" + packed + b"\nendstream"


def _file(objects: list[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    trailer = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return bytes(out) + end.encode() + trailer.encode()
