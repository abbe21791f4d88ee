"""What is half typed in text mode is kept as it is typed, for whatever may happen."""

from pathlib import Path
from typing import Any

from tests.plain.talk import talk

THREE_ROWS = """
program = "z = w * x\\nL = sum(z)"
loss = "L"
[values]
w = [[1.0], [2.0], [3.0]]
x = 2.0
"""


async def test_every_row_is_kept_before_the_next_one_is_typed(tmp_path: Path) -> None:
    path = tmp_path / "rows.toml"
    path.write_text(THREE_ROWS)
    asked: list[tuple[str, tuple[Any, ...]]] = []

    def listen(name: str, arguments: tuple[Any, ...]) -> bool:
        asked.append((name, arguments))
        return False

    await talk("2", "4", lesson=str(path), lost=listen)
    told = [each for each in asked if each[0] in ("split", "draft")]
    assert [name for name, _ in told[:4]] == ["split", "draft", "split", "draft"]
    drafts = [arguments for name, arguments in told if name == "draft"]
    assert drafts[:2] == [("", ["2", "", ""]), ("", ["2", "4", ""])]
    assert "row 3: 6" in await talk("6", lesson=str(path))


async def test_what_was_tried_at_a_first_step_is_there_when_it_is_begun_again_from_the_menu() -> (
    None
):
    said = await talk("1", "99.5", "/menu", "1", lesson=None)
    assert "99.5" in said.rpartition("Type the number of a lesson.")[2]


async def test_what_is_chosen_to_be_asked_holds_there_too() -> None:
    asked: list[tuple[str, tuple[Any, ...]]] = []

    def listen(name: str, arguments: tuple[Any, ...]) -> bool:
        asked.append((name, arguments))
        return False

    await talk("1", "99.5", "/menu", "/ask 3", "1", lesson=None, lost=listen)
    asks = [arguments[1:3] for name, arguments in asked if name == "open"]
    assert asks == [("all", True), ("backward", True)]
