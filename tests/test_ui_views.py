"""The areas of the page say their outcome plainly, keep every word of a quote, and show document text as text."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.finding import Stage
from rag.store import Conversation
from rag.types import Answer, Carried, Credit, Document, Filters, Quote, Resolution, ResolutionKind, ShortAnswer, Turn
from rag.ui import shelf, views
from rag.ui.cite import citations
from rag.ui.evidence import Around, Cases, Said, evidence
from rag.ui.markup import Mark, date_words, escape, marked, paragraphs, plural, score_words
from rag.ui.shelf import Outcome
from rag.ui.views import Holdings, Pending

HOLDINGS = Holdings(27, "2008", "2024-03-15")
QUOTE = Quote(1, "It pays 3 to 5 million yuan.", "d1", "rev", 100, 128, "file:///a/b.md", "Talent", 7, score=0.9)
SHORT = ShortAnswer("3 to 5 million yuan", "d1", 108, 127, 0.9)
TURN = Turn(
    "How much?",
    Resolution("carried", "How much bonus?", "A word was missing.", (Carried("bonus", "your question 1"),)),
    Answer("answered", "", (replace(QUOTE, answer_start=108, answer_end=127),), SHORT),
)
HOSTILE = "<script>hit()</script><img src=x onerror=hit()>{{7*7}}${hit()}`</blockquote>\u202e[x](javascript:hit())"


class Text(HTMLParser):
    """The text content of HTML and its tags; fails on a tag that is not closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.tags, self.inside = "", set[str](), list[str]()
        self.feed(html)
        self.close()
        assert not self.inside

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not any(name.startswith("on") for name, _ in attrs)
        self.tags.add(tag)
        self.inside += [] if tag == "input" else [tag]

    def handle_endtag(self, tag: str) -> None:
        assert self.inside.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_below_a_cell_stands_what_its_row_and_its_column_are_called() -> None:
    text = "£ million: Revenue | 2023: 57.8 | <b>2024: 55.1"
    at = 100 + text.index("55.1")
    quote = replace(TURN.answer.quotes[0], text=text, start=100, end=100 + len(text))
    short = ShortAnswer("55.1", quote.document_id, at, at + 4, 0.9)
    shown = views.thread([replace(TURN, answer=replace(TURN.answer, quotes=(quote,), short=short))], HOLDINGS)
    assert '55.1</span></p><p class="others">£ million: Revenue · &lt;b&gt;2024</p>' in shown
    assert '<p class="others">' not in views.thread([TURN], HOLDINGS)


def test_an_answer_shows_its_short_answer_its_quote_and_where_it_stands() -> None:
    shown = views.thread([TURN], HOLDINGS)
    assert "Answer found" in shown
    assert '<p class="short"><span dir="auto">3 to 5 million yuan</span></p>' in shown
    assert 'It pays <mark class="answer">3 to 5 million yuan</mark>.' in shown
    assert "/source/d1?revision=rev&amp;start=100&amp;end=128&amp;answer=108-127#quote" in shown


def test_what_was_searched_is_said_with_a_way_back_to_ones_own_words() -> None:
    shown = Text(views.thread([TURN], HOLDINGS)).text
    assert "Searched: How much bonus? Search exactly what I typed Why?bonus from your question 1" in shown
    assert "A word was missing." in shown
    plain = replace(TURN, resolution=Resolution("standalone", "How much?", ""))
    assert "Searched" not in views.thread([plain], HOLDINGS)


def test_dates_are_told_of_the_sources_that_have_one() -> None:
    documents = [Document(f"d{n}", f"u{n}", "", "", "r", published=date) for n, date in enumerate(("", "2008", "2024"))]
    assert Holdings.of(documents).words() == "3 sources, 2 of them dated 2008 to 2024"
    assert Holdings.of(documents[1:]).words() == "2 sources, dated 2008 to 2024"
    assert Holdings.of(documents[1:2]).words() == "1 source, dated 2008"
    assert Holdings.of(documents[:1]).words() == "1 source"


