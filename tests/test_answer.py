from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer import alike, compose, onward
from rag.around import expanded, following, placed
from rag.quoting import quote_range
from rag.ranking import agreement, averaged, confirmed, logit, rank, sigmoid
from rag.text import sentences
from rag.types import (
    Anchor,
    Answer,
    Calibration,
    Candidate,
    Credit,
    Document,
    Hit,
    Passage,
    Reading,
    Span,
)

# Answered when the answer is likelier than not; related when the passage is likelier about it than not.
PLAIN = Calibration(
    ranking=(1.0, 0.0, 0.0, 0.0),
    answered=(0.0, 0.0, 1.0, 0.0),
    related=(0.0, 1.0, 0.0, 0.0),
    answered_at={"strict": 0.9, "balanced": 0.5, "eager": 0.2},
    related_at={"strict": 0.5, "balanced": 0.5, "eager": 0.5},
)
TEXT = "The plan was revived in 2019. He said it was called Qiming. The ministry runs it."


def candidate(
    number: int, text: str = TEXT, *, relevance: float = 0.9, answerable: float = 0.9, best: int = 0
) -> Candidate:
    spans = sentences(text)
    evidence = tuple(Span(s, e, 0.9 if place == best else 0.1) for place, (s, e) in enumerate(spans))
    documents = (Document(f"d{number}", f"file:///{number}", f"Title {number}", "", "r"),)
    shift = 100 * number
    passage = Passage(number, f"d{number}", shift, shift + len(text))
    answer = Span(spans[best][0], spans[best][0] + 3, 0.8)
    return Candidate(
        Hit(number, 1, 0.5, 0.5, 1.0), passage, text, Reading(relevance, answerable, (answer,), evidence), documents
    )


def quoted_range(one: Candidate) -> tuple[int, int]:
    return quote_range(one.text, one.reading.sentences, one.passage.heading)


def answer(*candidates: Candidate, mode: str = "balanced", most: int = 3) -> Answer:
    return compose(rank(candidates, PLAIN), PLAIN, mode=mode, most=most)  # type: ignore[arg-type]


def test_a_quote_is_the_slice_its_offsets_name() -> None:
    quote = answer(candidate(3)).quotes[0]
    assert (quote.document_id, quote.start, quote.end) == ("d3", 300, 329)
    assert quote.text == TEXT[:29] == "The plan was revived in 2019."
    assert (quote.answer_start, quote.answer_end) == (300, 303)


def test_a_sentence_that_points_back_takes_the_one_before_with_it() -> None:
    start, end = quoted_range(candidate(1, best=1))
    assert TEXT[start:end] == "The plan was revived in 2019. He said it was called Qiming."


def test_a_speaker_who_is_named_takes_no_sentence_of_another_paragraph_along() -> None:
    text = 'The charts were wrong.\n\n"This was an accident," said Helga Tarrant.'
    start, end = quoted_range(candidate(1, text, best=1))
    assert text[start:end] == '"This was an accident," said Helga Tarrant.'


@pytest.mark.parametrize(
    ("reply", "whole"),
    [
        ("Yes, we closed it in May.", True),
        ("No. We sold it.", True),
        ("JONES: No, we sold it.", True),
        ("A: “Yes,” she said.", True),
        ("No company closed it.", False),
        ("Yesterday we closed it.", False),
        ("No. 7 was closed.", False),
    ],
)
def test_a_yes_takes_its_question_with_it(reply: str, whole: bool) -> None:
    text = ("\n\n" if whole else " ").join(("Did you close it?", reply))
    quoted = text[slice(*quoted_range(candidate(1, text, best=1)))]
    assert quoted.startswith("Did you close it?") == whole


@pytest.mark.parametrize(
    ("evidence", "quoted"),
    [((0.6, 0, 0.5, 0), 3), ((0.6, 0, 0.2, 0), 1), ((0.6, 0, 0, 0.5), 1), ((0.6, 0.2, 0, 0), 2), ((0.6, 0.1, 0, 0), 1)],
)
def test_a_quote_spans_two_sentences_that_may_both_answer(evidence: tuple[float, ...], quoted: int) -> None:
    text = "The law is called 2023/1781. Member states voted for it. It began on 21 September. Some paid late."
    places = sentences(text)
    spans = tuple(Span(s, e, score) for (s, e), score in zip(places, evidence, strict=True))
    read = replace(candidate(1), text=text, reading=Reading(0.9, 0.9, (), spans))
    assert quoted_range(read) == (0, places[quoted - 1][1])


