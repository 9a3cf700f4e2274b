"""Word, EPUB, mail, feeds, saved pages and archives: written with the real libraries, read back, damaged on purpose."""

from __future__ import annotations

import gzip
import html
import io
import lzma
import tarfile
import warnings
import zipfile
from email.message import EmailMessage

import docx
import pytest
from docx.document import Document as WordFile
from docx.oxml import parse_xml as docx_element

from rag.errors import SourceError
from rag.loaders import Loaded, load
from rag.loaders.compressed import open_zip, read_member
from rag.types import Document

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def read(data: bytes, name: str) -> Loaded:
    loaded = load(data, uri=f"/data/{name}", name=name)
    for document in loaded.documents:
        for anchor in document.anchors:
            assert 0 <= anchor.start < anchor.end <= len(document.text)
            if anchor.kind == "section":
                assert document.text[anchor.start :].startswith(anchor.label)
    return loaded


def one(data: bytes, name: str) -> Document:
    (document,) = read(data, name).documents
    return document


def anchors(document: Document, kind: str) -> list[tuple[str, str]]:
    return [(a.label, document.text[a.start : a.end]) for a in document.anchors if a.kind == kind]


def saved(file: WordFile) -> bytes:
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def word() -> bytes:
    file = docx.Document()
    file.core_properties.title, file.core_properties.author = "The harbour", "Mara Lind"
    file.add_heading("The harbour", level=1)
    file.add_paragraph("It was dredged for ").add_run("nine months.").bold = True
    file.add_heading("Berths", level=2)
    file.add_paragraph("freight", style="List Bullet")
    file.add_paragraph("ferries", style="List Bullet")
    table = file.add_table(rows=3, cols=2)
    for row, values in zip(table.rows, [("Year", "Ships"), ("2020", "310"), ("2021", "290")], strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value
    changed = "<w:ins><w:r><w:t>Added.</w:t></w:r></w:ins><w:del><w:r><w:delText>Gone.</w:delText></w:r></w:del>"
    inserted = f'<w:p xmlns:w="{W}">{changed}</w:p>'
    control = f'<w:sdt xmlns:w="{W}"><w:sdtContent><w:p><w:r><w:t>In a form.</w:t></w:r></w:p></w:sdtContent></w:sdt>'
    for element in (inserted, control):
        file.element.body.insert(-1, docx_element(element))
    return saved(file)


def test_word_file() -> None:
    document = one(word(), "a.docx")
    assert document.text == (
        "The harbour\n\nIt was dredged for nine months.\n\nBerths\n\n- freight\n- ferries\n\n"
        "Year: 2020 | Ships: 310\n\nYear: 2021 | Ships: 290\n\nAdded.\n\nIn a form."
    )
    assert (document.title, document.author) == ("The harbour", "Mara Lind")
    assert [label for label, _ in anchors(document, "section")] == ["The harbour", "Berths"]
    assert anchors(document, "row")[1] == ("row 2", "Year: 2021 | Ships: 290")


def test_headings_of_a_word_file_stand_below_its_title() -> None:
    file = docx.Document()
    file.core_properties.author = "python-docx"
    file.add_heading("Quarterly report", level=0)
    for name in ("Highlights", "Outlook"):
        file.add_heading(name, level=1)
        file.add_paragraph("The harbour had a good quarter.")
    document = one(saved(file), "a.docx")
    assert (document.title, document.author) == ("Quarterly report", "")
    found = [(anchor.level, anchor.label) for anchor in document.anchors]
    assert found == [(1, "Quarterly report"), (2, "Highlights"), (2, "Outlook")]
    assert document.anchors[0].end == len(document.text)


def made_of(*elements: str) -> Document:
    """The document of a Word file with these elements."""
    file = docx.Document()
    for element in elements:
        file.element.body.insert(-1, docx_element(element.replace(">", f' xmlns:w="{W}">', 1)))
    return one(saved(file), "a.docx")


def run(text: str, settings: str = "") -> str:
    return f'<w:r><w:rPr>{settings}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def test_words_that_a_word_file_moved_away_or_hides_are_not_read() -> None:
    moved = f"<w:moveFrom>{run('old')}</w:moveFrom><w:moveTo>{run('new')}</w:moveTo>"
    hidden = run(" secret", "<w:vanish/>") + run(" shown", '<w:vanish w:val="0"/>')
    raised = run(" 10") + run("6", '<w:vertAlign w:val="superscript"/>')
    assert made_of(f"<w:p>{moved}{hidden}{raised}</w:p>").text == "new shown 10⁶"


def test_a_sentence_of_which_a_paragraph_end_was_deleted_is_whole() -> None:
    deleted = '<w:pPr><w:rPr><w:del w:id="1" w:author="M"/></w:rPr></w:pPr>'
    first, second = (f"<w:p>{deleted}{run(words)}</w:p>" for words in ("It was dredged ", "for nine "))
    item = f'<w:p><w:pPr><w:pStyle w:val="ListBullet"/></w:pPr>{run("months.")}</w:p>'
    assert made_of(first, second, item, f"<w:p>{run('Then it opened.')}</w:p>").text == (
        "- It was dredged for nine months.\n\nThen it opened."
    )


def test_formulas_of_a_word_file_stay_in_their_sentence() -> None:
    def letters(text: str, tag: str) -> str:
        return f"<m:{tag}><m:r><m:t>{text}</m:t></m:r></m:{tag}>"

    space = "http://schemas.openxmlformats.org/officeDocument/2006/math"
    power, half = (letters("10", "e") + letters("6", "sup"), letters("1", "num") + letters("2", "den"))
    formula = f'<m:oMath xmlns:m="{space}"><m:sSup>{power}</m:sSup><m:r><m:t>+</m:t></m:r><m:f>{half}</m:f></m:oMath>'
    assert made_of(f"<w:p>{run('It is ')}{formula}{run(' tonnes.')}</w:p>").text == "It is 10⁶+1/2 tonnes."


@pytest.mark.parametrize(
    ("head", "row"),
    [
        (("Port", "2023", "2024"), "Port: East | 2023: 7 | 2024: 8"),
        (("", "FY 2023", "FY 2024"), "East | FY 2023: 7 | FY 2024: 8"),
        (("", "Ships", "Boats"), "East | Ships: 7 | Boats: 8"),
        (("West", "5", "6"), "East | 7 | 8"),
        (("2022", "2023", "2024"), "East | 7 | 8"),
    ],
)
def test_years_and_an_empty_corner_head_the_columns_of_a_word_file(head: tuple[str, ...], row: str) -> None:
    cells = ("".join(f"<w:tc><w:p>{run(cell)}</w:p></w:tc>" for cell in line) for line in (head, ("East", "7", "8")))
    assert made_of(f"<w:tbl>{''.join(f'<w:tr>{line}</w:tr>' for line in cells)}</w:tbl>").text.split("\n")[-1] == row


@pytest.mark.parametrize(
    ("table", "lines"),
    [
        (["Year|MW by coal*2", "2020|11|12"], ["Year: 2020 | MW by coal: 11 | 12"]),
        (["Year|MW|GWh", "North*3", "2020|none*2"], ["North", "Year: 2020 | MW: none"]),
        (["Year*2|MW", "2020|11*2"], ["Year: 2020 | MW: 11"]),
        (["Year|MW", "2020|11|12"], ["Year | MW", "2020 | 11 | 12"]),
    ],
)
def test_no_name_of_a_column_of_a_word_file_is_lost(table: list[str], lines: list[str]) -> None:
    def cell(text: str, _: str, columns: str) -> str:
        return f'<w:tc><w:tcPr><w:gridSpan w:val="{columns}"/></w:tcPr><w:p>{run(text)}</w:p></w:tc>'

    made = ("".join(cell(*each.partition("*")) for each in line.split("|")) for line in table)
    document = made_of(f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in made)}</w:tbl>")
    assert [line for _, line in anchors(document, "row")] == lines


