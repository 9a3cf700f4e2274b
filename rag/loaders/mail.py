"""E-mail (.eml, mbox) and saved pages (.mhtml) by the standard library's parser; attachments are members."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr
from itertools import pairwise

from rag.errors import SourceError
from rag.loaders import html, markup
from rag.loaders.archive import Member, read_members
from rag.loaders.base import Block, Loaded, Meta, Raw, clean, document, one_line
from rag.loaders.dates import iso_date
from rag.loaders.encoding import Decoded, decode, looks_like
from rag.loaders.plain import paragraphs
from rag.types import Document

_FROM_LINE = re.compile(rb"^From [^\r\n]*\r?\n", re.MULTILINE)
_HEADER_LINE = re.compile(rb"[\x21-\x39\x3b-\x7e]{1,76}:")
_QUOTED = re.compile(r"(?:>[ \t]?)+")
_BEGINS_QUOTE = re.compile(r">(?:>? |>?$)")  # ">50 percent" and ">>> code" are the writer's own
# "On 3 May 2021, Ann Lee wrote:" as a paragraph, or the first of the lines "From: Ann Lee", "Sent: 3 May 2021".
_HEADS_LETTER = re.compile(
    r"\AOn [^\n]{6,100}(?:\n[^\n]{0,60})?(?<=\s)wrote:\Z|^From: [^\n]+(?=\n(?:Sent|Date|To): )", re.MULTILINE
)
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)  # so that it begins no message (mbox)
_MESSAGES = ("message/rfc822", "message/global")
# What the parser raises on headers and bodies that only look like some.
_DAMAGE = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    RecursionError,
    email.errors.MessageError,
)


def load_eml(raw: Raw) -> Loaded:
    """The message as one document, and the documents of its attachments. Raises :class:`SourceError`."""
    if not _HEADER_LINE.match(raw.data.lstrip()[:200]):
        kind = looks_like(raw.data) or "something without header lines"
        raise SourceError(f"{raw.uri} is not an e-mail", why=f"it is {kind}", fix="give it the ending of what it is")
    message = _parsed(raw, raw.data.lstrip())
    return read_members(raw, _attachments(message), _documents(raw, message))


def load_mbox(raw: Raw) -> Loaded:
    """Every message as a document ``mbox#<Message-ID>``. A message that cannot be read is reported by its number."""
    lines = [match.span() for match in _FROM_LINE.finditer(raw.data)]
    spans = [(a[1], b[0]) for a, b in pairwise([*lines, (len(raw.data), len(raw.data))])]
    documents: list[Document] = []
    failures: list[str] = []
    keys: set[str] = set()
    for number, (start, end) in enumerate(spans, 1):
        data = _ESCAPED.sub(rb"\1", raw.data[start:end])
        try:
            message = _parsed(raw, data)
            key = _header(message, "Message-ID").strip("<>") or str(number)
            key = key if key not in keys else f"{key} ({number})"
            keys.add(key)
            part = raw.part(data, uri=f"{raw.uri}#{key}")
            loaded = read_members(part, _attachments(message), _documents(part, message))
        except SourceError as error:
            failures.append(f"message {number}: {error.why or error.what}")
            continue
        documents += loaded.documents
        failures += [f"message {number}: {failure}" for failure in loaded.failures]
    if not documents:
        why = failures[0] if failures else "no line begins with 'From '"
        raise SourceError(f"{raw.uri} has no message that can be read", why=why, fix="export it again as mbox")
    return Loaded(tuple(documents), tuple(failures))


def load_mhtml(raw: Raw) -> Loaded:
    """The page of a saved web page. Raises :class:`SourceError` if there is none in it."""
    message = _parsed(raw, raw.data.lstrip())
    for part in message.walk():
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            address = _header(part, "Content-Location") or _header(message, "Snapshot-Content-Location")
            return Loaded((html.page(raw, _body_text(part, raw.uri), link=address),))
    raise SourceError(f"{raw.uri} cannot be read", why="there is no web page in it", fix="save the page again")


def _parsed(raw: Raw, data: bytes) -> Message:
    try:
        return email.message_from_bytes(data, policy=email.policy.compat32)
    except _DAMAGE as error:
        raise SourceError(f"{raw.uri} is damaged", why=one_line(str(error)), fix="save it again") from None