def test_related_passages_are_not_called_an_answer() -> None:
    turn = replace(TURN, answer=Answer("related", "", (QUOTE,)))
    shown = Text(views.thread([turn], HOLDINGS)).text
    assert "No answer found; these passages are about it" in shown
    assert "Answer found" not in shown
    assert "evidence (" not in Text(evidence(turn, {})).text


@pytest.mark.parametrize(
    ("score", "confidence", "headline", "short"),
    [
        (0.9, 0.9, "Answer found strong evidence", '<p class="short">'),
        (0.62, 0.5, "Answer found good evidence", '<p class="short">'),
        (0.62, 0.4, "Possible answer check the quote", '<p class="short possible">'),
        (0.4, 0.6, "Possible answer check the quote", '<p class="short possible">'),
        (0.0, 0.9, "Answer found", '<p class="short">'),
    ],
)
def test_a_guess_does_not_look_like_a_fact(score: float, confidence: float, headline: str, short: str) -> None:
    found = Answer("answered", "", (replace(QUOTE, score=score),), replace(SHORT, confidence=confidence))
    turn = replace(TURN, answer=found)
    shown = views.thread([turn], HOLDINGS)
    look, said = re.findall(r'class="status (\w+)">(.*?)</p>', shown)[0]
    assert re.sub("<.*?>", "", said) == headline
    assert look == ("possible" if "Possible" in headline else "answered")
    assert short in shown
    assert (
        views.outcome(turn) == f"{'Possible answer' if look == 'possible' else 'Answer found'}: {SHORT.text}. 1 quote."
    )


def test_the_words_of_the_headline_are_those_of_the_first_card() -> None:
    for score, words in ((0.9, "strong evidence"), (0.62, "good evidence")):
        turn = replace(TURN, answer=replace(TURN.answer, quotes=(replace(QUOTE, score=score),)))
        assert words in views.thread([turn], HOLDINGS)
        assert words.capitalize() in evidence(turn, {})


def test_a_refusal_says_what_was_searched_and_what_there_is_and_shows_no_source() -> None:
    turn = replace(TURN, answer=Answer("not_found", "Nothing deals with it."))
    shown = views.thread([turn], HOLDINGS)
    assert "This library now holds 27 sources, dated 2008 to 15 March 2024." in shown
    assert "How much bonus?" in shown
    assert "/source/" not in shown
    assert "<blockquote" not in shown + evidence(turn, {})


@pytest.mark.parametrize(
    ("question", "kind", "filters", "headline", "where"),
    [
        ("Why?", "continuation", Filters(), "Not found in this library", "All sources"),
        (
            "Why?",
            "carried",
            Filters(publisher="Reuters"),
            "Not found in the sources that were searched",
            "Only the sources named above",
        ),
        ("Tell me more.", "continuation", Filters(), "Nothing more in this library", "All sources"),
    ],
)
def test_a_refusal_claims_no_more_than_was_searched(
    question: str, kind: ResolutionKind, filters: Filters, headline: str, where: str
) -> None:
    """However many sources there are now: it may have been asked before they were added."""
    turn = Turn(question, Resolution(kind, "What bonus?", "", filters=filters), Answer("not_found", "Nothing."))
    shown = Text(views.thread([turn], HOLDINGS)).text
    assert f"{headline}Nothing.{where} were searched. This library now holds 27 sources" in shown
    assert views.outcome(turn).startswith(" ".join(headline.split()[:2]))


def test_evidence_marks_the_quote_and_the_short_answer_inside_its_passage() -> None:
    around = {1: Around("Before. It pays 3 to 5 million yuan. After.", 92)}
    shown = evidence(TURN, around, rank=1)
    quoted = '<mark class="quoted">It pays </mark><mark class="answer">3 to 5 million yuan</mark><mark class="quoted">.'
    assert f"Before. {quoted}</mark> After." in shown
    assert 'aria-current="true"' in shown


