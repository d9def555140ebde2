"""Rebuild the bundled fonts from the Debian packages named in resources/fonts/README.md.

Usage: python build_fonts.py UNPACKED_DIR [OUTPUT_DIR]

UNPACKED_DIR is the folder into which both packages were unpacked with
``dpkg -x``.  Needs fonttools only.  Not used at run time.
"""

import sys
from contextlib import suppress
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont


def span(*ranges):
    """Return the code points of all ranges, ends included."""
    return {c for first, last in ranges for c in range(first, last + 1)}


#: The blocks that the interface and the formulas draw on.
SYMBOLS = span(
    (0x2000, 0x206F),  # general punctuation, with the thin spaces
    (0x2070, 0x209F),  # superscripts and subscripts
    (0x2100, 0x214F),  # letterlike symbols
    (0x2190, 0x21FF),  # arrows
    (0x2200, 0x22FF),  # mathematical operators
    (0x25A0, 0x25FF),  # geometric shapes
)
LATIN = SYMBOLS | span(
    (0x0020, 0x007E),  # Basic Latin
    (0x00A0, 0x00FF),  # Latin-1
    (0x0100, 0x017F),  # Latin Extended-A
    (0x0300, 0x036F),  # combining marks, which mark and ccmp act on
    (0x0370, 0x03FF),  # Greek
    (0x1D2C, 0x1D6A),  # superscript letters
    (0x1D9B, 0x1DBF),  # more of them
    (0x20AC, 0x20AC),  # euro
)


#: Signs that stand beside figures nearly everywhere: ± × – −.
FIGURE_SIGNS = {0x00B1, 0x00D7, 0x2013, 0x2212}

#: Level 1 ends with row 55; 87 takes in level 2 too (6763 hanzi, 1.4 MiB a font).
LAST_ROW = 55

#: Terms of the subject beyond level 1: cross-entropy, threshold, gamma,
#: (He) Kaiming, Fibonacci, iris.  Add what new texts need.
EXTRA_HANZI = "熵阈伽恺斐鸢"


def hanzi():
    """The hanzi of GB2312 from row 16 to LAST_ROW, and EXTRA_HANZI."""
    found = set(map(ord, EXTRA_HANZI))
    for row in range(16, LAST_ROW + 1):
        for cell in range(1, 95):
            with suppress(UnicodeDecodeError):  # the last five cells of row 55 are empty
                found.add(ord(bytes((0xA0 + row, 0xA0 + cell)).decode("gb2312")))
    return found


CHINESE = hanzi() | span(
    (0x0020, 0x0020),  # a font without a space upsets some layout code
    (0x2014, 0x2014),  # Chinese dash,
    (0x2018, 0x2019),  # quotation marks
    (0x201C, 0x201D),
    (0x2026, 0x2026),  # and ellipsis
    (0x3000, 0x303F),  # CJK symbols and punctuation
    (0xFF01, 0xFF60),  # fullwidth forms
    (0xFFE0, 0xFFE6),  # fullwidth signs
)


def shrink(font, characters, features, hinting, drop=()):
    """Reduce `font` to these characters and layout features."""
    options = subset.Options()
    options.layout_features = list(features)
    options.name_IDs = ["*"]
    options.name_languages = ["*"]
    options.hinting = hinting
    options.notdef_outline = True
    options.drop_tables += list(drop)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)


def raise_signs(font):
    """Let signs that stand between figures have the form for capitals and figures, which is higher."""
    raised = {character: f"{font.getBestCmap()[character]}.case" for character in FIGURE_SIGNS}
    for table in font["cmap"].tables:
        table.cmap.update({c: glyph for c, glyph in raised.items() if c in table.cmap})


def rename(font, family, style, weight):
    """Give `font` a family name of its own in all tables that hold one."""
    linked = style in ("Regular", "Bold")
    full = f"{family} {style}"
    post = f"{family.replace(' ', '')}-{style}"
    name = font["name"]
    old = name.getDebugName(4)
    version = name.getDebugName(5)
    # Labels of dropped features and localized family names.
    name.names = [r for r in name.names if r.nameID < 256 and r.langID == 0x409]
    for extra in (16, 17):
        name.removeNames(nameID=extra)
    values = {
        1: family if linked else full,
        2: style if linked else "Regular",
        3: f"{post};subset of {old}",
        4: full,
        5: f"{version};gradsim subset",
        6: post,
        10: f"Modified version of {old}: subset and renamed for gradsim.",
    }
    if not linked:
        values.update({16: family, 17: style})
    for name_id, text in values.items():
        name.setName(text, name_id, 3, 1, 0x409)

    os2 = font["OS/2"]
    os2.usWeightClass = weight
    os2.fsSelection = os2.fsSelection & ~0x61 | (0x20 if style == "Bold" else 0x40)
    font["head"].macStyle = 1 if style == "Bold" else 0

    cff = font["CFF "].cff
    top = cff.topDictIndex[0]
    cff.fontNames = [post]
    top.FullName, top.FamilyName = full, family
    if hasattr(top, "FDArray"):
        for part in top.FDArray:
            part.FontName = f"{post}-{part.FontName.split('-')[-1]}"


def main(unpacked, output):
    """Write all five fonts into `output`."""
    fonts = unpacked / "usr/share/fonts/opentype"
    latin_features = ("kern", "tnum", "mark", "ccmp", "sups", "subs")
    # Horizontal only: no vert, vrt2, vkrn, vhal, vpal.
    chinese_features = ("kern", "mark", "ccmp", "liga", "calt", "palt", "halt")

    for style, weight in (("Regular", 400), ("SemiBold", 600), ("Bold", 700)):
        font = TTFont(fonts / f"inter/Inter-{style}.otf", recalcTimestamp=False)
        in_latin = set(font.getBestCmap())
        raise_signs(font)
        shrink(font, LATIN, latin_features, hinting=True)
        rename(font, "Gradsim Sans", style, weight)
        font.save(output / f"GradsimSans-{style}.otf")

    for style, weight in (("Regular", 400), ("Bold", 700)):
        path = fonts / f"noto/NotoSansCJK-{style}.ttc"
        number = 2
        font = TTFont(path, fontNumber=number, recalcTimestamp=False)
        assert font["name"].getDebugName(1) == "Noto Sans CJK SC"
        # Symbols that Inter lacks, the nabla above all, come from here.
        gaps = SYMBOLS - in_latin
        shrink(font, CHINESE | gaps, chinese_features, hinting=False, drop=("vhea", "vmtx", "VORG"))
        rename(font, "Gradsim Sans SC", style, weight)
        # Simplified Chinese alone.  The subsetter clears this bit, and Qt
        # then takes the font for a symbol font.
        font["OS/2"].ulCodePageRange1 = 1 << 18
        font.save(output / f"GradsimSansSC-{style}.otf")


if __name__ == "__main__":
    here = Path(__file__).resolve().parents[1] / "resources" / "fonts"
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else here)