@pytest.mark.parametrize(
    "asked", ["Q: Why did you close it?", "Mrs Byrne asked why it was closed.", "He wanted to know how it works."]
)
def test_a_question_in_the_source_takes_the_reply_with_it_and_has_no_answer_marked(asked: str) -> None:
    text = f"{asked} Two of the staff had left. The item was closed."
    one = replace(candidate(1, text), passage=Passage(1, "d1", 0, len(text)))
    assert text[slice(*quoted_range(one))] == f"{asked} Two of the staff had left."
    places = [text.index("close"), text.index("Two")] if "close" in asked else [text.index("it works")]
    spans = tuple(Span(at, at + 5, 0.8) for at in places)
    marked = answer(replace(one, reading=replace(one.reading, spans=spans))).short
    assert (marked and marked.text) == ("Two o" if "close" in asked else None)


@pytest.mark.parametrize(
    ("text", "reply", "others"),
    [
        ("When asked why the plant had closed, the CEO cited high energy costs.", "high energy costs", "plant"),
        ("She was asked whether she would resign and said she would stay until May 2025.", "until May", "resign"),
        ("Mr Brown asked when it would end; Ms Klein replied that it would end in June.", "June", "it would end"),
        ("They asked why it closed, who would pay and when, and she named the state.", "the state", "who would"),
    ],
)
def test_what_stands_behind_a_reported_question_may_be_the_answer(text: str, reply: str, others: str) -> None:
    one = replace(candidate(1, f"{text} Two of the staff had left."), passage=Passage(1, "d1", 0, len(text) + 28))
    assert one.text[slice(*quoted_range(one))] == text
    for place, shown in ((reply, reply), (others, None)):
        spans = (Span(text.index(place), text.index(place) + len(place), 0.8),)
        given = answer(replace(one, reading=replace(one.reading, spans=spans)))
        assert (given.short and given.short.text) == shown


def test_the_number_of_a_clause_is_no_answer() -> None:
    for text, marked in (
        ("3.1 The rent is 900 euros.", None),
        ("The rate is 3.1 percent.", "3.1"),
        ("3.1 percent is the rate.", "3.1"),
    ):
        one, at = candidate(1, text), text.index("3.1")
        read = replace(one.reading, spans=(Span(at, at + 3, 0.8),))
        short = answer(replace(one, passage=Passage(1, "d1", 0, len(text)), reading=read)).short
        assert (short and short.text) == marked


def test_a_heading_is_no_part_of_a_quote() -> None:
    headed = candidate(1, "Qiming\n\nIt replaced the plan.", best=1)
    headed = replace(headed, passage=replace(headed.passage, heading="Programmes > Qiming"))
    start, end = quoted_range(headed)
    assert headed.text[start:end] == "It replaced the plan."


def test_a_headline_is_quoted_where_most_of_the_evidence_is_in_it() -> None:
    text = "Blast: death toll reaches 13\n\nRupert Valentine steps down. He knew of it."
    one = candidate(1, text)
    spans = tuple(Span(s, e, score) for (s, e), score in zip(sentences(text), (0.5, 0.2, 0.01), strict=True))
    marked = Span(text.index("13"), text.index(" steps"), 0.5)
    one = replace(one, passage=replace(one.passage, heading="Blast: death toll reaches 13"))
    one = replace(one, reading=replace(one.reading, spans=(marked,), sentences=spans))
    found = answer(one)
    assert found.quotes[0].text.startswith("Blast")
    assert found.short is not None
    assert found.short.text == "13", "of what is marked across sentences the part with more evidence is kept"