def test_a_text_box_stands_below_its_paragraph() -> None:
    head = f'<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr>{run("Box")}</w:p><w:p>{run("In it.")}</w:p>'
    box = f"<w:r><w:pict><w:txbxContent>{head}</w:txbxContent></w:pict></w:r>"
    document = made_of(f"<w:p>{box}{run('Beside it.')}</w:p>")
    assert document.text == "Beside it.\n\nBox\n\nIn it."
    assert [label for label, _ in anchors(document, "section")] == ["Box"]


def test_cells_of_a_word_file_keep_their_paragraphs_apart_and_are_read_once() -> None:
    inner = f"<w:tbl><w:tr><w:tc><w:p>{run('Within.')}</w:p></w:tc></w:tr></w:tbl>"
    cell = f"<w:tc><w:p>{run('One.')}</w:p><w:p>{run('Two.')}</w:p>{inner}</w:tc>"
    top = f"<w:tr><w:tc><w:p>{run('Ships')}</w:p></w:tc></w:tr>"
    names = f"<w:tr><w:tc><w:p>{run('Year')}</w:p></w:tc><w:tc><w:p>{run('Note')}</w:p></w:tc></w:tr>"
    row = f"<w:tr><w:tc><w:p>{run('2020')}</w:p></w:tc>{cell}</w:tr>"
    document = made_of(f"<w:tbl>{top}{names}{row}</w:tbl>")
    assert document.text == "Ships\n\nYear: 2020 | Note: One. Two. Within."


