"""What the commands that write JSON say of every lesson."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.golden.outside import run

KINDS = ("forward", "local", "backward", "update")
ITERATIONS = "20"


def answers(folder: Path, lesson: str, *languages: str) -> dict[str, str]:
    """The files of a lesson: worked through, checked, trained."""
    shown = json.loads(run(folder, "show", lesson, "--json"))
    trained = run(folder, "train", lesson, "--iterations", ITERATIONS, "--json")
    asked = [json.dumps(each, ensure_ascii=False) for each in _asked(shown["steps"])]
    files = {
        f"{lesson}.show.json": _lines(shown, "steps"),
        f"{lesson}.train.json": _lines(json.loads(trained), "loss")
        if trained.startswith("{")
        else trained,  # why it cannot be trained
    }
    for language in languages:
        said = run(
            folder, "check", lesson, "--jsonl", "--lang", language, typed="\n".join([*asked, ""])
        )
        verdicts, last = said.splitlines()[: len(asked)], said.splitlines()[len(asked) :]
        pairs = zip(asked, verdicts, strict=True)
        files[f"{lesson}.check.{language}.jsonl"] = "".join(
            [f"{answer}\n  {verdict}\n" for answer, verdict in pairs]
            + [f"{line}\n" for line in last]
        )
    return files


def _lines(whole: dict[str, Any], key: str) -> str:
    """JSON in which every step, or every number, has a line of its own."""
    lines = [
        f"{json.dumps(name)}: [\n"
        + ",\n".join(f"  {json.dumps(each, ensure_ascii=False)}" for each in value)
        + "\n]"
        if name == key
        else f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}"
        for name, value in whole.items()
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _asked(steps: list[dict[str, Any]]) -> Iterator[dict[str, str]]:
    """Of each kind the first step, the last one, and the one with the most numbers."""
    chosen = []
    for kind in KINDS:
        if of_kind := [step for step in steps if step["kind"] == kind]:
            largest = max(of_kind, key=lambda step: len(str(step["value"])))
            chosen += [each["id"] for each in (of_kind[0], largest, of_kind[-1])]
    for step in steps:
        if step["id"] in chosen:
            yield from _answers(step)


def _answers(step: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Right, imprecise, mistaken in ways that are known, wrong, and unreadable."""
    value = step["value"]
    values = {
        "right": json.dumps(value),
        "three digits": json.dumps(_each(value, lambda x: float(f"{x:.3g}"))),
        "one digit": json.dumps(_each(value, lambda x: float(f"{x:.1g}"))),
        "sign": json.dumps(_each(value, lambda x: -x)),
        "twice": json.dumps(_each(value, lambda x: 2 * x)),
        "shifted": json.dumps(_each(value, lambda x: x + 1)),
        "transposed": json.dumps(_transposed(value)),
        "unreadable": "1 +",
    }
    for text in dict.fromkeys(values.values()):
        yield {"step": step["id"], "value": text}
    if product := step["product"]:
        for text in dict.fromkeys(
            [
                product,
                f"-({product})",
                f"2 * ({product})",
                product.replace("@", "*"),
                product.replace(".T", ""),
                product.split(" ")[0],
                "lr",
                f"{product} +",
            ]
        ):
            yield {"step": step["id"], "product": text}


def _each(value: Any, change: Any) -> Any:
    if isinstance(value, list):
        return [_each(each, change) for each in value]
    return change(value)


def _transposed(value: Any) -> Any:
    if isinstance(value, list) and value and isinstance(value[0], list):
        return [list(row) for row in zip(*value, strict=True)]
    return value