def test_a_quote_can_be_judged_and_a_bad_one_becomes_a_test_question() -> None:
    cases = Cases("/home/me/index/mine/questions.jsonl")
    fresh = evidence(TURN, {}, judged=Said(4, {}, cases))
    assert 'data-do="judge" data-turn="4" data-rank="1" data-verdict="right" aria-pressed="false"' in fresh
    assert "Add to my test questions" not in fresh
    wrong = evidence(TURN, {}, judged=Said(4, {1: False}, cases))
    assert 'data-verdict="wrong" aria-pressed="true"' in wrong
    assert 'data-do="case" data-turn="4" data-rank="1"' in wrong
    kept = evidence(TURN, {}, judged=Said(4, {1: False}, replace(cases, questions=frozenset(["How much bonus?"]))))
    assert "<code>mine/questions.jsonl</code>" in kept
    assert "Add to my test questions" not in kept
    assert "Add to my" not in evidence(TURN, {}, judged=Said(4, {1: False}))


def test_words_of_a_document_are_not_offered_as_a_test_question() -> None:
    found = replace(TURN, resolution=Resolution("raw", "3 to 5 million yuan", ""))
    assert "Add to my" not in evidence(found, {}, judged=Said(0, {1: False}, Cases("questions.jsonl")))


def test_a_refusal_offers_itself_as_a_test_question_but_small_talk_does_not() -> None:
    refused = replace(TURN, answer=Answer("not_found", "Nothing deals with it."))
    assert "Add to my test questions" in views.thread([refused], HOLDINGS, cases=Cases("questions.jsonl"))
    assert "Add to my" not in views.thread([refused], HOLDINGS)
    thanks = replace(refused, resolution=Resolution("command", "thanks", ""))
    assert "Add to my" not in views.thread([thanks], HOLDINGS, cases=Cases("questions.jsonl"))


def test_an_empty_collection_says_so_and_makes_no_test_question() -> None:
    cases = Cases("questions.jsonl")
    refused = replace(TURN, answer=Answer("not_found", "Nothing deals with it."))
    thanks = replace(refused, resolution=Resolution("command", "thanks", ""))
    for turn in (refused, thanks):
        shown = Text(views.thread([turn], Holdings(0), cases=cases)).text
        assert "This collection is empty. Add files first." in shown
        assert "0 sources" not in shown and "Add to my" not in shown


def test_the_evidence_of_a_refusal_says_whose_it_is() -> None:
    refused = replace(TURN, answer=Answer("not_found", "Nothing deals with it."))
    assert "Evidencefor How much?No passage is quoted" in Text(evidence(refused, {})).text


def test_a_very_long_question_is_no_headline() -> None:
    assert 'class="asked"' in views.thread([replace(TURN, question="a" * 200)], HOLDINGS)
    assert 'class="asked long"' in views.thread([replace(TURN, question="a" * 201)], HOLDINGS)
    assert 'class="asked long"' in views.thread([], HOLDINGS, pending=Pending("a" * 201))


def test_after_a_refusal_one_can_search_more_or_add_files() -> None:
    refused = replace(TURN, answer=Answer("not_found", "Nothing."))
    assert 'class="acts"' not in views.thread([refused], HOLDINGS)
    shown = views.thread([refused], HOLDINGS, cases=Cases("questions.jsonl"))
    assert 'data-press="#add button">Add files</button>' in shown
    filters = Filters(since="2022", publisher="Reuters")
    confined = replace(refused, resolution=replace(TURN.resolution, filters=filters))
    shown = views.thread([confined], HOLDINGS)
    for name, words in {"since": "since 2022 (or undated)", "publisher": "by Reuters"}.items():
        assert f'data-do="widen" data-turn="0" data-without="{name}">Search again without: {words}</button>' in shown
    one = replace(refused, resolution=replace(TURN.resolution, filters=Filters(since="2022")))
    assert 'data-without="since">Search again in all sources</button>' in views.thread([one], HOLDINGS)


def test_small_talk_is_not_called_missing_and_can_be_searched_after_all() -> None:
    thanks = replace(TURN, resolution=Resolution("command", "thanks", ""), answer=Answer("not_found", "Ask away."))
    shown = Text(views.thread([thanks], HOLDINGS)).text
    assert "in this library" not in shown
    assert "Searched" not in shown
    assert "Ask about the 27 sources, dated 2008 to 15 March 2024" in shown
    assert "Search exactly what I typed" in shown
    assert views.outcome(thanks) == "Ask away."