def zipped(members: dict[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


OPF = """<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">
<metadata><dc:title>Lamps</dc:title><dc:creator>Ada Berg</dc:creator><dc:creator>Bo</dc:creator>
<dc:date>1907-03</dc:date><dc:language>en</dc:language></metadata><manifest>
<item id="n" href="nav.xhtml" media-type="application/xhtml+xml"
properties="nav"/><item id="b" href="two%20b.xhtml" media-type="application/xhtml+xml"/>
<item id="a" href="one.xhtml" media-type="application/xhtml+xml"/>
<item id="x" href="gone.xhtml" media-type="application/xhtml+xml"/></manifest>
<spine><itemref idref="n"/><itemref idref="a"/><itemref idref="b"/><itemref idref="x"/></spine></package>"""
CONTAINER = '<container><rootfiles><rootfile full-path="text/book.opf"/></rootfiles></container>'


def chapter(title: str, body: str) -> str:
    return f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body><h1>{title}</h1>{body}</body></html>'


BOOK: dict[str, bytes | str] = {
    "mimetype": "application/epub+zip",
    "META-INF/container.xml": CONTAINER,
    "text/book.opf": OPF,
    "text/nav.xhtml": chapter("Contents", "<nav>list of chapters</nav>"),
    "text/two b.xhtml": chapter("Oil", "<p>Three litres &amp; more.</p><script>bad()</script>"),
    "text/one.xhtml": chapter("The lamp", "<p>It was lit at <i>dusk</i>.</p><p hidden=''>hidden</p>"),
}


def test_epub_is_read_in_the_order_of_its_spine() -> None:
    document = one(zipped(BOOK), "a.epub")
    assert document.text == "The lamp\n\nIt was lit at dusk.\n\nOil\n\nThree litres & more."
    assert (document.title, document.author, document.published) == ("Lamps", "Ada Berg, Bo", "1907-03")
    assert len(document.report.notes) == 1 and "text/gone.xhtml is left out" in document.report.notes[0]


def test_locked_epub_says_so() -> None:
    lock = '<encryption><EncryptedData><CipherReference URI="text/one.xhtml"/></EncryptedData></encryption>'
    with pytest.raises(SourceError, match="locked"):
        read(zipped({**BOOK, "META-INF/encryption.xml": lock}), "a.epub")


def letter(subject: str = "Berths för alla", attach: bool = True) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["Subject"] = "Mara Lind <mara@coast.example>", subject
    message["Date"], message["Message-ID"] = "Thu, 04 May 2023 23:30:00 +0200", "<1@coast.example>"
    message.set_content("Dear all,\n\nthe berths are free från Friday.\n\nMara", charset="iso-8859-1")
    message.add_alternative("<p>the <b>HTML</b> body</p>", subtype="html")
    if attach:
        message.add_attachment(b"It rained all day.", maintype="text", subtype="plain", filename="../rain.txt")
        message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="logo.png")
    return message


def test_mail_and_its_attachments() -> None:
    loaded = read(bytes(letter()), "a.eml")
    mail, rain = loaded.documents
    assert (mail.title, mail.author, mail.published) == ("Berths för alla", "Mara Lind", "2023-05-04")
    assert mail.text == "Dear all,\n\nthe berths are free från Friday.\n\nMara"
    assert (rain.uri, rain.text) == ("/data/a.eml!/rain.txt", "It rained all day.")
    assert loaded.failures == ("files of types that are not read: .png (1)",)


def test_a_forwarded_message_is_a_document_of_its_own() -> None:
    forward = EmailMessage()
    forward["From"], forward["Subject"] = "Bo Ek <bo@coast.example>", "Fwd: berths"
    forward.set_content("See below.")
    forward.add_attachment(letter())
    loaded = read(bytes(forward), "a.eml")
    assert [(d.uri, d.author, d.text.partition("\n")[0]) for d in loaded.documents] == [
        ("/data/a.eml", "Bo Ek", "See below."),
        ("/data/a.eml!/Berths för alla.eml", "Mara Lind", "Dear all,"),
        ("/data/a.eml!/Berths för alla.eml!/rain.txt", "", "It rained all day."),
    ]
    assert loaded.failures == ("Berths för alla.eml: files of types that are not read: .png (1)",)


def test_a_report_of_a_mail_that_did_not_arrive_gives_its_words_and_the_mail() -> None:
    data = (
        b"From: Post <post@coast.example>\nSubject: Returned\nMIME-Version: 1.0\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\n\n'
        b"--B\nContent-Type: text/plain\n\nNobody lives there.\n\n"
        b'--B\nContent-Type: message/delivery-status; name="details.txt"\n\nReporting-MTA: dns; coast.example\n\n'
        b"Action: failed\n\n--B\nContent-Type: message/rfc822\nContent-Disposition: attachment; "
        b'filename="Letter"\n\nFrom: Mara Lind <mara@coast.example>\nSubject: Rain\n\nIt rained.\n\n--B--\n'
    )
    loaded = read(data, "a.eml")
    assert [(d.uri, d.author, d.text) for d in loaded.documents] == [
        ("/data/a.eml", "Post", "Nobody lives there."),
        ("/data/a.eml!/Letter.eml", "Mara Lind", "It rained."),
    ]
    assert loaded.failures == ()


def test_the_marks_of_earlier_messages_are_no_part_of_their_sentences() -> None:
    reply = EmailMessage()
    reply["Subject"] = "Pool"
    reply.set_content(
        "Thanks.\n\nOn 12 Apr Rhys wrote:\n> On the first\n> Saturday it was 16 degrees.\n>\n>> Is it warm?\n\nMara"
    )
    text = read(bytes(reply), "a.eml").documents[0].text
    assert text == (
        "Thanks.\n\nOn 12 Apr Rhys wrote:\n\nOn the first\nSaturday it was 16 degrees.\n\nIs it warm?\n\nMara"
    )
    box = b"From a\nSubject: Box\n\nIt rained.\n>From June on it was dry.\n"
    assert read(box, "a.mbox").documents[0].text == "It rained.\nFrom June on it was dry."
    reply.set_content("It rose to\n>50 percent of runs:\n>>> print(1)")
    assert read(bytes(reply), "a.eml").documents[0].text == "It rose to\n>50 percent of runs:\n>>> print(1)"


def test_mail_with_html_only() -> None:
    message = EmailMessage()
    message["Subject"] = "Hi"
    message.set_content(
        "<html><title>Hi</title><style>p{}</style><p>One <q>1</q>.</p><p>Two.</p></html>", subtype="html"
    )
    assert one(bytes(message), "a.eml").text == "One “1”.\n\nTwo."


def test_mbox_reports_messages_without_text_and_keeps_the_rest() -> None:
    empty = b"From x\nSubject: none\n\n"
    data = b"From x\n" + bytes(letter(attach=False)) + b"\n" + empty + b"From y\nSubject: Two\n\nSecond text.\n"
    loaded = read(data, "a.mbox")
    assert [d.uri for d in loaded.documents] == ["/data/a.mbox#1@coast.example", "/data/a.mbox#3"]
    assert loaded.documents[1].text == "Second text." and loaded.failures[0].startswith("message 2: ")


def test_an_attachment_in_an_impossible_encoding_costs_no_other_message() -> None:
    first = b"From a\nSubject: One\n\nIt rained.\n"
    head = b'From b\nSubject: Two\nContent-Type: multipart/mixed; boundary="B"\n\n--B\n\nIt snowed.\n--B\n'
    attached = b'Content-Type: text/plain; charset=idna; name="x.txt"\n\n\xe9a..b\n--B--\n'
    documents = read(first + head + attached, "a.mbox").documents
    assert [d.text for d in documents] == ["It rained.", "It snowed.", "éa..b"]


RSS = """<?xml version="1.0"?><rss xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Coast</title>
<item><title>Rain</title><link>https://c.example/1</link><guid>g1</guid><pubDate>Thu, 04 May 2023 10:00:00 GMT</pubDate>
<description>short</description><content:encoded><![CDATA[<p>It rained.</p><script>bad()</script><p>Then not.</p>]]>
</content:encoded></item><item><link>https://c.example/2</link></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Coast</title><entry><id>tag:1</id><title>Snow</title>
<link rel="edit" href="https://c.example/e"/><link href="https://c.example/s"/><author><name>Bo</name></author>
<updated>2021-01-02T00:00:00Z</updated><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>It snowed.</p>
</div></content></entry></feed>"""


def test_feeds() -> None:
    loaded = read(RSS.encode(), "a.rss")
    (rain,) = loaded.documents
    assert (rain.uri, rain.title, rain.publisher) == ("/data/a.rss#g1", "Rain", "Coast")
    assert (rain.published, rain.link) == ("2023-05-04", "https://c.example/1")
    assert rain.text == "Rain\n\nIt rained.\n\nThen not." and loaded.failures == ("entry 2: no text in it",)
    snow = one(ATOM.encode(), "a.xml")
    assert (snow.author, snow.link, snow.text) == ("Bo", "https://c.example/s", "Snow\n\nIt snowed.")


@pytest.mark.parametrize(
    ("author", "name"),
    [("mara@c.example (Mara Lind)", "Mara Lind"), ("mara@c.example", "mara@c.example"), ("Bo (Post)", "Bo (Post)")],
)
def test_the_author_in_a_feed_is_named_without_the_address(author: str, name: str) -> None:
    assert one(RSS.replace("<title>Rain", f"<author>{author}</author><title>Rain").encode(), "a.rss").author == name


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Tom &#038; Jerry&#8217;s boat", "Tom & Jerry’s boat"),
        ("The <em>Ever Given</em>", "The Ever Given"),
        ("The <dialog> element", "The <dialog> element"),
        ("AT&T; a < b", "AT&T; a < b"),
    ],
)
def test_titles_and_texts_of_a_feed_are_read_as_escaped_html(title: str, shown: str) -> None:
    entry = f"<title><![CDATA[{title}]]></title><description><![CDATA[{title} sold 5&#160;%]]></description>"
    document = one(
        f"<rss><channel><title><![CDATA[{title}]]></title><item>{entry}</item></channel></rss>".encode(), "a.rss"
    )
    assert (document.title, document.publisher) == (shown, shown)
    assert document.text.endswith("sold 5\xa0%") and document.text.startswith(f"{shown}\n\n")