def test_a_heading_is_not_quoted_alone() -> None:
    one = candidate(1, "Founders and money\n\nRapidus was established in 2022. It has eight owners.")
    one = replace(one, passage=replace(one.passage, heading="Rapidus > Founders and money"))
    spans = tuple(Span(s.start, s.end, score) for s, score in zip(one.reading.sentences, (0.5, 0.05, 0.0), strict=True))
    start, end = quoted_range(replace(one, reading=replace(one.reading, sentences=spans)))
    assert one.text[start:end] == "Founders and money\n\nRapidus was established in 2022."


def test_the_three_outcomes() -> None:
    assert answer(candidate(1)).status == "answered"
    related = answer(candidate(1, answerable=0.3))
    assert (related.status, related.short, related.quotes[0].answer_start) == ("related", None, None)
    nothing = answer(candidate(1, relevance=0.2, answerable=0.2))
    assert (nothing.status, nothing.quotes, nothing.short) == ("not_found", (), None)
    assert answer().status == "not_found"


def test_what_several_passages_say_is_surer_than_one_of_several_answers() -> None:
    weighted = replace(PLAIN, answered=(0.0, 0.0, 1.0, 0.0, 2.0))
    alone, twice = candidate(1), candidate(2, TEXT.replace("The plan", "Then the plan"))
    other = candidate(3, "Qiming was thought of in 2021. It pays well.")

    def sure(*read: Candidate) -> float:
        return compose(rank(read, weighted), weighted, mode="balanced", most=3).confidence

    assert sure(alone) == sure(alone, replace(twice, reading=alone.reading)) > sure(alone, other)
    assert compose(rank((alone, other), PLAIN), PLAIN, mode="balanced", most=3).confidence == answer(alone).confidence


def test_a_quote_is_not_hidden_because_it_gives_another_figure() -> None:
    weighted = replace(PLAIN, answered=(0.0, 0.0, 1.0, 0.0, 1.5))

    def counted(number: int, text: str, relevance: float) -> Candidate:
        one = candidate(number, text, relevance=relevance, answerable=0.6)
        end = text.index(" ")
        return replace(one, reading=replace(one.reading, spans=(Span(0, end, 0.8),)))

    def shown(*others: Candidate) -> list[str]:
        read = (counted(1, "Thirteen people are now known to have died.", 0.9), *others)
        return [q.text for q in compose(rank(read, weighted), weighted, mode="eager", most=3).quotes[1:]]

    seven = "Seven people were killed in the fire."
    assert shown(counted(2, seven, 0.5)) == [seven]
    assert shown(counted(2, "Nobody was killed in the fire.", 0.5)) == [], "says something else, but no other figure"
    assert shown(counted(2, seven, 0.1)) == []


@given(st.lists(st.tuples(st.floats(-30, 30), st.sampled_from(["", "1871", "in 1871", "Qiming"])), max_size=6))
def test_agreement_is_a_share_and_the_same_for_the_same_answer(read: list[tuple[float, str]]) -> None:
    shares = agreement([value for value, _ in read], [words for _, words in read])
    assert all(share <= 1e-9 for share in shares)
    by_answer = {words: share for (_, words), share in zip(read, shares, strict=True) if words}
    assert all(by_answer[words] == share for (_, words), share in zip(read, shares, strict=True) if words)
    if read and {words for _, words in read} == {"1871"}:
        assert abs(shares[0]) < 1e-9


def test_a_number_does_not_agree_with_as_many_thousands() -> None:
    shares = [
        math.exp(share) for share in agreement([0.0, 0.0, 0.0], ["nine", "fewer than nine thousand", "nine boats"])
    ]
    assert shares == pytest.approx([2 / 3, 1 / 3, 2 / 3])


def test_the_mode_moves_the_line() -> None:
    doubtful = candidate(1, answerable=0.6)
    assert [answer(doubtful, mode=mode).status for mode in ("strict", "balanced", "eager")] == [
        "related", "answered", "answered",
    ]  # fmt: skip


def test_quotes_that_say_the_same_are_folded_and_every_source_is_credited() -> None:
    folded = answer(
        candidate(1), candidate(2, relevance=0.8), candidate(3, "Something else entirely. Yes.", relevance=0.7)
    )
    assert [quote.document_id for quote in folded.quotes] == ["d1", "d3"]
    assert [source.document_id for source in folded.quotes[0].also_in] == ["d2"]