def test_a_reference_to_a_quote_says_so_and_can_be_searched_after_all() -> None:
    said = Resolution("reference", "Who wrote the article?", "This is about quote [1].", quote_rank=1)
    shown = Text(
        views.thread([replace(TURN, resolution=said, answer=Answer("answered", "Quote [1].", (QUOTE,)))], HOLDINGS)
    )
    assert "Quote [1]. Search exactly what I typed" in shown.text
    assert "Possible answer" not in shown.text
    assert "It pays" in shown.text
    none = replace(said, reason="There is no quote [5].", quote_rank=None)
    shown = Text(views.thread([replace(TURN, resolution=none, answer=Answer("not_found", "It is gone."))], HOLDINGS))
    assert "There is no quote [5]." in shown.text
    assert "in this library" not in shown.text
    assert "It is gone." not in shown.text
    gone = replace(TURN, resolution=none, answer=Answer("not_found", "It is gone."))
    assert views.outcome(gone) == "There is no quote [5].", "a screen reader hears what is shown"


def test_a_screen_reader_hears_the_outcome_with_the_short_answer() -> None:
    assert views.outcome(TURN) == "Answer found: 3 to 5 million yuan. 1 quote."
    unsure = replace(TURN, answer=Answer("related", "", (QUOTE, QUOTE)))
    assert views.outcome(unsure) == "No answer found; these passages are about it. 2 quotes."


def test_each_filter_of_an_answer_can_be_taken_off() -> None:
    filters = Filters("2022-01-01", "", "Reuters", ("d1",))
    shown = views.thread([replace(TURN, resolution=replace(TURN.resolution, filters=filters))], HOLDINGS)
    said = {"since": "since 1 January 2022 (or undated)", "publisher": "by Reuters", "document_ids": "in 1"}
    for name, words in said.items():
        assert f'data-do="widen" data-turn="0" data-without="{name}" aria-label="Ask again without: {words}' in shown
    assert 'data-without="until"' not in shown
    only = replace(TURN, resolution=replace(TURN.resolution, filters=Filters(document_ids=("d1",))))
    assert "in “Tides”" in Text(views.thread([only], replace(HOLDINGS, titles={"d1": "Tides"}))).text


def test_a_pending_question_shows_its_stages_in_order() -> None:
    stages = (Stage("search", 27), Stage("search", 0), Stage("read", 16))
    words = tuple(views.stage_words(stage, HOLDINGS) for stage in stages)
    assert words == ("Searching 27 sources", "Searching some of 27 sources", "Reading the best 16 passages")
    shown = views.thread([], HOLDINGS, pending=Pending("Why?", words))
    assert Text(shown).text == "Why?" + "".join(words)
    assert shown.count("aria-current") == 1


def test_the_score_is_told_in_words() -> None:
    told = {0.97: "nearly all answer", 0.72: "seven answer", 0.1: "one answers", 0.02: "hardly any answer"}
    for score, words in told.items():
        turn = replace(TURN, answer=Answer("answered", "", (replace(QUOTE, score=score),)))
        assert f"of ten passages that score like this, {words} the question" in Text(evidence(turn, {})).text


@pytest.mark.parametrize(
    ("heading", "shown"),
    [
        ("China > Awards", '<p class="place" dir="auto">Awards</p>'),
        ("China’s plans > Awards", '<p class="place" dir="auto">China’s plans &gt; Awards</p>'),
        ("China", ""),
        ("", ""),
    ],
)
def test_a_quote_is_placed_below_the_title_of_its_source(heading: str, shown: str) -> None:
    turn = replace(TURN, answer=Answer("answered", "", (replace(QUOTE, title="China", heading=heading),)))
    assert "".join(re.findall('<p class="place".*?</p>', evidence(turn, {}))) == shown