def test_the_publisher_of_a_feed_is_never_the_title_of_an_entry() -> None:
    assert one(RSS.replace("<title>Coast</title>", "").encode(), "a.rss").publisher == ""
    rdf = (
        '<rdf:RDF xmlns:rdf="urn:rdf"><channel><title>Coast</title></channel><item><title>Rain</title></item></rdf:RDF>'
    )
    assert one(rdf.encode(), "a.rss").publisher == "Coast"


def test_xml_that_is_no_feed_is_refused_and_entities_are_not_followed() -> None:
    with pytest.raises(SourceError, match="neither RSS nor Atom"):
        read(b"<note><to>Bo</to></note>", "a.xml")
    hostile = '<!DOCTYPE rss [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + RSS.partition("?>")[2]
    document = one(hostile.replace("<title>Rain", "<title>&e;Rain").encode(), "a.rss")
    assert document.title == "&e;Rain"


@pytest.mark.parametrize("half", ["&#xD800;", "&#x00dfff;", "&#55296;", "&#57343;"])
def test_half_a_character_in_a_feed_or_a_book_costs_that_character(half: str) -> None:
    rain = one(RSS.replace("<title>Rain", f"<title>Rain {half}").replace("g1", f"g1{half}").encode(), "a.rss")
    assert (rain.uri, rain.title, rain.text[:6]) == ("/data/a.rss#g1\ufffd", "Rain \ufffd", "Rain \ufffd")
    book = one(zipped({**BOOK, "text/book.opf": OPF.replace("Ada", f"{half}Ada")}), "a.epub")
    assert book.author == "\ufffdAda Berg, Bo"