def test_a_quote_grows_by_whole_sentences() -> None:
    quote = answer(candidate(0, best=1)).quotes[0]
    document = "Before it. " * 3 + TEXT + " After it." * 3
    moved = replace(quote, start=quote.start + 33, end=quote.end + 33)
    grown = expanded(moved, document, around=25)
    assert grown.text == document[grown.start : grown.end] == f"Before it. Before it. {TEXT}"
    copy, other = (Credit(revision, revision, "", revision=revision) for revision in ("r", "another"))
    assert expanded(replace(moved, also_in=(copy, other)), document).also_in == (copy,), "the other says only the quote"


def test_a_pdf_quote_knows_its_printed_and_its_physical_page() -> None:
    quote = replace(answer(candidate(0)).quotes[0], link="https://a.example/x.pdf")
    pages = (Anchor("page", "iv", 0, 50, 7), Anchor("page", "v", 50, 90, 8))
    document = Document("d0", "file:///0", "T", TEXT, "r", "application/pdf", link=quote.link, anchors=pages)
    found = placed(quote, document)
    assert (found.page, found.link) == ("iv", "https://a.example/x.pdf#page=7")


def test_what_follows_a_quote_is_the_rest_of_its_section_then_the_next_one_and_no_list_of_links() -> None:
    text = "Plans\n\nIt began. It grew. It ended.\n\nCosts\n\nIt was dear.\n\nFurther reading\n\nA book."
    starts = [(label, text.index(label)) for label in ("Plans", "Costs", "Further reading")]
    ends = [start for _, start in starts[1:]] + [len(text)]
    sections = tuple(Anchor("section", label, start, end, 1) for (label, start), end in zip(starts, ends, strict=True))
    document = Document("d0", "file:///0", "T", text, "r", anchors=sections)
    start = text.index("It began.")
    quote = replace(answer(candidate(0)).quotes[0], text="It began.", start=start, end=start + 9)
    second = following(quote, document)
    assert second is not None
    assert (second.text, second.heading, second.answer_start) == ("It grew. It ended.", "Plans", None)
    assert quote.score > second.score == 0, "it was not read for the question"
    third = following(second, document)
    assert third is not None
    assert (third.text, third.heading) == ("It was dear.", "Costs")
    assert third.text == text[third.start : third.end]
    assert following(third, document) is None


def test_what_follows_does_not_end_with_an_announcement() -> None:
    text = "It began. It grew. They are:\n\n- oil.\n- gas."
    document = Document("d0", "file:///0", "T", text, "r")
    quote = replace(answer(candidate(0)).quotes[0], text="It began.", start=0, end=9)
    for most, more in ((25, "It grew."), (99, text[10:])):
        follows = following(quote, document, most=most)
        assert follows is not None and follows.text == more == text[follows.start : follows.end]