@pytest.mark.parametrize(
    ("before", "shown"),
    [
        ("# Talent\n\nAwards\n\nFirst. ", "First. "),
        ("Talent\nTalent is rare. ", "Talent is rare. "),
        ("Talent ", "Talent "),  # the quote's own line
        ("First.\n\nTalent\n\n", "First.Talent"),
    ],
)
def test_what_stands_above_a_passage_is_not_its_first_line_again(before: str, shown: str) -> None:
    turn = replace(TURN, answer=Answer("answered", "", (replace(QUOTE, heading="Talent > Awards"),)))
    found = evidence(turn, {1: Around(f"{before}{QUOTE.text}", QUOTE.start - len(before))})
    block = found.split("<blockquote>")[1].split("</blockquote>")[0]
    assert Text(re.sub('<span class="gap">.*?</span>', "", block, flags=re.DOTALL)).text == f"{shown}{QUOTE.text}"


def test_evidence_that_is_gone_says_so_and_offers_no_link() -> None:
    shown = evidence(TURN, {1: Around(gone="The source was removed.")})
    assert "The source was removed." in shown
    assert "/source/" not in shown


def test_every_source_that_says_the_same_is_credited() -> None:
    quote = replace(QUOTE, also_in=(Credit("d2", "u2", "Second"), Credit("d3", "u3", "Third")))
    shown = Text(evidence(replace(TURN, answer=Answer("answered", "", (quote,))), {})).text
    assert "Also in 2 sources: Second, Third" in shown


def test_document_text_stays_text_in_every_area() -> None:
    quote = Quote(
        1, HOSTILE, "d1", "r", 0, len(HOSTILE), HOSTILE, HOSTILE, 1, HOSTILE, HOSTILE, HOSTILE, heading=HOSTILE
    )
    answer = Answer("answered", HOSTILE, (quote,), ShortAnswer(HOSTILE, "d1", 0, 5, 0.4))
    turn = Turn(HOSTILE, Resolution("carried", HOSTILE + "?", HOSTILE, (Carried(HOSTILE, HOSTILE),)), answer)
    document = Document("d1", HOSTILE, HOSTILE, "", "r", publisher=HOSTILE, link="javascript:hit()")
    areas = [
        views.thread(
            [turn, replace(turn, answer=Answer("not_found", HOSTILE))],
            HOLDINGS,
            pending=Pending(HOSTILE, (HOSTILE, HOSTILE)),
            notice=HOSTILE,
            cases=Cases(HOSTILE, frozenset([HOSTILE + "?"])),
        ),
        evidence(turn, {1: Around(HOSTILE, 0, document)}),
        views.thread(
            [replace(turn, resolution=Resolution("raw", "", "", filters=Filters(publisher=HOSTILE)))], HOLDINGS
        ),
        shelf.adder([Outcome(HOSTILE, "failed", HOSTILE, HOSTILE)], done=1, total=2, current=HOSTILE),
        shelf.collections([HOSTILE, "b"], HOSTILE, editable=True),
        views.welcome(Holdings(1, HOSTILE, HOSTILE), [HOSTILE], notice=HOSTILE),
        shelf.sources([document]),
        shelf.conversations([Conversation("c", HOSTILE, "", "", 1)], "c", HOSTILE),
    ]
    for area in areas:
        read = Text(area)
        assert HOSTILE in read.text
        assert not read.tags & {"script", "img"}
        assert "{{" not in area
        assert "${" not in area
        assert 'href="javascript' not in area


@given(st.text(), st.integers(0, 50), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=4))
def test_marking_adds_no_character_and_loses_none(text: str, base: int, spans: list[tuple[int, int]]) -> None:
    shown = marked(text, base, [Mark(min(span), max(span), "q") for span in spans])
    assert Text(shown).text == text.replace("\0", "\ufffd")


def test_a_list_of_conversations_offers_rename_and_delete_for_the_open_one() -> None:
    used = "2026-11-24T09:05:00.000001+00:00"
    entries = [Conversation("c1", "First", used, used, 1), Conversation("c2", "Second", used, used, 3)]
    shown = shelf.conversations(entries, "c2", "my notes")
    assert 'data-do="open" data-id="c1"' in shown
    assert 'data-edit="c1"' not in shown
    assert 'data-edit="c2"' in shown
    assert re.findall('href="(.*?)"', shown) == [f"/export/my%20notes/c2.{form}" for form in ("md", "html", "json")]
    assert f'3 questions · <time datetime="{used}" data-local>24 November 2026</time>' in shown
    assert "data-filter" not in shown
    assert 'data-filter="entries"' in shelf.conversations(entries * 5, "c2", "x")