@pytest.mark.parametrize("whole", ["&#xD7FF;", "&#xE000;", "&#55295;", "&#57344;", "&#552960;", "&#x1D800;"])
def test_other_numbered_characters_stay(whole: str) -> None:
    assert (
        one(RSS.replace("<title>Rain", f"<title>{whole}Rain").encode(), "a.rss").title == html.unescape(whole) + "Rain"
    )


def test_saved_page() -> None:
    sentence = "The harbour reopened on Tuesday after nine months of dredging, the council said in a letter."
    page = f"<html><body><article><h1>Harbour</h1><p>{sentence}</p></article></body></html>"
    data = (
        "From: <Saved>\r\nSnapshot-Content-Location: https://c.example/h\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related; boundary="B"\r\n\r\n--B\r\nContent-Type: text/html; charset=utf-8\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\nContent-Location: https://c.example/harbour\r\n\r\n"
        + page.replace("=", "=3D")
        + "\r\n--B\r\nContent-Type: image/png\r\n\r\nx\r\n--B--\r\n"
    ).encode()
    document = one(data, "a.mhtml")
    assert document.text == f"Harbour\n\n{sentence}" and document.link == "https://c.example/harbour"


def tarred(members: dict[str, bytes], *, link: str = "") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        if link:
            info = tarfile.TarInfo(link)
            info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(info)
    return out.getvalue()


