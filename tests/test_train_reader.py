import random
from pathlib import Path

import pytest

from rag.models.encoder import load_tokenizer, shipped_folder
from rag.models.reader import WEIGHTS
from rag.models.reader_examples import TOKENS, Example, batches, examples
from rag.models.reader_net import Encoded
from rag.models.reader_rounds import Item
from rag.models.train_reader import LAST, Trainer, contrasts

PASSAGE = "Anna Berg built the windmill in 1871. It burned in 1902, when Olof Palm owned it."


def made(*items: Item) -> list[list[Example]]:
    return examples([items], load_tokenizer(shipped_folder()))


@pytest.mark.parametrize("answer", ["Anna Berg", "windmill", "1871", "Olof Palm owned it"])
def test_targets_are_the_wordpieces_of_the_answer(answer: str) -> None:
    start = PASSAGE.index(answer)
    example = made(Item("Who?", PASSAGE, ((start, start + len(answer)),), 1))[0][0]
    first, last = example.encoded.offsets[example.starts[0]], example.encoded.offsets[example.ends[0]]
    assert PASSAGE[first[0] : last[1]] == answer


def test_no_answer_points_at_the_first_position_and_evidence_at_a_whole_sentence() -> None:
    end = PASSAGE.index(" It")
    nothing, evidence = made(Item("Why?", PASSAGE, (), -1), Item("When?", PASSAGE, ((0, end),), 1, True))[0]
    assert nothing.starts == nothing.ends == (0,)
    assert evidence.starts == evidence.ends
    places = [evidence.encoded.offsets[i] for i in evidence.starts]
    assert (places[0][0], places[-1][1]) == (0, end)


def test_a_positive_whose_answer_is_cut_off_is_left_out() -> None:
    text = "word " * 400 + "answer"
    assert made(Item("Who?", text, ((2000, 2006),), 1)) == []


def test_batches_hold_every_group_once_and_keep_to_the_budget() -> None:
    rng = random.Random(1)
    items = [Item("Who?", "word " * rng.randint(1, 200), (), -1) for _ in range(300)]
    groups = examples([[item] for item in items], load_tokenizer(shipped_folder()))
    found = list(batches(groups, random.Random(2), pool=100))
    assert sorted(id(group) for batch in found for group in batch) == sorted(map(id, groups))
    for batch in found:
        longest = max(len(example.encoded.ids) for group in batch for example in group)
        assert len(batch) == 1 or len(batch) * (-(-longest // 32) * 32) <= TOKENS


def test_masks_hide_wordpieces_of_the_passage_but_never_the_answer() -> None:
    tokenizer = load_tokenizer(shipped_folder())
    items = [[Item("Who built it?", PASSAGE, ((0, 9),), 1)]] * 200
    plain = examples(items[:1], tokenizer)[0][0]
    masked = [group[0] for group in examples(items, tokenizer, random.Random(3))]
    changed = [i for each in masked for i, x in enumerate(plain.encoded.ids) if each.encoded.ids[i] != x]
    assert changed and not {*range(plain.starts[0], plain.ends[0] + 1)} & set(changed)
    assert all(plain.encoded.offsets[i] != (0, 0) for i in changed)


@pytest.mark.weights
def test_body_and_heads_have_the_rates_they_are_given(tmp_path: Path) -> None:
    trainer = Trainer(tmp_path, start=WEIGHTS / "reader.safetensors", rates=(1e-5, 3e-5))
    sizes = {rate: 0 for rate in (1e-5, 3e-5)}
    for group in trainer.optimizer.param_groups:
        sizes[group["base"]] += sum(p.numel() for p in group["params"])
    assert sizes[1e-5] > 50 * sizes[3e-5] > 0


@pytest.mark.weights
def test_the_weights_can_be_averaged_with_others(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    trainer = Trainer(tmp_path, start=WEIGHTS / "reader.safetensors")
    before = load_file(WEIGHTS / "reader.safetensors")["span.weight"].float()
    place = next(n for n, p in enumerate(trainer.live) if p is trainer.net.span.weight)
    with torch.no_grad():
        trainer.master[place] += 2.0
    trainer.finish([WEIGHTS / "reader.safetensors"])
    assert torch.allclose(load_file(tmp_path / "reader-fp32.safetensors")["span.weight"], before + 1.0, atol=1e-3)


@pytest.mark.weights
def test_the_result_is_the_mean_over_the_last_steps_also_after_a_stop(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    trainer = Trainer(tmp_path, 10, start=WEIGHTS / "reader.safetensors")
    before = load_file(WEIGHTS / "reader.safetensors")["span.weight"].float()
    place = next(n for n, p in enumerate(trainer.live) if p is trainer.net.span.weight)
    with torch.no_grad():
        for moved in (1.0, 3.0):
            torch._foreach_add_(trainer.summed, trainer.master)
            trainer.summed[place] += moved
    trainer.counted = 2
    trainer.save()
    again = Trainer(tmp_path, 10, start=WEIGHTS / "reader.safetensors")
    again.resume()
    again.finish()
    assert torch.allclose(load_file(tmp_path / "reader-fp32.safetensors")["span.weight"], before + 2.0, atol=1e-3)
    factors = []
    for again.steps in range(11):
        factors.append(again.factor())
    assert factors[1:] == sorted(factors[1:], reverse=True) and factors[-1] == pytest.approx(LAST)


def test_a_near_miss_is_held_against_the_question_beside_it() -> None:
    def row(relevant: int, starts: tuple[int, ...]) -> Example:
        return Example(Encoded([1], [0], [(0, 1)], [0]), starts, starts, relevant)

    right, wrong, miss, lone = row(1, (3,)), row(0, (0,)), row(-1, (0,)), row(-1, (0,))
    assert contrasts([[right, wrong, miss], [lone], [right], [right, miss, miss]]) == [(0, 2), (5, 6), (5, 7)]
    assert contrasts([[lone, wrong]]) == []
