"""Every layout is read as documented, and every broken place is named with its file and line."""

from __future__ import annotations

import contextlib
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eval.formats import FORMATS, guess, read
from eval.types import DataError, Dataset


def lines(path: Path, *rows: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


def problems(data: Dataset) -> list[str]:
    return [str(problem) for problem in data.problems]


def beir(folder: Path, *qrels: str) -> Path:
    lines(
        folder / "corpus.jsonl",
        {"_id": "a", "title": "Wine", "text": "Grapes are grown."},
        {"_id": "b", "title": "", "text": "Grapes are grown."},
        {"_id": "c", "title": "Only a title", "text": " "},
    )
    lines(folder / "queries.jsonl", {"_id": "1", "text": "who grows grapes"}, {"_id": "2", "text": "not judged"})
    lines(folder / "qrels" / "test.tsv", "query-id\tcorpus-id\tscore", *qrels)
    return folder


def test_beir_asks_the_judged_queries_of_the_split(tmp_path: Path) -> None:
    data = read(beir(tmp_path, "1\ta\t2", "1\tb\t1"), "beir")
    assert [(q.id, dict(q.relevant)) for q in data.questions] == [("1", {"a": 2, "b": 1})]
    assert [(d.id, d.text, d.title) for d in data.documents] == [
        ("a", "Grapes are grown.", "Wine"),
        ("b", "Grapes are grown.", ""),
        ("c", "Only a title", "Only a title"),
    ]
    assert not data.problems


def test_beir_gzip_and_other_split(tmp_path: Path) -> None:
    folder = beir(tmp_path)
    plain = folder / "corpus.jsonl"
    (folder / "corpus.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    lines(folder / "qrels" / "dev.tsv", "query-id\tcorpus-id\tscore", "2\tc\t1")
    data = read(folder, "beir", split="dev")
    assert [q.id for q in data.questions] == ["2"]
    assert len(data.documents) == 3


def test_beir_reports_every_broken_line(tmp_path: Path) -> None:
    folder = beir(tmp_path, "1\ta\t1", "1\tnowhere\t1", "9\ta\t1", "1\ta\t1", "1\tb", "1\tb\thigh")
    with (folder / "corpus.jsonl").open("a") as file:
        file.write('{"_id": "a", "text": "again"}\n{"_id": "broken\n[1]\n{"text": "nameless"}\n{"_id": "d"}\n')
    with (folder / "queries.jsonl").open("a") as file:
        file.write('{"_id": "1", "text": "again"}\n{"_id": "3"}\n')
    data = read(folder, "beir")
    assert dict(data.questions[0].relevant) == {"a": 1, "nowhere": 1}, "an unknown document counts as never found"
    found = problems(data)
    expected = [
        "corpus.jsonl:4: document id 'a' comes again",
        "corpus.jsonl:5: not JSON",
        "corpus.jsonl:6: expected a JSON object, found list",
        "corpus.jsonl:7: a document without _id",
        "corpus.jsonl:8: document 'd' has neither title nor text",
        "queries.jsonl:3: query id '1' comes again",
        "queries.jsonl:4: a query without _id or text",
        "test.tsv:3: a judgement for the unknown document 'nowhere'",
        "test.tsv:4: a judgement for the unknown query '9'",
        "test.tsv:5: '1', 'a' is judged again",
        "test.tsv:6: expected query-id, corpus-id, grade",
        "test.tsv:7: expected query-id, corpus-id, grade",
    ]
    assert len(found) == len(expected)
    for have, want in zip(found, expected, strict=True):
        assert have.startswith(want)


SQUAD = {
    "version": "v2.0",
    "data": [
        {
            "title": "Normans",
            "paragraphs": [
                {
                    "context": "They came from Norway.",
                    "qas": [
                        {
                            "id": "q1",
                            "question": "Where from?",
                            "answers": [{"text": "Norway", "answer_start": 15}],
                            "is_impossible": False,
                        },
                        {"id": "q2", "question": "When?", "answers": [], "is_impossible": True},
                    ],
                },
                {"context": "Their leader was Rollo.", "qas": []},
            ],
        },
        {"title": "Rollo", "paragraphs": [{"context": "Their leader was Rollo.", "qas": []}]},
    ],
}


def test_squad_json_makes_one_document_per_context(tmp_path: Path) -> None:
    path = tmp_path / "dev.json"
    path.write_text(json.dumps(SQUAD, indent=1))
    data = read(path, "squad")
    assert [d.id for d in data.documents] == ["Normans#0", "Normans#1"]
    first, second = data.questions
    assert first.answers == ("Norway",) and dict(first.relevant) == {"Normans#0": 1}
    assert first.quote and data.documents[0].text[first.quote.start : first.quote.end] == "Norway"
    assert (second.unanswerable, second.expected, dict(second.relevant)) == (True, "related", {})
    assert not data.problems


def test_squad_json_reports_with_line(tmp_path: Path) -> None:
    path = tmp_path / "dev.json"
    broken = json.loads(json.dumps(SQUAD))
    qas = broken["data"][0]["paragraphs"][0]["qas"]
    qas[0]["answers"][0]["answer_start"] = 3
    qas += [{"id": "q1", "question": "again?", "answers": []}, {"id": "q3", "question": "no answer?", "answers": []}]
    path.write_text(json.dumps(broken, indent=1))
    data = read(path, "squad")
    raw = path.read_text().splitlines()
    at = [number for number, line in enumerate(raw, start=1) if '"q1"' in line]
    missing = next(number for number, line in enumerate(raw, start=1) if '"q3"' in line)
    assert problems(data) == [
        f"dev.json:{at[0]}: question 'q1': 'Norway' is not at answer_start 3",
        f"dev.json:{at[1]}: question id 'q1' comes again; the second is left out",
        f"dev.json:{missing}: question 'q3' has no answer; its answer is not judged",
    ]


def test_squad_json_lines(tmp_path: Path) -> None:
    row = {"id": "1", "question": "Where?", "context": "In Rome.", "title": "T", "is_impossible": False}
    path = lines(
        tmp_path / "dev.jsonl",
        {**row, "answers": [{"text": "Rome", "answer_start": 3}]},
        {**row, "id": "2", "is_impossible": True, "answers": []},
        {**row, "id": "3", "context": "In Paris.", "answers": [{"text": "Paris", "answer_start": 3}]},
        {"id": "4", "question": "No context?"},
    )
    data = read(path, "squad")
    assert [(q.id, list(q.relevant)) for q in data.questions] == [("1", ["T#0"]), ("2", []), ("3", ["T#1"])]
    assert problems(data) == ["dev.jsonl:4: a question without context; left out"]


def test_a_context_without_a_title_is_a_document_without_one(tmp_path: Path) -> None:
    row = {"id": "1", "question": "Where?", "context": "In Rome.", "answers": ROME}
    (document,) = read(lines(tmp_path / "nq.jsonl", row), "squad").documents
    assert (document.id, document.title) == ("untitled#0", "")


def test_squad_rejects_another_json(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('{"rows": []}')
    with pytest.raises(DataError, match="not SQuAD JSON"):
        read(path, "squad")


def test_jsonl_needs_only_the_question(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "mine.jsonl",
        {"id": "a", "question": "Who?", "answers": "Ann", "document": "x.md", "quote": "Ann did.", "type": "who"},
        {"id": "b", "question": "What else?", "unanswerable": True, "near_miss": True, "document": "x.md"},
        {"id": "c", "question": "No answer?"},
        {"id": "c", "question": "Twice?", "answers": ["x"]},
        {"id": "d"},
        {"question": "Both?", "answers": ["x"], "unanswerable": True},
    )
    data = read(path, "jsonl", sources=tmp_path)
    assert [q.id for q in data.questions] == ["a", "b", "c", "mine_6"]
    assert data.questions[0].quote and data.questions[0].quote.document_id == "x.md"
    assert [q.expected for q in data.questions] == ["answered", "related", "answered", "not_found"]
    assert problems(data) == [
        "mine.jsonl:3: question 'c' has no answer; its answer is not judged",
        "mine.jsonl:4: question id 'c' comes again; the second is left out",
        "mine.jsonl:5: no question; the line is left out",
        "mine.jsonl:6: question 'mine_6' is unanswerable and has an answer; the answer is left out",
    ]


@pytest.mark.parametrize("grade", [1, 1.0, "1"])
def test_relevant_documents_are_graded_or_a_list(grade: object, tmp_path: Path) -> None:
    rows = [{"question": "Who?", "answers": ["Ann"], "relevant": named} for named in ({"a": grade, "b": 1}, ["a", "b"])]
    data = read(lines(tmp_path / "q.jsonl", *rows), "jsonl")
    assert [dict(question.relevant) for question in data.questions] == [{"a": 1, "b": 1}] * 2 and not data.problems


def test_another_source_that_is_as_good_needs_no_quote(tmp_path: Path) -> None:
    row = {"question": "Who?", "answers": ["Ann"], "document": "x.md", "also": [{"document": "y.md"}]}
    (question,) = read(lines(tmp_path / "q.jsonl", row), "jsonl").questions
    assert (list(question.relevant), question.also) == (["x.md", "y.md"], ())


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"relevant": {"x.md": 0.5}}, "question 'q_1': the grade 0.5 is not a whole number; its source and quote"),
        ({"quote": "Ann did."}, "question 'q_1': a quote needs the document that it is from; its source and quote"),
        ({"document": "x.md", "also": [{"quote": "Ann"}]}, "question 'q_1': 'also' is [{document, quote}]; its source"),
        ({"source": "x.md"}, "the field 'source' is not known and not read"),
    ],
)
def test_what_is_not_judged_of_a_line_is_told(more: dict[str, Any], says: str, tmp_path: Path) -> None:
    row = {"question": "Who?", "answers": ["Ann"], **more}
    data = read(lines(tmp_path / "q.jsonl", row, {"question": "When?", "answers": ["1931"], "source": "y.md"}), "jsonl")
    assert [(q.answers, dict(q.relevant), q.quote) for q in data.questions] == [
        (("Ann",), {}, None),
        (("1931",), {}, None),
    ]
    assert problems(data)[0].startswith(f"q.jsonl:1: {says}")
    assert sum("'source' is not known" in problem for problem in problems(data)) == 1, "a field is reported once"


