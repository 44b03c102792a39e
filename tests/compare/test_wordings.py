"""The word-by-word difference: it leads from one text to the other, and what nobody sees is none."""

from __future__ import annotations

import unicodedata
from difflib import SequenceMatcher

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ksf_agreements.domain.compared import wordings
from ksf_agreements.domain.compared.wordings import Sort, aligned, clean, keys, word_diff

WORDS = st.lists(st.sampled_from(["kommunen", "klyngen", "og", "i", ".", ",", "(", ")", "1"]), max_size=30)
PARAGRAPHS = st.lists(WORDS, max_size=8)


def leads(old: list[str], new: list[str], runs: tuple[wordings.Run, ...]) -> None:
    """Fail unless the runs lead from one to the other, each word once and in its order."""
    a = c = 0
    for run in runs:
        assert (run.a, run.c) == (a, c)
        assert (run.b > run.a) == (run.sort is not Sort.NEW)
        assert (run.d > run.c) == (run.sort is not Sort.GONE)
        if run.sort is Sort.SAME:
            assert "".join(old[run.a : run.b]) == "".join(new[run.c : run.d])
        a, c = run.b, run.d
    assert (a, c) == (len(old), len(new))


@given(WORDS, WORDS)
@example(["a", "b", ".", "c"], ["a", "b", ".", "d", "b", ".", "c"])
def test_a_difference_leads_from_one_text_to_the_other(old: list[str], new: list[str]) -> None:
    leads(old, new, word_diff(old, new))


@given(PARAGRAPHS, PARAGRAPHS, st.booleans())
def test_an_alignment_leads_from_one_document_to_the_other(
    old: list[list[str]], new: list[list[str]], by_paragraph: bool
) -> None:
    runs = aligned(old, new, by_paragraph=by_paragraph)
    leads([word for one in old for word in one], [word for one in new for word in one], runs)


@given(WORDS)
def test_nothing_is_a_difference_from_itself(words: list[str]) -> None:
    assert all(run.sort is Sort.SAME for run in word_diff(words, words))


@given(WORDS, WORDS)
def test_no_way_is_shorter(old: list[str], new: list[str]) -> None:
    kept = sum(size for *_, size in wordings._blocks(old, new))
    others = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    assert kept >= sum(block.size for block in others)


NOISE = st.sampled_from(["\u00ad", "\u200b", "\u00a0", "\u2009", " ", "\n", "\t", "\ufeff", "\u2060", "  "])
TEXT = st.text(st.sampled_from("abcæøåé(),.:1 2-"), max_size=40)


@given(TEXT, st.data())
def test_noise_never_counts(text: str, data: st.DataObject) -> None:
    noisy = "".join(
        character
        if character != " "
        else data.draw(st.sampled_from([" ", "\u00a0", "\n", " \u00ad ", "\t", "\u202f", " \u200b"]))
        for character in text
    )
    assert keys(noisy) == keys(text)
    assert keys(unicodedata.normalize("NFD", text)) == keys(text)
    place = data.draw(st.integers(0, len(text)))
    assert keys(f"{text[:place]}\u00ad{text[place:]}") == keys(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("«styringsgruppen»", '"styringsgruppen"'),
        ("KS' plan", "KS’ plan"),
        ("o\ufb03ce \ufb01nne", "office finne"),
        ("forsknings\u2011 og", "forsknings- og"),
        ("Dato: ________", "Dato:"),
        ("Signatur ..........", "Signatur"),
    ],
)
def test_these_say_the_same(one: str, other: str) -> None:
    assert keys(one) == keys(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("10 kroner", "100 kroner"),
        ("10² kroner", "102 kroner"),
        ("½ stilling", "1 stilling"),
        ("Kommunen", "kommunen"),
        ("kan fornyes.", "kan fornyes?"),
        ("2024-2028", "2024-2029"),
        ("ikke", "ikkje"),
    ],
)
def test_these_do_not(one: str, other: str) -> None:
    assert keys(one) != keys(other)


def test_spaces_inside_a_word_are_no_difference() -> None:
    old, new = keys("Trondheim kommune er motorkommune"), keys("T rondheim kommune er motor kommune")
    runs = wordings.same_letters(word_diff(old, new), old, new)
    assert {run.sort for run in runs} == {Sort.SAME}


def shown(old: str, new: str) -> str:
    """Return the difference in one line."""
    a, b = keys(old), keys(new)
    signs = {Sort.SAME: "{}", Sort.GONE: "[-{}-]", Sort.NEW: "{{+{}+}}"}
    return " ".join(
        signs[run.sort].format(" ".join(b[run.c : run.d] if run.sort is Sort.NEW else a[run.a : run.b]))
        for run in word_diff(a, b)
    )


def test_a_sentence_put_in_is_told_whole() -> None:
    old = "Den skjer skriftlig. Avtalen kan fornyes."
    new = "Den skjer skriftlig. Den gjelder straks. Avtalen kan fornyes."
    assert shown(old, new) == "Den skjer skriftlig . {+Den gjelder straks .+} Avtalen kan fornyes ."


def test_what_only_happens_to_stay_between_changes_is_not_kept() -> None:
    assert shown("på ett (1) år", "på seks (6) måneder") == "på [-ett ( 1 ) år-] {+seks ( 6 ) måneder+}"
    assert shown("til 30. juni 2031.", "til 31. desember 2035.") == "til [-30 . juni 2031-] {+31 . desember 2035+} ."
    told = shown("Rapporten sendes straks og uten opphold videre", "Alle parter møtes ofte og snakker sammen jevnlig")
    assert told.count("[-") == 1


def test_two_texts_with_nothing_in_common_are_told_as_such_within_bounds() -> None:
    old, new = [f"a{number}" for number in range(4000)], [f"b{number}" for number in range(4000)]
    assert [run.sort for run in word_diff(old, new)] == [Sort.GONE, Sort.NEW]


def test_clean_text_has_one_kind_of_space() -> None:
    assert clean(" \u00a0kom\u00admune\u2028\tog \ufeff") == "kommune og"