@pytest.mark.parametrize("far", [40, 4000, 40_000])
def test_what_follows_and_stands_around_is_the_same_however_long_the_text_is(far: int) -> None:
    """Only the sentences near the quote are looked at, where one of them is not as long as all that."""
    words, book = "and so on " * (far // 10), "A book. " * (far // 8)
    text = f"Before {words}it.\n\nIt began. It went {words}on. It ended.\n\nSources\n\n{book}\n\nCosts\n\nIt was dear."
    labels = (Anchor("section", label, text.index(f"\n{label}\n") + 1, len(text), 1) for label in ("Sources", "Costs"))
    document = Document("d0", "file:///0", "T", text, "r", anchors=tuple(labels))
    quote = replace(answer(candidate(0)).quotes[0], text="It began.", start=(at := text.index("It began.")), end=at + 9)
    told, each = list[str](), following(quote, document, most=20)
    while each:
        told.append(each.text)
        each = following(each, document, most=20)
    assert told == [f"It went {words}on.", "It ended.", "It was dear."]
    assert expanded(quote, text, around=far // 2).text == "It began."
    assert expanded(quote, text, around=2 * far + 20).text.startswith(f"Before {words}it.")


def test_more_shows_what_follows_and_nothing_twice() -> None:
    found = answer(candidate(0), candidate(5, "Another text says that the bridge was opened in 1931."))
    assert len(found.quotes) == 2
    follows = replace(found.quotes[0], text="And so on.", start=900, end=910)
    more = onward(found, found.quotes[:1], follows)
    assert [quote.text for quote in more.quotes] == ["And so on.", found.quotes[1].text]
    assert [quote.rank for quote in more.quotes] == [1, 2]
    assert more.short is None
    assert onward(found, found.quotes, None).status == "not_found"


def test_ties_go_to_the_smaller_id_whatever_the_order() -> None:
    one, two = candidate(1), candidate(2)
    assert rank([one, two], PLAIN) == rank([two, one], PLAIN)


def test_doubtful_words_are_not_marked_and_the_confidence_is_that_of_the_words() -> None:
    sure = answer(candidate(1))
    assert sure.short is not None and (sure.short.confidence, sure.confidence) == (0.8, sigmoid(logit(0.9)))
    one = candidate(1)
    spans = tuple(replace(span, score=0.1) for span in one.reading.spans)
    doubtful = answer(replace(one, reading=replace(one.reading, spans=spans)))
    assert (doubtful.status, doubtful.short, doubtful.quotes[0].answer_start) == ("answered", None, None)


def test_a_line_that_is_hardly_more_than_a_link_is_not_shown_beside_an_answer() -> None:
    link = candidate(2, "- Ministry: https://www.meti.example.jp/ministry")
    assert [quote.rank for quote in answer(candidate(1), link).quotes] == [1]
    assert answer(link).quotes[0].text.startswith("- Ministry"), "alone it is all there is"


def test_a_list_of_references_stands_behind_what_it_refers_to() -> None:
    listed = candidate(1, relevance=0.9)
    listed = replace(listed, passage=replace(listed.passage, heading="Qiming > Further reading"))
    assert [item.candidate.passage.id for item in rank([listed, candidate(2, relevance=0.7)], PLAIN)] == [2, 1]


def test_a_document_that_shares_its_bytes_is_credited() -> None:
    shared = candidate(1)
    shared = replace(shared, documents=(*shared.documents, Document("d9", "file:///9", "Copy", "", "r")))
    assert [source.title for source in answer(shared).quotes[0].also_in] == ["Copy"]


def test_a_numbered_heading_is_no_quote() -> None:
    text = "8.4. The Hidden Password File\n\nIt is kept in /etc/shadow."
    read = candidate(1, text, best=1)
    read = replace(read, passage=replace(read.passage, heading="8. Users > 8.4. The Hidden Password File"))
    assert answer(read).quotes[0].text == "It is kept in /etc/shadow."


LONG = "The ministry said on Friday that the ban covers every operator of critical systems in the country."


def test_a_copy_that_was_cut_elsewhere_is_credited_with_its_revision() -> None:
    longer = replace(candidate(2, f"It took effect at once. {LONG}"), hit=candidate(1).hit)
    longer = replace(
        longer, reading=replace(longer.reading, sentences=(Span(0, 23, 0.9), Span(24, 24 + len(LONG), 0.9)))
    )
    (quote,) = answer(candidate(1, LONG), longer).quotes
    assert [(source.document_id, source.revision) for source in quote.also_in] in ([("d2", "r")], [("d1", "r")])


def test_equal_words_with_another_figure_are_another_quote() -> None:
    first = LONG.replace("Friday", "12 May")
    assert len(answer(candidate(1, first), candidate(2, first.replace("12", "14"))).quotes) == 2


SAME = [
    "Profit rose in the first quarter, the company said on Monday after markets closed in Frankfurt.",
    "The council voted for the construction of the new bridge across the river Main in Frankfurt.",
    "The tenant shall pay the costs of repair of the roof and of the windows of the building.",
    "Mr Smith is a member of the supervisory board of the company.",
    "Goods that are shipped from the port of Hamburg in the north of the country are taxed at once.",
    "Country: France | Signed: yes | Year: 1998 | Language: French | Capital: Paris | Head: none",
]


@pytest.mark.parametrize(
    ("text", "old", "new"),
    zip(
        SAME,
        ("rose", "for", "tenant", "a member", "from", "France"),
        ("fell", "against", "landlord", "not a member", "to", "Belgium"),
        strict=True,
    ),
)
def test_one_other_word_may_say_the_opposite(text: str, old: str, new: str) -> None:
    assert not alike(text, text.replace(old, new, 1)) and not alike(text.replace(old, new, 1), text)


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        ("The ministry denied that", ""),
        ("It is false that", ""),
        ("", "unless the owner caused the damage"),
        ("", "until the court said no"),
    ],
)
def test_words_around_a_sentence_may_say_the_opposite(before: str, behind: str) -> None:
    for text in (text for text in SAME if " | " not in text):
        other = f"{before} {text.rstrip('.')} {behind}.".strip()
        assert not alike(text, other) and not alike(other, text)


