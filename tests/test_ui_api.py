"""The JSON endpoints: the same answers as the page, the same users, and a description that needs no network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from rag.assistant import Assistant
from rag.config import Settings
from rag.errors import LibraryError
from rag.ingest import remove
from rag.store import Library, open_library
from rag.types import Encoder, Filters, Vectors
from rag.ui.api import api
from rag.ui.collections import Collections
from rag.ui.guard import Guard
from rag.ui.programs import found
from rag.ui.routes import pages
from rag.ui.wishes import filters_of

SOURCES = {"tides.md": "# Tides\n\nThe moon pulls the sea.", "fish.md": "# Fish\n\nZebrafish have stripes."}


@pytest.fixture
def assistant(assistant_of: Callable[..., Assistant]) -> Assistant:
    return assistant_of(SOURCES)


@pytest.fixture
def client(library: Library, assistant: Assistant) -> Iterator[TestClient]:
    app = FastAPI(openapi_url="/api/openapi.json", docs_url=None, redoc_url=None)
    app.include_router(pages(Collections(library, assistant)))
    app.include_router(api(library, assistant))
    app.add_middleware(Guard, hosts=("127.0.0.1",))
    with TestClient(app, base_url="http://127.0.0.1") as made:
        yield made


def test_ask_keeps_the_turn_and_every_quote_is_a_slice(client: TestClient, library: Library) -> None:
    first = client.post("/api/ask", json={"question": "What pulls the sea?"}).json()
    assert first["question"] == "What pulls the sea?"
    assert first["quotes"]
    for quote in first["quotes"]:
        text = library.document(quote["document_id"], quote["revision"]).text
        assert text[quote["start"] : quote["end"]] == quote["text"]
    again = client.post("/api/ask", json={"question": "And why?", "conversation": first["conversation"]}).json()
    assert again["conversation"] == first["conversation"]
    questions = [turn["question"] for turn in client.get(f"/api/conversations/{first['conversation']}").json()]
    assert questions == ["What pulls the sea?", "And why?"]


def test_search_gives_passages_with_their_scores_in_order(client: TestClient) -> None:
    hits = client.get("/api/search", params={"q": "zebrafish stripes", "k": 1}).json()
    assert [hit["text"] for hit in hits] == ["Fish\n\nZebrafish have stripes."]
    assert hits[0]["rank"] == 1
    assert hits[0]["lexical"] > 0


@pytest.mark.parametrize("query", ["  ", "\n"])
def test_a_query_without_words_is_a_plain_error(client: TestClient, query: str) -> None:
    answer = client.get("/api/search", params={"q": query})
    assert answer.status_code == 422
    assert "query" in answer.json()["detail"]["error"]


def test_documents_are_listed_bare_and_given_whole(client: TestClient) -> None:
    listed = client.get("/api/documents").json()
    assert sorted(each["title"] for each in listed) == ["Fish", "Tides"]
    assert "text" not in listed[0]
    whole = client.get(f"/api/documents/{listed[0]['id']}").json()
    assert whole["text"].endswith(".")
    assert client.get("/api/documents/nonsense").status_code == 404


def test_another_user_sees_and_deletes_nothing(client: TestClient) -> None:
    ident = client.post("/api/ask", json={"question": "What pulls the sea?"}).json()["conversation"]
    mine = dict(client.cookies)
    client.cookies.clear()
    assert client.get("/api/conversations").json() == []
    assert client.get(f"/api/conversations/{ident}").status_code == 404
    assert client.delete(f"/api/conversations/{ident}").status_code == 404
    assert client.post("/api/ask", json={"question": "Why?", "conversation": ident}).status_code == 404
    client.cookies.clear()
    client.cookies.update(mine)
    assert client.delete(f"/api/conversations/{ident}").json() == {"turns": 1}
    assert client.get("/api/conversations").json() == []


@pytest.mark.parametrize("question", ["", "  ", "x" * 20_000])
def test_a_question_that_cannot_be_asked_is_a_plain_error(client: TestClient, question: str) -> None:
    answer = client.post("/api/ask", json={"question": question})
    assert answer.status_code == 422
    assert "question" in answer.json()["detail"]["error"]
    assert client.get("/api/conversations").json() == []


def test_the_description_is_complete_and_its_page_fetches_nothing(client: TestClient) -> None:
    paths = client.get("/api/openapi.json").json()["paths"]
    assert sorted(paths) == [
        "/api/ask",
        "/api/conversations",
        "/api/conversations/{conversation}",
        "/api/documents",
        "/api/documents/{document_id}",
        "/api/search",
    ]
    assert all(details["description"] for methods in paths.values() for details in methods.values())
    page = client.get("/api").text
    assert all(path in page for path in ("POST /api/ask", "GET /api/search", "DELETE /api/conversations/"))
    assert "<script" not in page
    assert "//" not in page.replace("<!doctype", "")


class Deleting:
    """An encoder, while somebody deletes a conversation in another tab."""

    def __init__(self, encoder: Encoder, library: Library, conversation: str, owner: str) -> None:
        self._encoder, self._gone = encoder, lambda: library.conversations.delete(conversation, owner)
        self.name, self.dim, self.max_tokens = encoder.name, encoder.dim, encoder.max_tokens

    def encode(self, texts: Sequence[str]) -> Vectors:
        with suppress(LibraryError):  # it is gone already
            self._gone()
        return self._encoder.encode(texts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._encoder.count_tokens(texts)


def test_an_answer_that_cannot_be_kept_is_given_all_the_same(
    client: TestClient, assistant: Assistant, library: Library, encoder: Encoder
) -> None:
    kept = client.post("/api/ask", json={"question": "What pulls the sea?"}).json()["conversation"]
    owner = library.conversations.owner_of(kept)
    assistant.__dict__["encoder"] = Deleting(encoder, library, kept, owner)
    again = client.post("/api/ask", json={"question": "What pulls the sea?", "conversation": kept})
    assert again.status_code == 200
    assert again.json()["quotes"] and again.json()["conversation"] == "" and kept in again.json()["unsaved"]


def test_a_passage_that_is_deleted_while_it_is_searched_is_not_found(
    assistant: Assistant, library: Library, settings: Settings
) -> None:
    other = open_library(settings)

    def meanwhile(statement: str) -> None:
        if "FROM passage_text" in statement and other.documents():  # the texts are about to be read
            remove(other, [document.id for document in other.documents()])

    library.connect().set_trace_callback(meanwhile)
    assert found(assistant, "zebrafish stripes", 2) == []
    library.connect().set_trace_callback(None)
    assert library.documents() == []
    other.close()


def test_a_day_that_no_calendar_has_counts_as_not_given() -> None:
    assert filters_of({"since": "2023-99-99", "until": "9999-00"}) == Filters()
    assert filters_of({"since": "2023-02-28", "until": "2024"}) == Filters("2023-02-28", "2024")


@pytest.mark.parametrize(("said", "status"), [("2023", 200), ("May 2024", 200), ("2024-05-31", 200), ("garbage", 422)])
def test_a_date_is_a_day_a_month_or_a_year(client: TestClient, said: str, status: int) -> None:
    got = client.post("/api/ask", json={"question": "What pulls the sea?", "since": said, "until": said})
    assert got.status_code == status
    assert status == 200 or "write 2024" in got.text