def test_conversations_number_their_turns(tmp_path: Path) -> None:
    folder = beir(tmp_path)
    turns = [
        {"question": "Who grows grapes?", "relevant": {"a": 2}, "rewrite": ""},
        {"id": "own", "question": "And when?", "rewrite": "When are grapes grown?", "relevant": {"zz": 1}},
        {"question": "Thanks"},
    ]
    lines(folder / "conversations.jsonl", {"id": "t", "turns": turns}, {"id": "t", "turns": turns}, {"id": "u"})
    data = read(folder, "conversations")
    assert [(q.id, q.turn, q.conversation, q.rewrite) for q in data.questions] == [
        ("t_1", 1, "t", ""),
        ("own", 2, "t", "When are grapes grown?"),
        ("t_3", 3, "t", ""),
    ]
    assert problems(data) == [
        "conversations.jsonl:1: turn 't_3' has neither relevant documents nor answers; asked, but not judged",
        "conversations.jsonl:2: conversation id 't' comes again; the second is left out",
        "conversations.jsonl:3: conversation 'u' has no turns; left out",
        "conversations.jsonl:1: turn 'own' names the unknown document 'zz'; it counts as never found",
    ]


def test_conversations_over_own_sources_keep_their_split(tmp_path: Path) -> None:
    turns = [{"question": "Who?", "document": "x.md", "quote": "Ann", "answers": ["Ann"]}]
    path = lines(
        tmp_path / "conversations.jsonl",
        {"id": "d", "split": "dev", "turns": turns},
        {"id": "t", "split": "test", "turns": turns},
    )
    assert [q.id for q in read(path, "conversations", split="dev", sources=tmp_path).questions] == ["d_1"]
    with pytest.raises(DataError, match="nothing of the split 'none'.*conversations is conversations.jsonl in"):
        read(path, "conversations", split="none", sources=tmp_path)