@pytest.mark.parametrize("text", SAME[:2])
@pytest.mark.parametrize("before", ["FRANKFURT (Wire) - ", "By Ann Roe\n\n", "BONN – ", "Then "])
def test_what_stands_before_the_sentence_of_a_copy_does_not_count(before: str, text: str) -> None:
    assert alike(text, before + text) and alike(before + text, text)


@pytest.mark.parametrize("text", SAME)
def test_copies_with_slight_edits_or_other_edges_are_alike(text: str) -> None:
    assert alike(text, text)
    if " | " not in text:
        assert alike(text, text.replace(" the ", " ", 1).upper())
        assert alike(f"It rained. {text}", f"{text} It snowed.")


@pytest.mark.parametrize(
    "signs", [("$5", "€5"), ("-5", "5"), ("5%", "5"), ("5 %", "5"), ("(-5)", "(5)"), ("<5", ">5"), ("A+", "A-")]
)
def test_a_sign_is_part_of_its_number(signs: tuple[str, str]) -> None:
    one, other = (f"The price of a tonne of rye in the north of the country is {sign} since May." for sign in signs)
    assert not alike(one, other) and not alike(other, one) and alike(one, one.replace("the ", ""))


@pytest.mark.parametrize("before", ["This claim is false: ", "No study shows this – ", "False: "])
def test_what_is_called_false_is_not_the_same(before: str) -> None:
    text = "The new measles vaccine causes autism in small children under five years."
    assert not alike(text, before + text) and not alike(before + text, text)


def test_what_has_acted_has_not_been_acted_on() -> None:
    text = "The head of the police of the town has fired six men of the guard on Monday, the paper said."
    assert not alike(text, text.replace("has", "has been"))


@given(st.text(max_size=300), st.data())
def test_any_reading_gives_a_slice(text: str, data: st.DataObject) -> None:
    scores = st.floats(0, 1)
    evidence = tuple(Span(s, e, data.draw(scores)) for s, e in sentences(text))
    read = replace(candidate(1), text=text, reading=Reading(0.9, 0.9, (), evidence))
    start, end = quoted_range(read)
    assert 0 <= start <= end <= len(text)
    for quote in answer(read).quotes:
        assert quote.text == text[quote.start - 100 : quote.end - 100]


@given(st.floats(0.001, 0.999))
def test_logit_undoes_sigmoid(share: float) -> None:
    assert abs(sigmoid(logit(share)) - share) < 1e-9


def test_a_statement_is_ranked_by_the_channels_alone() -> None:
    liked, found = candidate(1, relevance=0.9), candidate(2, relevance=0.4)
    found = replace(found, hit=replace(found.hit, score=0.9))
    assert [item.candidate.passage.id for item in rank([liked, found], PLAIN)] == [1, 2]
    assert [item.candidate.passage.id for item in rank([liked, found], PLAIN, asked=False)] == [2, 1]


