"""From bytes to text: what the label says, if it is a charset of mail, else what the bytes say.

Only charsets named here are used. Python's other codecs (zlib, idna, unicode_escape ...) are not
charsets of mail, and a sender must not be able to choose them. UTF-7 (RFC 2152) is read where a
mail says so and never guessed: what it hides from a browser is plain text before HTML is cleaned.
"""

from __future__ import annotations

import re
from typing import Final

from emailchannel.mail.text import words

_CODECS: Final = words(
    "utf_7 utf_8 utf_16 utf_16_be utf_16_le utf_32 utf_32_be utf_32_le gb18030 big5hkscs hz "
    "iso2022_kr cp932 euc_jis_2004 iso2022_jp_ext cp949 johab koi8_r koi8_u koi8_t kz1048 ptcp154 "
    "mac_roman mac_cyrillic mac_greek mac_turkish mac_latin2 mac_iceland cp437 cp720 cp737 cp775 "
    "cp850 cp852 cp855 cp856 cp857 cp858 cp860 cp861 cp862 cp863 cp864 cp865 cp866 cp869 cp874 "
    "cp1006 cp1125 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp037 cp500 "
    "cp1140 iso8859_2 iso8859_3 iso8859_4 iso8859_5 iso8859_6 iso8859_7 iso8859_8 iso8859_10 "
    "iso8859_13 iso8859_14 iso8859_15 iso8859_16"
)
# Keys have lost everything but letters and digits. Supersets replace their subsets, as browsers do
# (WHATWG Encoding Standard): a mail labelled gb2312 or iso-8859-1 is often gbk or windows-1252.
_ALIASES: Final = {
    "unicode11utf7": "utf_7",
    "utf8": "utf_8", "utf8mb4": "utf_8", "unicode11utf8": "utf_8", "xunknownutf8": "utf_8",
    "utf16": "utf_16", "unicode": "utf_16", "utf16be": "utf_16_be", "utf16le": "utf_16_le",
    "utf32": "utf_32", "utf32be": "utf_32_be", "utf32le": "utf_32_le",
    "iso88591": "cp1252", "latin1": "cp1252", "l1": "cp1252", "ansi": "cp1252", "ibm819": "cp1252",
    "iso88599": "cp1254", "latin5": "cp1254", "latin2": "iso8859_2", "latin9": "iso8859_15",
    "iso885911": "cp874", "tis620": "cp874", "iso88598i": "iso8859_8", "iso88598e": "iso8859_8",
    "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "xgbk": "gb18030",
    "cp936": "gb18030", "euccn": "gb18030", "gb231280": "gb18030", "chinesesimplified": "gb18030",
    "hzgb2312": "hz", "big5": "big5hkscs", "xbig5": "big5hkscs", "cp950": "big5hkscs",
    "big5hkscs": "big5hkscs", "shiftjis": "cp932", "sjis": "cp932", "xsjis": "cp932",
    "windows31j": "cp932", "mskanji": "cp932", "eucjp": "euc_jis_2004", "xeucjp": "euc_jis_2004",
    "iso2022jp": "iso2022_jp_ext", "iso2022jp1": "iso2022_jp_ext", "iso2022jp2": "iso2022_jp_ext",
    "iso2022jpms": "iso2022_jp_ext", "cp50220": "iso2022_jp_ext", "csiso2022jp": "iso2022_jp_ext",
    "iso2022kr": "iso2022_kr", "euckr": "cp949", "ksc56011987": "cp949", "ksc5601": "cp949",
    "uhc": "cp949", "koi8": "koi8_r", "koi8ru": "koi8_u", "macintosh": "mac_roman",
    "xmacroman": "mac_roman", "xmaccyrillic": "mac_cyrillic", "ibm850": "cp850",
}  # fmt: skip
_BY_KEY: Final = {re.sub(r"[^a-z0-9]", "", name): name for name in _CODECS} | _ALIASES
_SAMPLE: Final = 6_000