MEMBERS = {"a/rain.txt": b"It rained.", "b/rain.txt": b"It rained.", "x.png": b"\x89PNG", "bad.pdf": b"no pdf"}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.zip", zipped({**MEMBERS, "__MACOSX/._rain.txt": b"x", "../up.txt": b"It snowed."})),
        ("a.tar", tarred({**MEMBERS, "../up.txt": b"It snowed."})),
        ("a.tar.gz", gzip.compress(tarred({**MEMBERS, "../up.txt": b"It snowed."}))),
        ("a.txz", lzma.compress(tarred({**MEMBERS, "../up.txt": b"It snowed."}))),
    ],
)
def test_archives_give_their_members_and_say_what_was_left(name: str, data: bytes) -> None:
    loaded = read(data, name)
    assert [d.uri for d in loaded.documents] == [f"/data/{name}!/a/rain.txt", f"/data/{name}!/b/rain.txt"]
    assert loaded.documents[0].revision == loaded.documents[1].revision
    left = "\n".join(loaded.failures)
    assert "bad.pdf: it is not a whole PDF" in left and "../up.txt: the name leads out" in left and ".png (1)" in left


def twice(kind: str, *texts: str) -> bytes:
    """An archive or mail that holds files "rain.txt" with these texts."""
    out = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(out, "w") as archive:
            for text in texts:
                with warnings.catch_warnings(action="ignore", category=UserWarning):  # it warns of the second
                    archive.writestr("rain.txt", text)
        return out.getvalue()
    if kind == "tar":
        with tarfile.open(fileobj=out, mode="w") as tar:
            for text in texts:
                info = tarfile.TarInfo("rain.txt")
                info.size = len(text)
                tar.addfile(info, io.BytesIO(text.encode()))
        return out.getvalue()
    message = EmailMessage()
    message["Subject"] = "Rain"
    for text in texts:
        message.add_attachment(text.encode(), maintype="text", subtype="plain", filename="rain.txt")
    return (b"From x\n" if kind == "mbox" else b"") + bytes(message)


@pytest.mark.parametrize("kind", ["zip", "tar", "eml", "mbox"])
def test_members_of_one_name_are_told_apart(kind: str) -> None:
    documents = read(twice(kind, "It rained.", "It snowed.", "It froze."), f"a.{kind}").documents
    first = documents[0].uri
    assert first == f"/data/a.{kind}{'#1' if kind == 'mbox' else ''}!/rain.txt"
    assert [(d.uri, d.text) for d in documents] == [
        (first, "It rained."), (f"{first} (2)", "It snowed."), (f"{first} (3)", "It froze.")
    ]  # fmt: skip
    assert len({d.id for d in documents}) == 3


