"""PDFs written by hand: lines of Helvetica at given places."""

from __future__ import annotations

Text = tuple[float, float, float, str]  # x, y, size, text


def pdf(pages: list[list[Text]], *, extra: str = "", info: str = "", page: str = "") -> bytes:
    """A PDF with one line of Helvetica per entry. ``extra`` goes into the catalog, ``page`` into every page."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {extra} >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for n, lines in enumerate(pages):
        shown = "".join(f"BT /F {size} Tf {x} {y} Td ({escaped(text)}) Tj ET\n" for x, y, size, text in lines)
        font = "/Resources << /Font << /F 3 0 R >> >>"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 600] {page} {font} /Contents {5 + 2 * n} 0 R >>"
        )
        objects.append(f"<< /Length {len(shown)} >>\nstream\n{shown}endstream")
    objects.append(f"<< {info} >>")
    body, offsets = "%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    trailer = f"trailer << /Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R >>"
    start = f"startxref\n{len(body)}\n%%EOF\n"
    return f"{body}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{trailer}\n{start}".encode("latin-1")


def escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def column(*lines: str, x: float = 40, top: float = 500, step: float = 14) -> list[Text]:
    return [(x, top - step * n, 11, line) for n, line in enumerate(lines) if line]