@given(st.floats(0, 1), st.floats(0, 1))
def test_two_readings_average_to_one_between_them(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert low - 1e-5 <= averaged(one, other) <= high + 1e-5
    assert averaged(one, other) == averaged(other, one)


@given(st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_a_second_reading_moves_the_evidence_towards_itself_and_nothing_else(once: float, again: float) -> None:
    before = rank([candidate(1, answerable=once), candidate(2)], PLAIN)
    item = next(item for item in before if item.candidate.hit.passage_id == 1)
    after = confirmed(item, Reading(0.5, again), PLAIN)
    assert min(once, again) - 1e-9 <= after.evidence <= max(once, again) + 1e-9
    assert (after.score, after.agreed, after.candidate.hit) == (item.score, item.agreed, item.candidate.hit)
    assert after.candidate.reading.spans == item.candidate.reading.spans


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("They are:\n\n- oil;\n- gas;\n- coal.\n\nNobody minded.", "They are:\n\n- oil;\n- gas;\n- coal."),
        ("It covers two:\n1. Oil.\n2. Gas.\n\nNobody minded.", "It covers two:\n1. Oil.\n2. Gas."),
        ("He put it so:\n\nWe cannot pay. Nobody minded.", "He put it so:\n\nWe cannot pay."),
        ("Sums:\n\nFirm: A | Sum: 1\nFirm: B | Sum: 2\n\nNobody.", "Sums:\n\nFirm: A | Sum: 1\nFirm: B | Sum: 2"),
        ("It ends with:", "It ends with:"),
        ("On Mon, 15 Apr 2024, Nadia wrote:\n> Dear Ms. Aune,", "On Mon, 15 Apr 2024, Nadia wrote:"),
        ("It covers two. Oil and gas.", "It covers two."),
        ("They are:\n\n· oil;\n· gas.\n\nNobody minded.", "They are:\n\n· oil;\n· gas."),
        ("They are:\nA. Oil.\nB. Gas. It burns.\n\nNobody.", "They are:\nA. Oil.\nB. Gas. It burns."),
        ("They are:\n\nOil;\nGas;\nCoal.\n\nNobody minded.", "They are:\n\nOil;\nGas;\nCoal."),
    ],
)  # fmt: skip
def test_a_quote_goes_on_with_what_its_last_sentence_announces(text: str, quoted: str) -> None:
    assert text[slice(*quoted_range(candidate(1, text)))] == quoted


def test_a_list_that_is_too_long_for_a_quote_is_cut_after_an_item() -> None:
    text = "They are:\n\n" + "\n".join(f"- item {number:02} of a list that goes on and on;" for number in range(40))
    start, end = quoted_range(candidate(1, text))
    assert 500 < end - start <= 709
    assert text[end - 3 : end] == "on;"


def test_a_long_list_leaves_room_for_what_its_announcement_points_back_to() -> None:
    text = "Fuels were sold in 1990. They are:\n\n" + "\n".join(f"- fuel {k:02} of many fuels;" for k in range(40))
    start, end = quoted_range(candidate(1, text, best=1))
    assert text[start:end].startswith("Fuels were sold in 1990. They are:\n\n- fuel 00")


@pytest.mark.parametrize(
    ("text", "marked", "shown"),
    [
        ("It will open in autumn 2025.\n\n9 May 2024: a new law.", "autumn 2025.\n\n9", "autumn 2025"),
        ("They are:\n- oil from the sea\n- gas", "- oil from the sea\n- gas", "oil from the sea"),
        ("They are:\n- oil from the sea\n- gas", "are:\n- oil", "oil"),
        ("J. Smith chaired the meeting of the board.", "J. Smith", "J. Smith"),
        ("J. K. Rowling wrote the book.", "J. K. Rowling", "J. K. Rowling"),
        ("12. May was the date.", "12. May", "12. May"),
        ("A. Oil of the sea.\nB. Gas.", "A. Oil", "Oil"),
        ("2. Oil of the sea.\n3. Gas.", "2. Oil", "Oil"),
        ("ABLASS: I have confidence in them.", "ABLASS: I have confidence", "I have confidence"),
        ("Ann Roe: They are closed.", "Ann Roe", "Ann Roe"),
        ("Only if all of these are met:\n1. by day.", "if all of these are met:\n1", None),
        ("They got grant WF-2023-021 in May.", "2023-021", None),
        ("A-10 aircraft were sold in May.", "A-10 aircraft", "A-10 aircraft"),
        ("They got grant WF-2023-021 in May.", "WF-2023-021", "WF-2023-021"),
        ('She is the author of "Low Water".', 'author of "Low Water', 'author of "Low Water"'),
        ('They call it "Low Water" here.', '"Low', "Low"),
        ("It costs 3 pounds (4 dollars) a day.", "3 pounds (4 dollars", "3 pounds (4 dollars)"),
        ("It grew a lot in each year of the seven years that it\nlasted.", "that it\nlasted", "that it\nlasted"),
    ],
)  # fmt: skip
def test_what_is_marked_stays_in_one_sentence_and_out_of_tokens(text: str, marked: str, shown: str | None) -> None:
    start = text.index(marked)
    one = candidate(1, text)
    whole = tuple(Span(s.start, s.end, 0.9) for s in one.reading.sentences)
    spans = (Span(start, start + len(marked), 0.8),)
    given = answer(replace(one, reading=replace(one.reading, spans=spans, sentences=whole)))
    assert given.quotes[0].text == text
    assert (given.short.text if given.short else None) == shown


