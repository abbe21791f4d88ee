"""`show`, `check`, `train`, `lessons` and `lint`; what they print is frozen in tests/golden."""

import json
import math
import sys
from pathlib import Path

import pytest

from .conftest import Run

L = "two-hidden-layers"


class TestShow:
    def test_the_json_is_the_same_in_every_language(self, run: Run) -> None:
        assert run("show", L, "--json").out == run("show", L, "--json", "--lang", "ko").out

    def test_a_terminal_gets_it_a_page_at_a_time(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        paged: list[str] = []
        monkeypatch.setattr("click.echo_via_pager", paged.extend)
        whole = run("show", L).out
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        assert run("show", L).out == ""
        assert "".join(paged) == whole
        assert run("show", L, "--no-pager").out == whole
        assert run("show", L, "--json").json["lesson"] == L

    def test_a_page_of_a_lesson_without_parameters(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "circuit.toml"
        path.write_text('program = "f = x * 3"\nloss = "f"\nwatch = ["x"]\nvalues.x = 2\n')
        assert run("show", str(path)).out.endswith("Loss: 6; no parameters to update\n")

    def test_a_page_in_ascii(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LC_ALL", "en_US.ISO-8859-1")
        page = run("show", L).out
        assert page.isascii()
        assert "  dLoss_dW3 = a2.T @ dLoss_dY_pred\n" in page

    def test_a_lesson_by_its_path(self, run: Run) -> None:
        from bptutor.lesson.find import directory

        assert (
            run("show", str(directory() / f"{L}.toml"), "--json").out
            == run("show", L, "--json").out
        )

    def test_a_large_matrix_is_cut(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "large.toml"
        ones = f"[{', '.join(['0.123456'] * 40)}]"
        path.write_text(
            'program = """\nz = x * 2\nL = sum(z)\n"""\nloss = "L"\nwatch = ["x"]\n'
            f"[values]\nx = [{', '.join([ones] * 40)}]\n"
        )
        page = run("show", str(path)).out
        assert all(len(line) <= 80 for line in page.splitlines())
        assert page.count("0.24691") < 100
        assert "…" in page


class TestCheck:
    @pytest.mark.parametrize(
        ("value", "status", "verdict", "cells"),
        [
            ("[[0.0317],[0],[0.0979]]", 0, "right", [["right"], ["exact"], ["right"]]),
            ("[[0.031680],[0],[0.097920]]", 0, "exact", [["exact"], ["exact"], ["exact"]]),
            ("[[0.03],[0],[0.0979]]", 1, "imprecise", [["imprecise"], ["exact"], ["right"]]),
            ("[[0.0317],[0],[-0.0979]]", 1, "wrong", [["right"], ["exact"], ["wrong"]]),
            ("[[0.0317],[0]]", 2, "unreadable", None),
            ("[[0.0317],[0],[x]]", 2, "unreadable", [["right"], ["exact"], ["unreadable"]]),
        ],
    )
    def test_a_value(
        self, value: str, status: int, verdict: str, cells: list[list[str]] | None, run: Run
    ) -> None:
        outcome = run("check", L, "dLoss_dW3", "--value", value, "--json")
        assert outcome.status == status
        checked = outcome.json
        assert (checked["step"], checked["asked"]) == ("dLoss_dW3", "value")
        assert (checked["verdict"], checked["cells"]) == (verdict, cells)
        assert checked["correct"] is (status == 0)
        assert checked["message"]

    @pytest.mark.parametrize(
        ("product", "status", "verdict"),
        [
            ("a2.T @ dLoss_dY_pred", 0, "right"),
            ("tf.matmul(a2, ∂Loss/∂Y_pred, transpose_a=True)", 0, "right"),
            ("a2.T @ dLoss_da2", 1, "wrong"),
            ("a2.T @", 2, "unreadable"),
        ],
    )
    def test_a_product(self, product: str, status: int, verdict: str, run: Run) -> None:
        outcome = run("check", L, "dLoss_dW3", "--product", product, "--json")
        assert (outcome.status, outcome.json["verdict"]) == (status, verdict)
        assert outcome.json["asked"] == "product"
        assert outcome.json["cells"] is None

    def test_a_bare_number_and_a_negative_one(self, run: Run) -> None:
        assert run("check", L, "Loss", "--value", "0.001296").status == 0
        assert run("check", L, "Loss", "--value", "-0.001296").status == 1

    def test_a_verdict_in_words(self, run: Run) -> None:
        outcome = run("check", L, "dLoss_dW3", "--value", "[[0.0317],[0],[-0.0979]]")
        assert outcome.status == 1
        assert outcome.out.startswith("dLoss_dW3: ")
        assert outcome.out.endswith("  ≈\n  ✓\n  ✗\n")
        korean = run("check", L, "dLoss_dW3", "--value", "[[0.0317],[0],[-0.0979]]", "--lang", "ko")
        assert korean.out != outcome.out

    def test_a_step_that_there_is_not(self, run: Run) -> None:
        assert "did you mean dLoss_dW3?" in run("check", L, "dLoss_dW33", "--value", "1").sentence


class TestStream:
    def test_a_verdict_a_line_in_order(self, run: Run) -> None:
        lines = [
            {"step": "dLoss_dW3", "value": "[[0.0317],[0],[0.0979]]"},
            {"step": "dLoss_dW3", "product": "a2.T @ dLoss_dY_pred"},
            {"step": "dLoss_dW3", "value": [[0.0317], [0], [0.5]]},
            {"step": "Loss", "value": 0.001296},
        ]
        outcome = run("check", L, "--jsonl", stdin="\n".join(map(json.dumps, lines)) + "\n\n")
        verdicts = [json.loads(line) for line in outcome.out.splitlines()]
        assert [each["step"] for each in verdicts] == [*["dLoss_dW3"] * 3, "Loss"]
        assert [each["asked"] for each in verdicts] == ["value", "product", "value", "value"]
        assert [each["correct"] for each in verdicts] == [True, True, False, True]
        assert outcome.status == 1
        assert outcome.err == ""

    def test_what_is_right_throughout_is_0(self, run: Run) -> None:
        outcome = run("check", L, "--jsonl", stdin='{"step": "Loss", "value": "0.001296"}')
        assert (outcome.status, outcome.out.count("\n")) == (0, 1)
        assert run("check", L, "--jsonl", stdin="").status == 0

    @pytest.mark.parametrize(
        ("line", "problem"),
        [
            (b"nonsense", "this is not JSON"),
            (b"\xff\xfe", "this is not JSON"),
            (b'{"step": "\xff"}', "this is not JSON"),
            (b"[" * 5000, "this is not JSON"),
            (b"[1]", "this is not a JSON object"),
            (b'{"step": 1, "value": "1"}', "the value of step is not text"),
            (b'{"step": "Loss", "product": 1}', "the value of product is not text"),
            (b'{"step": "Loss", "vale": "1"}', "the key 'vale' is unknown"),
            (b'{"step": "L"}', "Give either a value or a formula."),
            (b'{"step": "LL", "value": "1"}', "two-hidden-layers has no step LL"),
        ],
    )
    def test_a_line_that_cannot_be_read_is_said_and_the_rest_goes_on(
        self, line: bytes, problem: str, run: Run
    ) -> None:
        right = b'{"step": "Loss", "value": "0.001296"}\n'
        outcome = run("check", L, "--jsonl", stdin=right + line + b"\n" + right)
        verdicts = [json.loads(line) for line in outcome.out.splitlines()]
        assert [each["verdict"] for each in verdicts] == ["exact", "unreadable", "exact"]
        assert verdicts[1]["message"].startswith(f"Line 2: {problem}")
        assert list(verdicts[1]) == list(verdicts[0])
        assert (outcome.status, outcome.err) == (2, "")


class TestTrain:
    def test_the_json(self, run: Run) -> None:
        trained = run("train", L, "--iterations", "2", "--json").json
        assert list(trained) == ["iterations", "loss", "parameters"]
        assert trained["iterations"] == 2
        assert trained["loss"][:2] == [0.0012959961, 0.0012779044]
        assert len(trained["loss"]) == 3
        assert list(trained["parameters"]) == ["W1", "b1", "W2", "b2", "W3", "b3"]
        shown = run("show", L, "--json").json
        once = run("train", L, "--iterations", "1", "--json").json
        updated = {
            each["id"].removesuffix("_new"): each["value"]
            for each in shown["steps"]
            if each["kind"] == "update"
        }
        assert once["parameters"] == updated

    def test_no_iteration_leaves_everything_as_it_was(self, run: Run) -> None:
        trained = run("train", L, "--iterations", "0", "--json").json
        assert trained["loss"] == [0.0012959961]
        assert trained["parameters"]["b3"] == [0.5]

    def test_a_page(self, run: Run) -> None:
        page = run("train", L, "--iterations", "100").out
        assert "    0  0.0012959961\n" in page
        assert "  100  " in page
        assert "\nW3\n" in page

    def test_losses_that_grow_beyond_all_bounds(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "steep.toml"
        path.write_text(
            'program = "L = square(w * 1e6)"\nloss = "L"\nparameters = ["w"]\n'
            "learning_rate = 1000\nvalues.w = 1e6\n"
        )
        sentence = run("train", str(path), "--iterations", "1000").sentence
        assert "learning" in sentence


class TestLessons:
    def test_a_lesson_that_cannot_be_opened_is_listed_with_its_problem(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        from bptutor.lesson import find

        (tmp_path / "broken.toml").write_text("loss = 3")
        monkeypatch.setattr(find, "directory", lambda: tmp_path)
        outcome = run("lessons")
        assert outcome.status == 0
        assert outcome.out.startswith(f"broken  {tmp_path / 'broken.toml'}: `program` is missing")
        assert run("lessons", "--json").json[0]["steps"] is None


class TestLint:
    def test_the_lessons_that_come_with_bptutor_have_nothing_to_mend(self, run: Run) -> None:
        from bptutor.lesson.find import available

        some = available()[:3]  # tests/lesson/test_library.py takes every one
        outcome = run("lint", *some, "--json")
        assert outcome.status == 0
        reports = [json.loads(line) for line in outcome.out.splitlines()]
        assert [report["lesson"] for report in reports] == some
        assert all(report["findings"] == [] for report in reports)
        assert run("lint", L).out.splitlines()[0].endswith(": no problems found")
        report = run("lint", L, "--json").json
        assert list(report) == ["lesson", "findings", "advice", "values", "left"]
        assert (report["lesson"], report["findings"]) == (L, [])

    def test_findings(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "half.toml"
        path.write_text(
            'title.en = "Half"\nprogram = "L = square(w)"\nloss = "L"\nparameters = ["w"]\n'
            "values.w = 2\n"
        )
        outcome = run("lint", str(path))
        assert outcome.status == 1
        line, _, _ = outcome.out.partition("\n")
        assert line == f"{path}: `title` has no text in “ko”; add `title.ko`"
        assert run("lint", str(path), "--json").json["findings"] == [
            {
                "code": "language-missing",
                "where": "title",
                "message": "`title` has no text in “ko”; add `title.ko`",
            }
        ]

    def test_a_derived_product_that_disagrees_with_the_tape(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The derivative rule of `square` is spoilt, and lint must notice."""
        from bptutor.language.ops import operations

        tanh = operations()["tanh"]
        monkeypatch.setattr(operations()["square"], "pullback", tanh.pullback)
        path = tmp_path / "spoilt.toml"
        path.write_text(
            'title = "x"\nprogram = "L = square(w)"\nloss = "L"\nparameters = ["w"]\nvalues.w = 2\n'
        )
        outcome = run("lint", str(path), "--json")
        assert outcome.status == 1
        assert {each["code"] for each in outcome.json["findings"]} == {"product-disagrees"}


def test_numbers_read_back_as_the_very_same_float32(run: Run) -> None:
    import numpy as np

    shown = run("show", L, "--json").json
    for step in shown["steps"]:
        value = np.asarray(step["value"])
        assert list(value.shape) == step["shape"]
        assert math.isfinite(value.sum())
        again = value.astype(np.float32)
        assert [float(str(number)) for number in again.ravel()] == list(value.ravel())


@pytest.mark.parametrize(
    "command", [["show"], ["check", "L", "--value", "1"], ["lint"], ["train", "--iterations", "1"]]
)
def test_a_number_that_is_none_is_said_with_the_file_it_is_of(
    command: list[str], run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "nan.toml"
    path.write_text(
        'title = "N"\nprogram = """\nZ = log(X * w)\nL = mean(Z)\n"""\nloss = "L"\n'
        'parameters = ["w"]\nvalues = { X = [[-1.0, 2.0]], w = 1.0 }\n',
        encoding="utf-8",
    )
    name, *rest = command
    said = run(name, str(path), *rest).sentence
    assert said.startswith(f"{path}: The forward pass gives NaN in Z")
