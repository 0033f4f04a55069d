"""In which letters a form's text was written: UTF-8, unless it says otherwise.

A form says it in three places, the nearest of which counts: the `charset` of a part's
Content-Type, the field `_charset_` (RFC 7578, 4.6), the `charset` of the form's own Content-Type.
"""

from __future__ import annotations

_CODECS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    # As browsers read it (https://encoding.spec.whatwg.org/, read 2026-11-28).
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
    "iso-8859-15": "iso8859_15",
    "iso-8859-2": "iso8859_2",
    "windows-1250": "cp1250",
    "windows-1251": "cp1251",
    "cp1251": "cp1251",
    "iso-8859-5": "iso8859_5",
    "windows-1253": "cp1253",
    "windows-1254": "cp1254",
    "iso-8859-9": "cp1254",
    "windows-1255": "cp1255",
    "windows-1256": "cp1256",
    "windows-1257": "cp1257",
    "windows-1258": "cp1258",
    "windows-874": "cp874",
    "tis-620": "cp874",
    "koi8-r": "koi8_r",
    "koi8-u": "koi8_u",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "ms932": "cp932",
    "euc-jp": "euc_jp",
    "x-euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "x-gbk": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
}
#: What libraries write into each part though nobody chose it, and though the text is UTF-8.
_DECLARED_UNASKED = "cp1252"


def codec_of(charset: str | None) -> str | None:
    """'Shift_JIS' -> 'cp932'; None: not declared, or none that a form is written in.

    SECURITY: a list of our own. Python knows others (punycode, unicode_escape) that take long, or
    make of harmless bytes what was never looked at.
    """
    return _CODECS.get(charset.strip().lower()) if charset else None


def decode(data: bytes, *declared: str | None) -> tuple[str, bool]:
    """The text, and whether all of it could be read; what can't be is U+FFFD.

    The first of `declared` that is known counts.
    """
    codec = next(filter(None, map(codec_of, declared)), "utf-8")
    if codec == _DECLARED_UNASKED and _is_utf_8(data):
        codec = "utf-8"
    try:
        return data.decode(codec), True
    except UnicodeDecodeError:
        return data.decode(codec, errors="replace"), False


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
