"""A tiny data set through the whole harness: data set, product, report, comparison, page."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from eval import collection, formats
from eval.__main__ import app
from eval.collection import collect
from eval.compare import baseline, compare, load
from eval.names import Names, settle
from eval.page import render
from eval.report import SLICED
from eval.run import sample
from eval.session import Outcome, evaluate
from eval.terminal import figure, show
from eval.types import DataError, Dataset, GoldQuote, Question, SourceText
from rag.config import Settings, load_settings
from rag.types import Document

pytestmark = pytest.mark.weights

TEXTS = {
    "wine": "The vineyards of Ardenne grow red grapes. The harvest begins in September and ends in October.",
    "bridge": "The Halden bridge was opened in 1931.  It was designed by Marta Lind.\nIt carries two roads.",
    "copy": "The Halden bridge was opened in 1931.  It was designed by Marta Lind.\nIt carries two roads.",
    "owl": "Barn owls hunt at night. They eat about four mice a day & sleep in <b>barns</b>.",
    "salt": "Salt was mined under Wielen until 1990. The mine is 120 metres deep.",
}
TURNS = [
    {"question": "Who designed the Halden bridge?", "rewrite": "", "relevant": {"bridge": 2, "copy": 1}},
    {"id": "own", "question": "When was it opened?", "rewrite": "When was the Halden bridge opened?",
     "relevant": {"bridge": 2, "copy": 1}, "answers": ["1931"]},
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tiny")
    corpus = [{"_id": name, "title": "", "text": text} for name, text in TEXTS.items()]
    (root / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in corpus))
    (root / "conversations.jsonl").write_text(json.dumps({"id": "talk", "turns": TURNS}) + "\n")
    return root


@pytest.fixture(scope="module")
def squad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = []
    for name, question, answer in (
        ("wine", "When does the harvest begin?", "September"),
        ("bridge", "Who designed the Halden bridge?", "Marta Lind"),
        ("salt", "How deep is the mine?", "120 metres"),
        ("owl", "What is the capital of <i>Peru</i>?", ""),
    ):
        answers = [{"text": answer, "answer_start": TEXTS[name].index(answer)}] if answer else []
        row = {"id": name, "question": question, "title": name, "context": TEXTS[name], "answers": answers}
        rows.append({**row, "is_impossible": not answer})
    path = tmp_path_factory.mktemp("squad") / "tiny.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="module")
def tiny_settings() -> Settings:
    return load_settings(reader="sentences")


@pytest.fixture(scope="module")
def talk(folder: Path, work: Path, tiny_settings: Settings) -> Outcome:
    return evaluate(formats.read(folder, "conversations"), tiny_settings, work=work)


@pytest.fixture(scope="module")
def outcome(squad: Path, work: Path, tiny_settings: Settings) -> Outcome:
    return evaluate(formats.read(squad, "squad"), tiny_settings, work=work)


def lines(outcome: Outcome, path: Path) -> list[dict[str, Any]]:
    outcome.write(predictions=path)
    return [json.loads(line) for line in path.read_text().splitlines()]


def figures(outcome: Outcome) -> dict[str, float]:
    return {measure["name"]: measure["value"] for measure in outcome.report["measures"]}


def test_predictions_have_the_promised_form(outcome: Outcome, tmp_path: Path) -> None:
    rows = lines(outcome, tmp_path / "p.jsonl")
    keys = ["id", "question", "query", "status", "confidence", "answer", "quotes", "retrieved", "timings_ms"]
    assert [row["id"] for row in rows] == ["wine", "bridge", "salt", "owl"]
    for row in rows:
        assert list(row) == keys
        assert row["status"] in ("answered", "related", "not_found") and 0 <= row["confidence"] <= 1
        documents, scores = zip(*row["retrieved"], strict=True)
        assert sorted(documents) == ["bridge#0", "owl#0", "salt#0", "wine#0"], "all documents, each once"
        assert list(scores) == sorted(set(scores), reverse=True), "scores fall strictly"
        for quote in row["quotes"]:
            name = quote["document_id"].removesuffix("#0")
            assert TEXTS[name][quote["start"] : quote["end"]] == quote["text"]
    assert rows[1]["retrieved"][0][0] == "bridge#0"


def test_two_runs_give_the_same_predictions(
    outcome: Outcome, squad: Path, tiny_settings: Settings, tmp_path: Path
) -> None:
    fresh = evaluate(formats.read(squad, "squad"), tiny_settings, work=tmp_path / "fresh")
    first, second = lines(outcome, tmp_path / "a.jsonl"), lines(fresh, tmp_path / "b.jsonl")
    for row in (*first, *second):
        assert row.pop("timings_ms")["ask"] > 0
    assert first == second
    assert outcome.report["measures"] == fresh.report["measures"]


def test_the_same_text_under_two_ids_is_retrieved_twice(talk: Outcome) -> None:
    first = talk.predictions["talk_1"]
    assert [name for name, _ in first.retrieved[:2]] == ["bridge", "copy"]
    assert {name for name, _ in first.retrieved} == set(TEXTS)
    assert [name for name, _ in first.stages["dense"][:2]] == ["bridge", "copy"]


def test_a_follow_up_is_asked_with_its_history(talk: Outcome) -> None:
    turn = talk.predictions["own"]
    assert turn.question == "When was it opened?" and "halden" in turn.query.lower()
    assert set(turn.stages) == {"dense", "lexical", "fused", "raw", "rewrite"}
    assert figures(talk)["recall@5 (final)"] == 1
    assert any(name.startswith("gap closed") for name in figures(talk))


def test_the_report_says_where_it_comes_from(outcome: Outcome, tmp_path: Path) -> None:
    outcome.write(json=tmp_path / "r.json")
    report = load(tmp_path / "r.json")
    assert report["questions"] == 4 and report["unanswerable"] == 1
    assert len(report["fingerprint"]) == 12 and report["machine"]["cores"] >= 1
    assert report["command"].startswith("python -m eval")
    assert report["models"] == {"encoder": "all-MiniLM-L6-v2", "reader": "sentences"}
    assert report["costs"]["passages"] == 4 and report["costs"]["peak MiB"] > 0
    assert set(report["latency_ms"]) >= {"search", "ask"}
    values = figures(outcome)
    assert values["quote exactness"] == 1
    assert values["recall@1 (lexical)"] == 1
    assert "AUROC" in values and "ECE" in values


def test_the_fused_stage_is_the_search(outcome: Outcome, squad: Path, work: Path, tiny_settings: Settings) -> None:
    searched = evaluate(formats.read(squad, "squad"), tiny_settings, work=work, read=False)
    for name, prediction in outcome.predictions.items():
        assert prediction.stages["fused"] == searched.predictions[name].retrieved


def test_details_say_why(outcome: Outcome) -> None:
    line = next(line for line in outcome.details if line["id"] == "salt")
    assert line["gold"]["quote"]["before"].endswith("The mine is ") and line["gold"]["quote"]["text"] == "120 metres"
    assert line["gold_rank"]["lexical"] == 1 and "recall@1 (final)" in line["measures"]
    assert line["type"] == "how"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_page_holds_everything_and_runs_nothing_of_the_data(outcome: Outcome) -> None:
    details = [{**line, "right": False} for line in outcome.details]
    html = render(outcome.report, details)
    parser = Tags()
    parser.feed(html)
    names = [tag for tag, _ in parser.tags]
    assert names.count("svg") >= 4 and names.count("script") == 1
    assert not {"b", "i", "link", "img", "iframe"} & set(names), "words of the data stay words"
    outside = [a for _, attributes in parser.tags for a in attributes.values() if a and "//" in a and "w3.org" not in a]
    assert outside == []
    assert "default-src &#39;none&#39;" in html or "default-src 'none'" in html
    assert "What is the capital of &lt;i&gt;Peru" in html
    ids = [attributes["id"] for _, attributes in parser.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert render(outcome.report, details) == html


def worse(report: dict[str, Any], name: str) -> dict[str, Any]:
    rows = {key: [0.0, 1.0] for key in report["rows"][name]}
    return {**report, "rows": {**report["rows"], name: rows}}


def test_a_report_does_not_lose_against_itself(outcome: Outcome) -> None:
    changes, notes, missing = compare(outcome.report, outcome.report)
    assert not notes and not missing
    assert {change.verdict for change in changes} == {"same"}
    assert not any(change.fails for change in changes)


def test_a_significant_loss_of_a_gate_fails() -> None:
    rows = {str(n): [1.0] for n in range(30)}
    better = {"rows": {"recall@1 (final)": rows, "recall@5 (final)": rows}}
    lost = {"rows": {name: {key: [float(int(key) > 9)] for key in rows} for name in better["rows"]}}
    changes, _, _ = compare(better, lost)
    assert [(c.measure.name, c.verdict, c.fails) for c in changes] == [
        ("recall@1 (final)", "worse", True),
        ("recall@5 (final)", "worse", False),
    ]
    assert len(changes[0].losses) == 10 and not changes[0].wins
    assert [c.verdict for c in compare(lost, better)[0]] == ["better", "better"]


def test_a_loss_in_one_conversation_of_many_turns_is_not_significant() -> None:
    """Ten turns lost of thirty, but all in one conversation of three: only independent questions make it a loss."""
    better = {"rows": {"recall@1 (final)": {str(n): [1.0] for n in range(30)}}}
    lost = {"rows": {"recall@1 (final)": {str(n): [float(n > 9)] for n in range(30)}}}
    talk = {**lost, "conversations": {str(n): f"c{n // 10}" for n in range(30)}}
    assert [change.fails for change in compare(better, lost)[0]] == [True]
    assert [change.fails for change in compare(better, talk)[0]] == [False]


def test_a_baseline_holds_the_gates_alone(outcome: Outcome) -> None:
    pinned = baseline(outcome.report)
    changes, notes, missing = compare(pinned, outcome.report)
    assert {change.measure.gate for change in changes} == {True} and not notes and not missing
    lacking = {**outcome.report, "rows": {"AUROC": outcome.report["rows"]["AUROC"]}}
    assert "quote exactness" in compare(pinned, lacking)[2]


def test_one_inexact_quote_fails_the_comparison(outcome: Outcome) -> None:
    changes, _, _ = compare(outcome.report, worse(outcome.report, "quote exactness"))
    assert [change.measure.name for change in changes if change.fails] == ["quote exactness"]


def test_quotes_must_be_exact_even_if_they_were_not_before() -> None:
    report = {"rows": {"quote exactness": {"a": [1.0, 2.0]}}}
    other = {"rows": {"quote exactness": {"b": [1.0, 2.0]}}}
    assert [[change.fails for change in compare(report, b)[0]] for b in (report, other)] == [[True], [True]]


def test_a_gate_without_a_question_in_common_is_missing() -> None:
    a, b = ({"rows": {"recall@1 (final)": {name: [1.0]}, "recall@5 (final)": {name: [1.0]}}} for name in "ab")
    changes, notes, missing = compare(a, b)
    assert not changes and len(notes) == 2 and missing == ["recall@1 (final)"]


def test_a_folder_is_refused_as_a_report_before_anything_is_asked(squad: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app, ["run", "--data", str(squad), "--work", str(tmp_path / "w"), "--html", str(tmp_path)]
    )
    assert done.exit_code == 2 and not (tmp_path / "w").exists()


def test_the_command_line(squad: Path, work: Path, tmp_path: Path) -> None:
    runner = CliRunner()
    report = tmp_path / "a.json"
    base = ["run", "--data", str(squad), "--work", str(work), "--set", "reader=sentences", "--json", str(report)]
    done = runner.invoke(app, [*base, "--html", str(tmp_path / "a.html"), "--limit", "3", "--strict"])
    assert done.exit_code == 0 and "recall@100" in done.output
    assert (tmp_path / "a.html").stat().st_size > 20_000
    assert load(report)["questions"] == 3
    assert runner.invoke(app, ["compare", str(report), str(report)]).exit_code == 0
    broken = load(report)
    broken["rows"]["quote exactness"] = {"wine": [0.0, 2.0]}
    (tmp_path / "b.json").write_text(json.dumps(broken))
    assert runner.invoke(app, ["compare", str(report), str(tmp_path / "b.json")]).exit_code == 1
    assert runner.invoke(app, [*base, "--set", f"index_dir={tmp_path}", "--limit", "1"]).exit_code == 0


def test_retrieval_alone_measures_no_answers(squad: Path, work: Path, tiny_settings: Settings) -> None:
    found = evaluate(formats.read(squad, "squad"), tiny_settings, work=work, read=False)
    assert {measure["group"] for measure in found.report["measures"]} == {"ranking"}


def test_own_sources_are_named_by_path_and_checked(tmp_path: Path, work: Path, tiny_settings: Settings) -> None:
    sources = tmp_path / "sources"
    (sources / "deep").mkdir(parents=True)
    (sources / "deep" / "bridge.txt").write_text(TEXTS["bridge"])
    (sources / "notes.jsonl").write_text(json.dumps({"id": "n1", "title": "Salt", "text": TEXTS["salt"]}) + "\n")
    rows = [
        {"id": "a", "question": "Who designed the bridge?", "answers": ["Marta Lind"], "document": "bridge.txt",
         "quote": "It was designed by Marta Lind."},
        {"id": "b", "question": "How deep is the mine?", "answers": ["120"], "document": "notes.jsonl#n1",
         "quote": "not in it"},
        {"id": "c", "question": "Who?", "answers": ["x"], "document": "gone.md"},
    ]  # fmt: skip
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = evaluate(formats.read(path, "jsonl", sources=sources), tiny_settings, work=work)
    assert found.report["problems"] == [
        "mine.jsonl:2: question 'b': the gold quote 'not in it' is not in 'notes.jsonl#n1'",
        "mine.jsonl:3: question 'c': unknown document 'gone.md'; it counts as never found",
    ]
    question = found.dataset.questions[0]
    assert list(question.relevant) == ["deep/bridge.txt"]
    assert question.quote and question.quote.start == TEXTS["bridge"].replace("  ", " ").index("It was") + 1
    assert {name for name, _ in found.predictions["a"].retrieved} == {"deep/bridge.txt", "notes.jsonl#n1"}


def test_an_existing_collection_can_be_asked(tmp_path: Path, work: Path, outcome: Outcome) -> None:
    path = tmp_path / "q.txt"
    path.write_text("How deep is the mine?\n")
    index = next(work.glob("tiny-*/eval")).parent
    settings = load_settings(reader="sentences", index_dir=index, collection="eval")
    found = evaluate(formats.read(path, "questions"), settings, work=None)
    assert found.predictions["q_1"].retrieved and not found.report["errors"]
    with pytest.raises(DataError, match="existing collection"):
        collect(outcome.dataset, settings, work=None)
    with pytest.raises(DataError, match="nothing to search"):
        collect(found.dataset, settings, work=work)


def test_a_question_that_fails_is_a_zero_and_a_line(work: Path, outcome: Outcome) -> None:
    dataset = Dataset("x", "squad", (Question("long", "why " * 1000, ("x",), {"d": 1}),), (), None)
    index = next(work.glob("tiny-*/eval")).parent
    settings = load_settings(reader="sentences", index_dir=index, collection="eval")
    found = evaluate(dataset, settings, work=None)
    assert found.report["errors"][0].startswith("question 'long': the question has")
    assert figures(found)["answer in top quote"] == 0 and figures(found)["recall@100 (final)"] == 0


def test_a_sample_keeps_conversations_whole() -> None:
    questions = tuple(Question(f"{c}_{n}", "q", conversation=c, turn=n) for c in "abcdef" for n in (1, 2, 3))
    drawn = sample(Dataset("x", "conversations", questions), 7)
    assert len(drawn.questions) == 6 and drawn == sample(Dataset("x", "conversations", questions), 7)
    assert [q.turn for q in drawn.questions] == [1, 2, 3, 1, 2, 3]


@pytest.mark.parametrize("name", ["chunk.py", "sources.py", "store/lexicon.py", "types.py"])
def test_an_index_is_made_anew_where_the_code_that_makes_it_changed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_settings: Settings
) -> None:
    data, package = Dataset("x", "squad", (), (SourceText("1", "It rained."),)), Path(collection.__file__).parents[1]
    for path in (package / "rag").rglob("*.py"):
        (copy := tmp_path / path.relative_to(package)).parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    monkeypatch.setattr(collection, "__file__", str(tmp_path / "eval" / "collection.py"))
    before = collection._key(data, tiny_settings)
    (tmp_path / "rag" / name).write_bytes(b"")
    assert collection._key(data, tiny_settings) != before


def test_names_follow_the_source(tmp_path: Path) -> None:
    (tmp_path / "a b.md").touch()
    uris = {"1": "eval:x/y#z", "2": (tmp_path / "a b.md").as_uri(), "3": "https://example.org/page"}
    names = Names([Document(key, uri, "", "", "") for key, uri in uris.items()], tmp_path)
    assert names.of == {"1": "x/y#z", "2": "a b.md", "3": "https://example.org/page"}
    assert names.resolve("page") == names.resolve("3") == "https://example.org/page"
    assert names.resolve("nothing") is None


@pytest.mark.parametrize("uri", ["upload:///Vertr%C3%A4ge%201.pdf", "file:///a/Vertra%CC%88ge%201.pdf"])
def test_a_file_name_is_known_as_a_person_writes_it(uri: str) -> None:
    names = Names([Document("1", uri, "", "", "")])
    assert names.resolve("Vertr\u00e4ge 1.pdf") == names.resolve("Vertra\u0308ge 1.pdf") == uri


def test_quotes_of_a_conversation_over_a_corpus_are_placed_or_reported() -> None:
    texts = {"a": "Grapes are grown.", "deep/b": "Owls hunt."}
    gold = {"quote": GoldQuote("a", "are grown"), "also": (GoldQuote("deep/b", "Owls"), GoldQuote("a", "not in it"))}
    question = Question("t_1", "q", relevant={"a": 1, "b": 1}, line=3, **gold)  # type: ignore[arg-type]
    data = Dataset(
        "x", "conversations", (question,), tuple(SourceText(*item) for item in texts.items()), file="c.jsonl"
    )
    names = Names([Document(name, f"eval:{name}", "", "", "") for name in texts])
    found = settle(data, names, texts)
    (settled,) = found.questions
    assert settled.quote and (settled.quote.start, settled.quote.end) == (7, 16)
    assert [(quote.document_id, quote.start) for quote in settled.also] == [("deep/b", 0), ("a", None)]
    assert dict(settled.relevant) == {"a": 1, "b": 1}, "ids of a corpus are whole"
    assert [str(p) for p in found.problems] == ["c.jsonl:3: question 't_1': the gold quote 'not in it' is not in 'a'"]
    placed = replace(question, quote=GoldQuote("a", "r", 9, 10), also=())
    assert settle(replace(data, questions=(placed,)), names, texts).questions == (placed,)


def test_a_name_that_two_sources_share_is_said_to_be_shared() -> None:
    uris = {"1": "file:///a/x.md", "2": "upload:x.md", "3": "file:///b/x.md"}
    names = Names([Document(key, uri, "", "", "") for key, uri in uris.items()])
    assert names.resolve("x.md") is None and "several sources" in names.why_not("x.md")
    assert "unknown document" in names.why_not("y.md") and names.resolve("file:///a/x.md")


def test_a_ranking_goes_on_to_a_hundred_documents_each_once(tmp_path: Path, work: Path) -> None:
    """Both channels stop at 10 passages here; a deeper search goes on until 100 of the 120 documents are ranked."""
    rows = [
        {"id": f"q{n}", "question": f"How deep is mine number {n}?", "context": f"Mine number {n} is {n} metres deep.",
         "title": f"Mine {n}", "answers": [{"text": f"{n} metres", "answer_start": len(f"Mine number {n} is ")}]}
        for n in range(120)
    ]  # fmt: skip
    path = tmp_path / "mines.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    settings = load_settings(reader="sentences", depth=10)
    found = evaluate(formats.read(path, "squad"), settings, work=work, limit=2)
    for prediction in found.predictions.values():
        names = [name for name, _ in prediction.retrieved]
        assert 100 <= len(names) == len(set(names)) <= 120
        assert set(names) <= {f"Mine {n}#0" for n in range(120)}
        scores = [score for _, score in prediction.retrieved]
        assert scores == sorted(scores, reverse=True)


def test_words_of_the_data_in_brackets_are_printed_as_they_are(outcome: Outcome) -> None:
    told = {**outcome.report, "name": "set [v2]", "problems": ["x:1: 'born[note 1] in [/i] 1931' is not in 'a'"]}
    slices = {"question type": {"[who]": {"n": 1, SLICED[0]: 1.0}, "b": {"n": 1, SLICED[0]: 1.0}}}
    console = Console(record=True, width=200, file=io.StringIO())
    show({**told, "slices": slices}, console)
    text = console.export_text()
    assert told["problems"][0] in text and "set [v2]" in text and "[who]" in text


def test_a_quote_of_a_text_that_two_sources_hold_is_of_both(talk: Outcome) -> None:
    quotes = [quote for found in talk.predictions.values() for quote in found.quotes if "Halden" in quote.text]
    assert quotes and {tuple(sorted(quote.documents)) for quote in quotes} == {("bridge", "copy")}


def test_of_a_few_values_no_interval_is_shown() -> None:
    measure = {"value": 0.5, "low": 0.0, "high": 1.0}
    assert [figure({**measure, "n": n}) for n in (3, 19, 20)] == ["0.500", "0.500", "0.500 ±0.500"]