def test_csv_of_a_user(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text(
        "Question,Expected sources,answer,colour\n"
        '"Who, and when?",a.md; b.md,Ann;Anna,\n'
        "Only asked,,,\n"
        ",a.md,,\n"
        "too,many,cells,in,row\n"
    )
    data = read(path, "csv", sources=tmp_path)
    assert [(q.id, list(q.relevant), q.answers) for q in data.questions] == [
        ("q_2", ["a.md", "b.md"], ("Ann", "Anna")),
        ("q_3", [], ()),
    ]
    assert [text.partition(":")[2][:12] for text in problems(data)] == [
        "1: the colum",
        "3: question ",
        "4: no questi",
        "5: 5 cells, ",
    ]


def test_a_column_that_comes_again_and_a_word_that_is_no_yes_are_told(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text("question,answer,answers,unanswerable\nWho?,Ann,,WAHR\n")
    data = read(path, "csv")
    assert [(q.answers, q.unanswerable) for q in data.questions] == [(("Ann",), False)]
    assert problems(data) == [
        "q.csv:1: the column 'answers' is another 'answer' and not read",
        "q.csv:2: question 'q_2': unanswerable is 'WAHR', which is taken as no: write yes or no",
    ]


def test_a_quotation_mark_that_is_never_closed_is_told_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text('question,answer\n"Who, or\nwhat?",Ann\n"When?,1931\nWhere?,Rome\nWhy?,\n')
    data = read(path, "csv")
    assert [(q.id, q.line) for q in data.questions] == [("q_2", 2)]
    assert [problem.line for problem in data.problems] == [4] and "from here to line 6" in problems(data)[0]


def test_csv_without_question_column_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text("ask,source\nx,y\n")
    with pytest.raises(DataError, match="no column 'question'"):
        read(path, "csv")


def test_plain_list(tmp_path: Path) -> None:
    path = tmp_path / "q.txt"
    path.write_text("\ufeffWho?\n\nWhen?\n", encoding="utf-8")
    assert [(q.id, q.question) for q in read(path, "questions").questions] == [("q_1", "Who?"), ("q_3", "When?")]


@pytest.mark.parametrize("name", FORMATS)
def test_a_missing_path_is_one_clear_line(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        read(tmp_path / "nowhere", name)
    assert "nowhere" in str(error.value) and "\n" not in str(error.value)


def test_characters_that_cannot_be_stored_are_replaced_and_reported(tmp_path: Path) -> None:
    row = '{"id": "1", "question": "Wh\\u0000y?", "context": "a\\ud800bc \\ud83d\\ude00", "answers": []}'
    data = read(lines(tmp_path / "s.jsonl", row), "squad")
    assert (data.questions[0].question, data.documents[0].text) == ("Wh\ufffdy?", "a\ufffdbc \U0001f600")
    assert problems(data)[0] == "s.jsonl:1: lone surrogates or NUL characters; each is replaced by U+FFFD"


def test_an_empty_set_and_an_unknown_format_are_errors(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no question"):
        read(lines(tmp_path / "x.jsonl", "{broken"), "jsonl")
    with pytest.raises(DataError, match="unknown format 'trec'"):
        read(tmp_path, "trec")


def test_formats_are_guessed(tmp_path: Path) -> None:
    folder = beir(tmp_path / "set")
    assert guess(folder) == "beir"
    lines(folder / "conversations.jsonl", {})
    assert guess(folder) == "conversations"
    assert [guess(Path(name)) for name in ("a.json", "A.CSV", "a.txt")] == ["squad", "csv", "questions"]
    assert guess(lines(tmp_path / "q.jsonl", {"question": "Who?"})) == "jsonl"
    assert guess(lines(tmp_path / "s.jsonl", {"question": "Who?", "context": "Ann."})) == "squad"


SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "b", "x.md", "1e999"])
VALUES = st.recursive(
    SCALARS,
    lambda part: st.lists(part, max_size=2) | st.dictionaries(st.sampled_from("ab"), part, max_size=2),
    max_leaves=4,
)
FIELDS = "id _id question text title context answers document quote also relevant turns rewrite qas unanswerable"
ROWS = st.lists(st.dictionaries(st.sampled_from(FIELDS.split()), VALUES, max_size=6), min_size=1, max_size=4)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, others=ROWS, name=st.sampled_from(["jsonl", "squad", "conversations", "beir"]))
def test_no_shape_of_json_crashes_a_reader(
    rows: list[dict[str, Any]], others: list[dict[str, Any]], name: str, tmp_path: Path
) -> None:
    for file in ("corpus.jsonl", "queries.jsonl"):
        lines(tmp_path / file, *rows)
    lines(tmp_path / "conversations.jsonl", *({"id": n, "turns": others} for n, _ in enumerate(rows)), *rows)
    lines(tmp_path / "qrels" / "test.tsv", "query-id\tcorpus-id\tscore", "a\tb\t1", "1\ta\t1")
    path = tmp_path if name in ("beir", "conversations") else tmp_path / "corpus.jsonl"
    try:
        data = read(path, name)
    except DataError:
        return
    assert len({question.id for question in data.questions}) == len(data.questions)
    assert all(isinstance(q.question, str) and q.question for q in data.questions)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=VALUES, two=VALUES, three=VALUES)