def _documents(raw: Raw, message: Message) -> tuple[Document, ...]:
    """The message itself; nothing if it only carries attachments."""
    blocks, decoded = _body(message, raw.uri)
    if not blocks:
        return ()
    name, address = parseaddr(_header(message, "From"))
    meta = Meta(
        title=_header(message, "Subject"),
        author=name or address,
        published=iso_date(_header(message, "Date")),
        language=_header(message, "Content-Language"),
        link=_header(message, "Archived-At").strip("<>"),
        encoding=decoded.encoding,
        notes=decoded.notes,
    )
    return (document(raw, blocks, meta),)


def _body(message: Message, uri: str) -> tuple[list[Block], Decoded]:
    """The plain text of a message, else its HTML; all parts that are shown, in order."""
    texts: dict[str, list[Decoded]] = {"text/plain": [], "text/html": []}
    for part in _parts(message):
        if part.get_content_type() in texts and not _file_name(part):
            try:
                texts[part.get_content_type()].append(_body_text(part, uri))
            except SourceError:
                continue  # an empty part
    if found := texts["text/plain"]:
        return [block for one in found for block in _letters(clean(one.text))], found[0]
    found = texts["text/html"] or [Decoded("", "utf-8")]
    return [block for one in found for block in markup.blocks_in(one.text)], found[0]


def _letters(text: str) -> Iterator[Block]:
    """The text of a message; lines that say whose an earlier one is head it, unless answers stand between its lines."""
    marks = [bool(_BEGINS_QUOTE.match(line)) for line in text.split("\n") if line.strip()]
    between = any(marks) and not marks[-1]
    for block in paragraphs(_unquoted(text)):
        head = None if between else _HEADS_LETTER.search(block.text.strip())
        if head is None:
            yield block
            continue
        text = block.text.strip()
        yield Block(text[: head.start()])
        yield Block(head[0], "heading", level=2)
        yield Block(text[head.end() :], tight=True)


def _unquoted(text: str) -> str:
    """The text without the ">" before the lines of earlier messages; where these begin and end, paragraphs do."""
    lines: list[str] = []
    depth = 0
    for line in text.split("\n"):
        marks = _QUOTED.match(line)
        level = marks[0].count(">") if marks and (depth or _BEGINS_QUOTE.match(line)) else 0
        lines += [""] * (level != depth) + [line[marks.end() :] if marks and level else line]
        depth = level
    return "\n".join(lines)


def _body_text(part: Message, uri: str) -> Decoded:
    try:
        charset = part.get_content_charset() or ""
    except _DAMAGE:
        charset = ""
    return decode(_payload(part), uri=uri, hint=charset)


def _payload(part: Message) -> bytes:
    """The content as it was before it was sent; none where it is damaged."""
    try:
        content = part.get_payload(decode=True)
    except _DAMAGE:
        return b""
    return content if isinstance(content, bytes) else b""


def _parts(part: Message) -> Iterator[Message]:
    """The part and those in it, but not those of a message that is attached to it."""
    yield part
    if part.get_content_maintype() == "multipart":
        for inner in _inner(part):
            yield from _parts(inner)


def _inner(part: Message) -> list[Message]:
    return [each for each in part.get_payload() if isinstance(each, Message)] if part.is_multipart() else []


def _attachments(message: Message) -> Iterator[Member]:
    for part in _parts(message):
        name, inner = _file_name(part), _inner(part)
        if inner and part.get_content_type() in _MESSAGES:
            yield _attached_message(inner[0], name)
        elif name and not inner:
            yield name, _payload(part)


def _attached_message(message: Message, name: str) -> Member:
    name = name or _header(message, "Subject").replace("/", " ").replace("\\", " ") or "message"
    name = name if name.lower().endswith(".eml") else f"{name}.eml"
    try:
        return name, message.as_bytes()
    except _DAMAGE as error:
        return name, SourceError(name, why=one_line(str(error)), fix="save it by itself")


def _file_name(part: Message) -> str:
    """The base name of an attached file, "" for a part that is shown."""
    try:
        return one_line(part.get_filename() or "").replace("\\", "/").rpartition("/")[2]
    except _DAMAGE:
        return ""


def _header(message: Message, name: str) -> str:
    try:
        value = message.get(name)
        return one_line(str(make_header(decode_header(str(value))))) if value else ""
    except _DAMAGE:
        return ""