def test_what_announces_a_list_points_back_to_the_sentence_before() -> None:
    text = "The Fuel Act is old. It covers three:\n\n- oil.\n- gas.\n- coal.\n\nNobody minded."
    for best in (1, 2, 3):
        quoted = text[slice(*quoted_range(candidate(1, text, best=best)))]
        assert quoted == text[: text.index("\n\nNobody")]


def test_of_a_table_the_row_that_answers_is_quoted_and_of_a_list_all() -> None:
    text = "The sums:\n\nFirm: A | Sum: 1\nFirm: B | Sum: 2\n\nThe ends:\n- more\n- less\n\nNobody."
    assert text[slice(*quoted_range(candidate(1, text, best=2)))] == "Firm: B | Sum: 2"
    assert text[slice(*quoted_range(candidate(1, text, best=5)))] == "The ends:\n- more\n- less"


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        ('new cables"', "new cables"),
        ('we need new cables"', '"we need new cables"'),
        ("the costs) rose", "the costs) rose"),
    ],
)
def test_no_closing_mark_stays_alone(span: str, shown: str) -> None:
    text = 'He found (for the costs) rose as "we need new cables" showed.'
    one, at = candidate(1, text), text.index(span)
    read = replace(one.reading, spans=(Span(at, at + len(span), 0.8),))
    short = answer(replace(one, passage=Passage(1, "d1", 0, len(text)), reading=read)).short
    assert short and short.text == shown


def test_another_passage_that_may_answer_makes_the_first_quote_doubtful_but_a_copy_does_not() -> None:
    doubting = replace(PLAIN, first=(0.0, 1.0, -0.25))

    def first(*others: Candidate) -> float:
        ranked = rank([candidate(1, answerable=0.8), *others], doubting)
        return compose(ranked, doubting, mode="balanced", most=3).quotes[0].score

    even = candidate(2, "Another ministry runs another plan.", relevance=0.8, answerable=0.5)
    assert first(even) == pytest.approx(0.8)  # logit(0.5) is 0
    likely = candidate(2, even.text, relevance=0.8, answerable=0.7)
    assert first(likely) == pytest.approx(sigmoid(logit(0.8) - 0.25 * logit(0.7)))
    copy = candidate(2, relevance=0.8, answerable=0.7)
    assert first(copy) == first() > first(even) > first(likely)


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        (
            "What if I lose my card?\n\nA new one costs 4 pounds.",
            "What if I lose my card?\n\nA new one costs 4 pounds.",
        ),
        ("Why so? It was late. A new one costs 4 pounds.", "A new one costs 4 pounds."),
        ("ANN LEE: Yes.\nBO EK: It was late. A new one costs 4.\nIt did.", "BO EK: It was late. A new one costs 4."),
        ("Note: It was late. A new one costs 4.", "A new one costs 4."),  # one label makes no conversation
        ("It rained.\n\n8. It was late. A new one costs 4. All left.", "8. It was late. A new one costs 4. All left."),
        (f"8. It was late. A new one costs 4. {'All left. ' * 40}", "A new one costs 4."),
    ],
)
def test_a_quote_has_its_question_its_speaker_and_its_short_clause(text: str, quoted: str) -> None:
    spans = [Span(s, e, 0.9 if text.startswith("A new", s) else 0.01) for s, e in sentences(text)]
    assert text[slice(*quote_range(text, spans))] == quoted