def test_a_long_list_of_sources_ends_with_how_many_are_not_in_it() -> None:
    many = [Document(f"d{n}", f"u{n}", f"Title {n}", "", "r", published=f"{1000 + n}") for n in range(512)]
    shown = Text(shelf.sources(many)).text
    assert "12 more sources not listed here" in shown
    assert "Title 511" in shown
    assert shown.count("Title") == 2 * 500  # in the link and in the name of its menu


def test_sources_are_listed_newest_first_and_those_of_a_day_by_title() -> None:
    dated = [("Beta", "2023"), ("alpha", ""), ("Gamma", "2024"), ("Zeta", ""), ("Alpha", "2023")]
    documents = [Document(f"d{n}", f"u{n}", title, "", "r", published=date) for n, (title, date) in enumerate(dated)]
    titles = re.findall('dir="auto">(.*?)</a>', shelf.sources(documents))
    assert titles == ["Gamma", "Alpha", "Beta", "alpha", "Zeta"]


def test_a_source_that_was_removed_is_not_named_by_its_number() -> None:
    shown = Text(shelf.narrowed(shelf.reach(Filters(document_ids=("d9",)), [], 0))).text
    assert shown.startswith("No source fits these filters: a removed source ")


def test_an_empty_library_says_how_to_fill_it() -> None:
    assert "pullquote add FOLDER" in views.welcome(Holdings(0), [])
    assert 'data-press="#add button">Add files</button>' in views.welcome(Holdings(0), [], editable=True)


def test_one_collection_is_no_choice_but_where_one_can_be_made_it_is_offered() -> None:
    assert shelf.collections(["mine"], "mine") == ""
    assert "New collection" not in shelf.collections(["mine", "yours"], "mine")
    assert "New collection" in shelf.collections(["mine"], "mine", editable=True)


def test_the_chosen_collection_can_be_deleted_but_not_the_one_that_is_served() -> None:
    assert 'data-do="drop"' not in shelf.collections(["mine", "yours"], "yours", home="mine")
    shown = shelf.collections(["mine", "yours"], "yours", home="mine", editable=True)
    assert re.findall('data-do="drop" data-id="(.*?)" data-confirm', shown) == ["yours"]
    assert 'data-do="drop"' not in shelf.collections(["mine", "yours"], "mine", home="mine", editable=True)


def test_what_was_added_is_counted_and_opens() -> None:
    outcomes = [Outcome("a.txt", "added", "", "d1"), Outcome("b.txt", "failed", "it is empty"), Outcome("c", "added")]
    shown = shelf.adder(outcomes)
    assert "2 added, 1 failed" in Text(shown).text
    assert '<a href="/source/d1" target="_blank" rel="noopener"><b dir="auto">a.txt</b></a> added' in shown
    assert "2 added" not in shelf.adder(outcomes, done=3, total=9, current="d.txt"), "there is more to come"


@pytest.mark.parametrize(
    "case",
    [
        ("2023-08-24", "24 August 2023"),
        ("2023-08", "August 2023"),
        ("2023", "2023"),
        ("", ""),
        ("2023-13-01", "2023-13-01"),
    ],
)
def test_dates_stay_as_partial_as_they_are(case: tuple[str, str]) -> None:
    assert date_words(case[0]) == case[1]


def test_small_words() -> None:
    assert plural(1, "source") == "1 source"
    assert plural(1200, "source") == "1,200 sources"
    assert score_words(0.79) == "good evidence"
    assert escape("<a b='c'>{") == "&lt;a b=&#x27;c&#x27;&gt;&#123;"