def test_no_shape_of_json_crashes_squad(one: Any, two: Any, three: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    question = {"id": two, "question": three, "answers": one}
    paragraphs = [[{"context": "a", "qas": [question]}], [{"context": one, "qas": two}, three], one]
    for data in (one, [one], *([{"title": two, "paragraphs": found}] for found in paragraphs)):
        path.write_text(json.dumps({"data": data}))
        with contextlib.suppress(DataError):
            read(path, "squad")


def test_a_table_in_another_encoding_says_how_to_save_it(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_bytes("question,answer\nWo liegt Köln?,am Rhein\n".encode("cp1252"))
    with pytest.raises(DataError, match="is not UTF-8 text.*CSV UTF-8"):
        read(tmp_path / "mine.csv", "csv")


ROME = [{"text": "Rome", "answer_start": 3}]


@pytest.mark.parametrize("answers", [ROME, {"text": ["Rome"], "answer_start": [3]}])
def test_squad_answers_are_a_list_or_columns(answers: object, tmp_path: Path) -> None:
    row = {"id": 0, "question": "Where?", "context": "In Rome.", "answers": answers}
    none = {**row, "id": 1, "answers": {"text": [], "answer_start": []}}
    data = read(lines(tmp_path / "hf.jsonl", row, none), "squad")
    first, second = data.questions
    assert (first.id, first.answers, first.unanswerable) == ("0", ("Rome",), False)
    assert first.quote and first.quote.start == 3
    assert (second.answers, second.unanswerable, dict(second.relevant)) == ((), True, {})
    assert not data.problems


def test_squad_lines_without_id_are_numbered_and_an_impossible_answer_is_reported(tmp_path: Path) -> None:
    row = {"question": "Where?", "context": "In Rome.", "answers": ["Rome"]}
    data = read(lines(tmp_path / "nq.jsonl", row, {**row, "id": "b", "answers": ROME, "is_impossible": True}), "squad")
    assert [(q.id, q.answers) for q in data.questions] == [("nq_1", ("Rome",)), ("b", ())]
    assert problems(data) == [
        "nq.jsonl:1: question 'nq_1': 'Rome' is not at answer_start None",
        "nq.jsonl:2: question 'b' is impossible and has an answer; it is left out",
    ]


@pytest.mark.parametrize("ids", [(7, 70), ("é", "é2")])
@pytest.mark.parametrize("ascii", [True, False])
def test_squad_json_finds_the_line_of_any_id(ids: tuple[object, object], ascii: bool, tmp_path: Path) -> None:
    texts = [{"text": "7", "answer_start": 0}, {"text": "é", "answer_start": 0}]
    qas = [{"question": "id: 7, 70?", "answers": texts, "id": name} for name in ids]
    path = tmp_path / "dev.json"
    data = {"data": [{"title": "T", "paragraphs": [{"context": "In Rome.", "qas": qas}]}]}
    path.write_text(json.dumps(data, indent=1, ensure_ascii=ascii), encoding="utf-8")
    at = [n for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1) if '"id":' in line]
    found = read(path, "squad")
    assert [question.line for question in found.questions] == at
    assert [problem.line for problem in found.problems] == [at[0], at[0], at[1], at[1]]


@pytest.mark.parametrize("answers", ["Rome", ["Rome"], ROME, {"text": ["Rome"], "answer_start": [3]}])
@pytest.mark.parametrize("name", ["answers", "answer"])
def test_answers_are_read_in_every_usual_form(name: str, answers: object, tmp_path: Path) -> None:
    row = {"id": 0, "question": "Where?", "unanswerable": "false", name: answers}
    data = read(lines(tmp_path / "mine.jsonl", row), "jsonl")
    assert [(q.id, q.answers, q.unanswerable) for q in data.questions] == [("0", ("Rome",), False)]
    talk = read(lines(tmp_path / "conversations.jsonl", {"id": 0, "turns": [row]}), "conversations")
    assert [(q.conversation, q.id, q.answers) for q in talk.questions] == [("0", "0", ("Rome",))]


def test_a_turn_without_an_answer_keeps_none(tmp_path: Path) -> None:
    turn = {"question": "Who?", "answers": ["CANNOTANSWER"], "unanswerable": True, "relevant": {"a": 1}}
    data = read(lines(tmp_path / "conversations.jsonl", {"id": "t", "turns": [turn]}), "conversations")
    assert [(q.answers, dict(q.relevant), q.unanswerable) for q in data.questions] == [((), {}, True)]
    assert problems(data) == [
        "conversations.jsonl:1: turn 't_1' is unanswerable and has an answer; the answer is left out"
    ]


def test_beir_ids_may_be_numbers_and_null_is_none(tmp_path: Path) -> None:
    folder = beir(tmp_path, "0\t0\t1", "1\ta\t\u00b2")
    lines(folder / "queries.jsonl", {"_id": 0, "text": "who?"}, {"_id": None, "id": 1, "text": "when?"})
    lines(
        folder / "corpus.jsonl",
        {"_id": 0, "text": "Ann."},
        {"_id": None, "text": "Nameless."},
        {"_id": "a", "text": "b"},
    )
    data = read(folder, "beir")
    assert [(q.id, dict(q.relevant)) for q in data.questions] == [("0", {"0": 1})]
    assert [problem.line for problem in data.problems] == [2, 3]


def test_a_folder_is_named_by_its_own_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(beir(tmp_path / "wines", "1\ta\t1"))
    lines(Path("conversations.jsonl"), {"turns": [{"question": "Who?", "relevant": {"a": 1}}]})
    assert {read(Path(), name).name for name in ("beir", "conversations")} == {"wines"}


def test_a_missing_split_names_those_there_are(tmp_path: Path) -> None:
    folder = beir(tmp_path)
    (folder / "qrels" / "test.tsv").rename(folder / "qrels" / "dev.tsv")
    with pytest.raises(DataError, match=r"no qrels/test\.tsv .*qrels has dev.*--split dev"):
        read(folder, "beir")


def test_a_damaged_gzip_file_is_one_clear_line(tmp_path: Path) -> None:
    data = bytearray(gzip.compress(b'{"question": "Who?"}\n' * 100))
    data[12:20] = b"\xff" * 8
    (tmp_path / "q.jsonl.gz").write_bytes(data)
    with pytest.raises(DataError, match="cannot read"):
        read(tmp_path / "q.jsonl.gz", "jsonl")


def test_a_gzipped_file_is_guessed_by_the_name_inside() -> None:
    assert [guess(Path(name)) for name in ("a.json.gz", "a.csv.gz", "a.txt.gz")] == ["squad", "csv", "questions"]


@pytest.mark.parametrize("cell", ["no", "false", "", "0"])
def test_no_in_a_table_is_no(cell: str, tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text(f"question,answer,unanswerable\r\nWho?,Ann,{cell}\r\n")
    assert [q.unanswerable for q in read(tmp_path / "q.csv", "csv").questions] == [False]


def test_other_sources_for_a_set_with_documents_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="brings documents of its own"):
        read(beir(tmp_path, "1\ta\t1"), "beir", sources=tmp_path)