def codec(label: str | None) -> str | None:
    """Name of the Python codec for a charset label, or None if it is no charset of mail."""
    if not label:
        return None
    key = re.sub(r"[^a-z0-9]", "", label[:80].split("*")[0].lower())
    found = _BY_KEY.get(key)
    if found is None and key.startswith(("windows", "xcp", "xwindows", "win", "ibm", "dos", "cs")):
        found = _BY_KEY.get("cp" + key.lstrip("abcdefghijklmnopqrstuvwxyz"))
    return found


def decode(data: bytes, label: str | None = None, fallback: str | None = None) -> tuple[str, bool]:
    """Text of `data`, and whether the charset had to be guessed. Never raises.

    Order: the label, strictly; UTF-8, strictly; the label with replacements if few bytes are
    wrong; `fallback` (another label of the same mail); a guess.
    """
    if not data:
        return "", False
    name = codec(label)
    if name is None and b"\x1b$" in data[:_SAMPLE]:
        name = "iso2022_jp_ext"
    if data.isascii() and name not in _SEVEN_BIT:
        return data.decode("ascii"), False
    for candidate in (name, "utf_8"):
        text = _strictly(data, candidate)
        if text is not None:
            return text, name is None
    if name is not None:
        text = data.decode(name, "replace")
        if text.count("\ufffd") * 20 <= len(data) + 60:
            return text, False
    text = _strictly(data, codec(fallback))
    return (text if text is not None else _guess(data)), True


_SEVEN_BIT: Final = words(
    "iso2022_jp_ext iso2022_kr hz utf_7 utf_16 utf_16_be utf_16_le utf_32 utf_32_be utf_32_le "
    "cp037 cp500 cp1140"
)


def _strictly(data: bytes, name: str | None) -> str | None:
    if name is None:
        return None
    try:
        text = data.decode(name)
    except (UnicodeError, ValueError):
        return None
    return text[1:] if text.startswith("\ufeff") else text


# Charsets of DOS, of the Macintosh and of rare scripts are believed on good evidence only.
_PLAUSIBLE: Final = words(
    "cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 koi8_r koi8_u iso8859_2 "
    "iso8859_5 iso8859_7 iso8859_8 iso8859_15 gb18030 big5hkscs cp932 euc_jis_2004 cp949"
)


def _guess(data: bytes) -> str:
    import chardet  # noqa: PLC0415 - 29 ms, needed for unlabelled 8-bit text only

    start = next((i for i in range(0, len(data), 1_000) if not data[i : i + 1_000].isascii()), 0)
    sample = data[max(0, start - 1_000) : start + _SAMPLE]
    name = _double_byte(sample)
    if name is None:
        found = chardet.detect(sample)
        name = codec(found.get("encoding"))
        if name not in _PLAUSIBLE and (found.get("confidence") or 0) < 0.2:
            name = "cp1252"
    return data.decode(name or "cp1252", "replace")


_RUN: Final = re.compile(rb"[\x80-\xff]{2,}")


def _double_byte(sample: bytes) -> str | None:
    """The charset of text that is mostly EUC pairs, told apart by the frequent characters.

    Chinese fills rows B0 to D7 of GB 2312 and Korean the Hangul rows B0 to C8 of KS X 1001;
    Japanese EUC lives in the kana rows A4 and A5.
    """
    runs = _RUN.findall(sample)
    leads = [lead for run in runs for lead in run[: len(run) & ~1 : 2]]
    high = len(sample) - len(sample.translate(None, bytes(range(128, 256))))
    even = sum(len(run) for run in runs if not len(run) & 1)
    if len(leads) < 8 or even < 0.9 * high:
        return None
    if sum(byte >= 0xA1 for run in runs for byte in run) < 0.98 * high:
        return None
    share = len(leads)
    if sum(lead in (0xA4, 0xA5) for lead in leads) > 0.3 * share:
        return "euc_jis_2004"
    if sum(0xC9 <= lead <= 0xD7 for lead in leads) > 0.15 * share:
        return "gb18030" if sum(0xB0 <= lead <= 0xD7 for lead in leads) > 0.6 * share else None
    return "cp949" if sum(0xB0 <= lead <= 0xC8 for lead in leads) > 0.8 * share else None