def test_a_citation_keeps_the_words_and_disarms_the_format() -> None:
    quote = replace(
        QUOTE,
        text="50% of [it]\nis *new* &amp; $",
        author="A. Author",
        published="2023-08-24",
        link="https://x.org/a",
    )
    cited = citations(quote)
    assert cited["Plain"] == "“50% of [it]\nis *new* &amp; $” A. Author, Talent, 24 August 2023. https://x.org/a"
    assert (
        cited["Markdown"]
        == "> 50% of \\[it\\]\n> is \\*new\\* \\&amp; \\$\n>\n> A. Author, [Talent](https://x.org/a), 24 August 2023"
    )
    assert cited["BibTeX"].startswith("@misc{talent-2023,\n  author = {A. Author},\n  title = {Talent},")
    assert "50\\% of [it]" in cited["BibTeX"]


def test_a_citation_does_not_tell_where_a_file_lies_on_this_machine() -> None:
    cited = citations(replace(QUOTE, uri="file:///home/me/secret%20plans/a%20b.md"))
    assert all("a b.md" in each and "/" not in each and "plans" not in each for each in cited.values())
    web = "https://x.org/a/b"
    assert all(web in each for each in citations(replace(QUOTE, uri=web)).values())


def test_every_citation_names_the_page() -> None:
    assert all("page iv" in cited for cited in citations(replace(QUOTE, page="iv")).values())
    assert not any("page" in cited for cited in citations(QUOTE).values())


def test_a_bibtex_entry_keeps_its_address_and_its_braces_balanced() -> None:
    link = "https://x.org/a_b#:~:text=3%20%7E5"
    cited = citations(replace(QUOTE, text="~3 {of} x^2 }", link=link))["BibTeX"]
    assert f"  url = {{{link}}}" in cited
    assert "\\textasciitilde{}3 \\textbraceleft{}of" in cited and "x\\textasciicircum{}2" in cited
    assert cited.count("{") == cited.count("}")


@given(st.text(alphabet="ab :|\n", max_size=40))
def test_paragraphs_and_rows_keep_every_character(text: str) -> None:
    assert Text(paragraphs(text, 5, [Mark(7, 9, "answer")])).text == text


def test_the_names_of_columns_are_set_apart_in_a_quoted_row() -> None:
    shown = paragraphs("Port: Brest | Height: 7 m", 0, [Mark(22, 25, "answer")])
    assert shown == (
        '<p class="row" dir="auto"><span class="column">Port: </span>Brest<span class="column"> | Height: </span>'
        '<mark class="answer">7 m</mark></p>'
    )
    assert "column" not in paragraphs("He said: it is 7 m.", 0, [])


def test_the_name_of_a_column_stays_one_where_it_is_marked() -> None:
    shown = paragraphs("Port: Brest | Height: 7 m", 0, [Mark(0, 25, "quoted"), Mark(14, 25, "answer")])
    assert '<mark class="quoted column">Port: </mark><mark class="quoted">Brest</mark>' in shown
    assert '<mark class="answer column">Height: </mark><mark class="answer">7 m</mark>' in shown


def test_a_weak_quote_does_not_look_like_a_part_of_a_sure_answer() -> None:
    weak = replace(QUOTE, rank=2, score=0.3, answer_start=108, answer_end=127)
    turn = replace(TURN, answer=replace(TURN.answer, quotes=(*TURN.answer.quotes, weak)))
    first, second = re.findall('<li class="quote.*?</li>', views.thread([turn], HOLDINGS))
    assert "weak evidence" not in first and '<mark class="answer">' in first
    assert "weak evidence" in second and "<mark" not in second
    unsure = replace(turn, answer=replace(turn.answer, quotes=(weak, replace(weak, rank=2))))
    assert "weak evidence</span>" not in views.thread([unsure], HOLDINGS), "the headline says so already"
    listed = replace(turn, answer=replace(turn.answer, quotes=(QUOTE, replace(QUOTE, score=0.0))))
    assert "weak evidence" not in views.thread([listed], HOLDINGS)


def test_a_quote_that_stands_for_its_source_is_not_to_be_judged() -> None:
    listed = replace(TURN, answer=Answer("answered", "2 sources mention “pay”.", (replace(QUOTE, score=0.0),)))
    assert "Does it answer?" not in evidence(listed, {})
    assert "Does it answer?" in evidence(TURN, {})