def test_links_in_a_tar_are_not_followed() -> None:
    loaded = read(tarred({"rain.txt": b"It rained."}, link="passwd.txt"), "a.tar")
    assert len(loaded.documents) == 1 and "passwd.txt: a link or device is not followed" in loaded.failures


def test_a_tar_that_breaks_off_keeps_what_came_before() -> None:
    data = tarred({"rain.txt": b"It rained.", "snow.txt": b"It snowed." * 200})
    loaded = read(data[:1800], "a.tar")
    assert [d.text for d in loaded.documents] == ["It rained."] and "not a whole tar" in loaded.failures[0]


def test_a_damaged_member_is_named_even_where_it_has_no_name() -> None:
    with open_zip(b"?" + zipped({"a.txt": "It rained."}).removeprefix(b"P"), uri="a.zip", limit=99) as archive:
        member = archive.infolist()[0]
        with pytest.raises(SourceError, match=r"^a\.zip!/a\.txt cannot be read: .*magic"):
            read_member(archive, member, uri="a.zip")
        member.filename = ""
        with pytest.raises(SourceError, match=r"^a\.zip!/ cannot be read"):
            read_member(archive, member, uri="a.zip")


def test_archives_in_archives_are_bounded() -> None:
    data = zipped({"rain.txt": "It rained."})
    for depth in range(3):
        data = zipped({f"{depth}.zip": data})
    with pytest.raises(SourceError, match="more than 3 archives in one another"):
        read(data, "a.zip")


def test_bombs_are_refused_before_they_unpack() -> None:
    bomb = zipped({f"{n}.txt": bytes(9 * 2**20) for n in range(30)})
    assert len(bomb) < 2**20
    for name in ("a.zip", "a.docx", "a.epub"):
        with pytest.raises(SourceError, match="too large"):
            read(bomb, name)
    with pytest.raises(SourceError, match="too large"):
        read(gzip.compress(bytes(60 * 2**20)), "a.tar.gz")


SAMPLES = {
    "a.docx": word(),
    "a.epub": zipped(BOOK),
    "a.eml": bytes(letter()),
    "a.mbox": b"From x\n" + bytes(letter()),
    "a.rss": RSS.encode(),
    "a.mhtml": b"Content-Type: text/html\n\n<p>It rained all day and all night long in the hills.</p>",
    "a.zip": zipped(dict(MEMBERS)),
    "a.tar": tarred(MEMBERS),
    "a.tar.gz": gzip.compress(tarred(MEMBERS)),
}


@pytest.mark.parametrize(("title", "shown"), [("Word Document", "Flats"), ("Document1", "Flats"), ("Flat 7", "Flat 7")])
def test_a_program_gives_a_word_file_no_title(title: str, shown: str) -> None:
    file = docx.Document()
    file.core_properties.title = title
    file.add_heading("Flats", level=1)
    file.add_paragraph("They are let by the month.")
    assert one(saved(file), "a.docx").title == shown


def test_an_earlier_message_is_a_section_headed_by_who_wrote_it() -> None:
    reply, head = EmailMessage(), "On Wed, 17 Jan 2024 at 09:15, Bo Ek <bo@a.example>\nwrote:"
    reply["Subject"] = "Pool"
    reply.set_content(f"It stays open.\n\n{head}\n> Will it close?\n> I swim.")
    document = read(bytes(reply), "a.eml").documents[0]
    assert anchors(document, "section") == [
        (" ".join(head.split()), document.text[document.text.index("On Wed") :]),
    ]
    reply.set_content(f"{head}\n> Will it close?\nNo.")  # an answer between the lines is nobody else's
    assert anchors(read(bytes(reply), "a.eml").documents[0], "section") == []
    reply.set_content("See below.\n\n--- Forwarded ---\nFrom: Bo Ek <bo@a.example>\nDate: 3 May 2024\n\nWill it close?")
    forwarded = read(bytes(reply), "a.eml").documents[0]
    assert forwarded.text.endswith("From: Bo Ek <bo@a.example>\nDate: 3 May 2024\n\nWill it close?")
    assert [label for label, _ in anchors(forwarded, "section")] == ["From: Bo Ek <bo@a.example>"]
