"""`bptutor new`: a lesson that can be opened at once, also of a Keras model; never over a file."""

from pathlib import Path

import numpy as np
import pytest
from keras import saving

from bptutor.engine.agreement import disagreements
from bptutor.engine.trace import run as trace
from bptutor.lesson.lint import lint
from bptutor.lesson.load import load
from bptutor.quiz.variant import open_lesson
from tests.cli.conftest import Run
from tests.engine import keras_models


def test_a_new_lesson_can_be_learned_at_once(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    ran = run("new", str(path), "--layers", "2,2,1", "--title", "Mine [bold]", "--seed", "3")
    assert ran.status == 0
    assert str(path) in ran.out
    lesson = load(str(path))
    assert lesson.title.to("en") == "Mine [bold]"
    assert lint(lesson) == []


def test_a_lesson_of_one_s_own_begins_as_a_copy(run: Run, tmp_path: Path) -> None:
    path, drawn = tmp_path / "mine.toml", tmp_path / "drawn.toml"
    source = ("--from", "two-hidden-layers")
    assert run("new", str(path), *source, "--title", "Mine", "--learning-rate", "0.5").status == 0
    own, mine = load("two-hidden-layers"), load(str(path))
    assert (mine.title.to("ko"), mine.learning_rate) == ("Mine", 0.5)
    assert (mine.program, mine.values) == (own.program, own.values)
    assert mine.notes == own.notes
    assert lint(mine) == []
    assert run("new", str(drawn), "--from", "one-neuron", "--seed", "4").status == 0
    assert load(str(drawn)).values == open_lesson("one-neuron#seed=4").values


def test_a_file_is_never_written_over(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("precious")
    ran = run("new", str(path))
    assert ran.status == 2
    assert path.read_text() == "precious"


@pytest.mark.parametrize(
    "given",
    [
        ["mine.txt"],
        ["mine.toml", "--layers", "2,x"],
        ["mine.toml", "--layers", "2"],
        ["mine.toml", "--activation", "step"],
        ["mine.toml", "--loss", "cross-entropy"],
        ["nowhere/mine.toml"],
    ],
)
def test_what_cannot_be_written_is_one_sentence(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run("new", *given)
    assert ran.status == 2
    assert ran.err.strip()
    assert "Traceback" not in ran.err
    assert list(tmp_path.glob("**/*.toml")) == []


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("models") / "mine.keras"
    keras_models.joined().save(path)
    return str(path)


def test_every_command_takes_one(run: Run, model: str) -> None:
    shown = run("show", model, "--json").json
    assert (shown["lesson"], shown["dtype"]) == ("mine", "float32")
    assert shown["loss_after"] < shown["loss_before"]
    (product,) = [step["product"] for step in shown["steps"] if step["id"] == "dL_dW4"]
    assert run("check", model, "dL_dW4", "--product", product).status == 0
    trained = run("train", model, "--iterations", "1", "--json").json
    assert trained["loss"] == [shown["loss_before"], shown["loss_after"]]
    assert run("lint", model, "--json").json["findings"] == []


def test_its_loss_and_its_examples_can_be_given(run: Run, model: str, tmp_path: Path) -> None:
    data = tmp_path / "x & y.npz"
    np.savez(data, x=np.ones((3, 4)), y=np.full((3, 2), 0.5))
    shown = run("show", model, "--json", "--loss", "mse", "--data", str(data)).json
    (loss,) = [step for step in shown["steps"] if step["id"] == "L"]
    assert loss["code"] == "tf.reduce_mean((a4 - T) ** 2)"
    (z1,) = [step for step in shown["steps"] if step["id"] == "Z1"]
    assert z1["value"][0] == z1["value"][2]


def test_a_lesson_file_is_made_of_one(run: Run, model: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    made = run("new", str(path), "--from", model, "--batch", "3", "--title", "Mine", "--seed", "4")
    assert made.status == 0
    lesson = load(str(path))
    assert lint(lesson) == []
    assert disagreements(lesson) == []
    assert lesson.title.to("ko") == "Mine"
    assert lesson.shapes["X"] == (3, 4)
    assert lesson.dtype == "float32"
    # The very numbers of the model: three times as many digits as are shown would not do.
    weights = saving.load_model(model).get_layer(index=1).kernel.numpy()
    assert np.array_equal(trace(lesson).values["W1"], weights)


def test_with_from_the_losses_are_keras_own(run: Run, model: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    refused = run("new", str(path), "--from", model, "--loss", "absolute").sentence
    assert "mse, binary_crossentropy, categorical_crossentropy, sparse_categorical" in refused
    assert run("new", str(path), "--from", model, "--loss", "mse").status == 0
    assert "mean((a4 - T) ** 2)" in path.read_text()
    assert "sparse-cross-entropy" not in run("new", "--help").out


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["show", "two-hidden-layers", "--loss", "mse"], "--loss and --data need a Keras model"),
        (["show", "nowhere.keras"], "nowhere.keras: the file does not exist"),
        (["learn", "nowhere.keras"], "nowhere.keras: the file does not exist"),
        (["new", "mine.toml", "--from", "mine.h5"], "bptutor does not read mine.h5: load it in"),
        (["new", "mine.toml", "--from", "mine.txt"], "There is no lesson “mine.txt”"),
        (["new", "mine.toml", "--from", "nowhere.keras"], "nowhere.keras: the file does not exist"),
        (["new", "mine.toml", "--from", "a.keras", "--layers", "2,1"], "With --from, layers and"),
        (["new", "mine.toml", "--from", "gate", "--batch", "2"], "--loss, --data and --batch need"),
        (["new", "mine.toml", "--data", "xy.npz"], "--data needs --from"),
        (["new", "mine.toml", "--loss", "sparse-cross-entropy"], "Without --from, --loss takes"),
        (["new", "mine.toml", "--loss", "mse"], "Without --from, --loss takes one of squares,"),
    ],
)
def test_what_does_not_go_together_is_one_sentence(
    run: Run, given: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(*given).sentence.startswith(says)
    assert list(tmp_path.glob("*.toml")) == []


def test_a_model_too_large_for_a_lesson_file_is_learned_as_it_is(
    run: Run, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bptutor.language.limits.MOST_LESSON_BYTES", 1000)
    said = run("new", str(tmp_path / "mine.toml"), "--from", model).sentence
    assert "Open the model with `bptutor learn`" in said
    assert list(tmp_path.glob("*.toml")) == []
