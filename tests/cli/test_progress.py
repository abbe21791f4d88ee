"""`bptutor progress`: what the record knows, to read, to take along, to delete."""

import csv
import io
import shutil
import stat
import time
from pathlib import Path

import msgspec
import pytest

from bptutor.lesson.load import load
from bptutor.quiz.schedule import reviewed
from bptutor.record.attempts import Attempt
from bptutor.record.record import Record
from bptutor.record.sittings import QuizSittings
from bptutor.record.spool import Answer, Spool
from bptutor.views.quiz import ProgressView
from tests.record.attempts import attempt

from .conftest import Run

FILE = "record.sqlite"
HANGUL = range(0xAC00, 0xD7A4)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BPTUTOR_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("BPTUTOR_LEARNER", "minsu")
    return tmp_path / "data"


@pytest.fixture
def practised(folder: Path) -> list[Attempt]:
    """Two attempts of Minsu's at one step, and one of somebody else's."""
    now = time.time()
    first = attempt(at=now - 100, misconceptions=["relu-mask-missing"], product='a, "b"')
    second = attempt(at=now, verdict="right", number=2, closed=True, cells=["½"])
    record = Record()
    record.add(first)
    record.add(second, lambda card: reviewed(card, "hard", now), [], [])
    record.add(attempt(learner="eunji"))
    return [first, second]


def test_in_words(run: Run, practised: list[Attempt]) -> None:
    done = run("progress")
    assert done.status == 0
    assert done.err == ""
    said = " ".join(done.out.split())
    assert "minsu since" in said
    assert "Attempts: 2." in said
    # FSRS, once hard:
    assert "gradient of a weight: recall in a week 75 percent" in said
    assert "; times: 1, days: 1," in said
    korean = run("progress", "--lang", "ko").out
    assert any(ord(mark) in HANGUL for mark in korean)
    assert "minsu" in korean


def test_before_the_first_answer(run: Run, folder: Path) -> None:
    done = run("progress")
    assert done.status == 0
    assert "No answers are recorded yet" in done.out
    assert not folder.exists()


def test_json_and_csv_tell_the_same(run: Run, practised: list[Attempt]) -> None:
    found = run("progress", "--json").json
    assert list(found) == list(ProgressView.__struct_fields__)
    assert (found["learner"], found["attempts"]) == ("minsu", 2)
    (skill,) = found["skills"]
    assert (skill["id"], skill["items"], skill["first_try"]) == ("weight-gradient", 1, 0.0)
    (row,) = csv.DictReader(io.StringIO(run("progress", "--csv").out))
    assert list(row) == list(skill)
    assert row["id"] == "weight-gradient"
    assert float(row["strength"]) == pytest.approx(skill["strength"], abs=1e-3)
    assert row["due"].endswith("+00:00")


KEPT = Path(__file__).parents[1] / "data" / "kept" / "data"


def test_the_exam_of_an_older_folder_item_by_item(run: Run, folder: Path) -> None:
    """Its README says: three items, seed 7, handed in with one answer."""
    shutil.copytree(KEPT, folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    said = run("progress", "--exams").out
    assert "seed 7" in said
    assert "points: 1 of 3" in said
    (exam,) = run("progress", "--exams", "--json").json["exams"]
    assert exam == run("progress", "--json").json["exams"][0]
    assert (exam["seed"], exam["number"], exam["state"]) == (7, 1, "submitted")
    assert (exam["points"], exam["possible"]) == (1.0, 3.0)
    rows = list(csv.DictReader(io.StringIO(run("progress", "--exams", "--csv").out)))
    assert [row["points"] for row in rows] == ["1.0", "0.0", "0.0"]
    assert [row["answered"] for row in rows] == ["1", "0", "0"]
    assert [row["step"] for row in rows] == [item["step"] for item in exam["items"]]
    assert {(row["learner"], row["exam"]) for row in rows} == {("minsu", exam["key"])}
    assert {row["submitted"][:10] for row in rows} == {"2026-03-06"}
    assert {path: path.read_bytes() for path in before} == before


def test_an_exam_whose_time_is_up_is_submitted_and_no_other_one_begun(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(KEPT, folder)
    quizzes = QuizSittings()
    ((key, exam),) = quizzes.exams()
    exam.finished, exam.handed_in, exam.minutes = False, 0.0, 1.0
    for item in exam.items:
        item.digest, item.points = load(item.lesson).digest, None
    quizzes.save(key, exam)
    shown = run("progress", "--exams", "--json").json["exams"]
    assert [each["state"] for each in shown] == ["submitted"]
    ((_, kept),) = quizzes.exams()
    assert kept.finished
    assert shown[0]["points"] == sum(item.points or 0.0 for item in kept.items) > 0


@pytest.mark.parametrize("option", ["--exams", "--json"])
def test_an_exam_that_is_damaged_is_renamed_and_said(run: Run, folder: Path, option: str) -> None:
    shutil.copytree(KEPT, folder)
    (file,) = folder.glob("quizzes/exam-*.quiz")
    shutil.copy(file, file.with_name("exam-another.quiz"))
    file.write_bytes(b"junk")
    done = run("progress", option)
    assert "An exam of yours is damaged." in done.out + done.err
    assert [path.read_bytes() for path in folder.glob("quizzes/*.damaged-*")] == [b"junk"]
    assert run("progress", "--exams").err == ""


def test_no_spreadsheet_takes_a_name_for_a_formula(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(KEPT, folder)
    monkeypatch.setenv("BPTUTOR_LEARNER", "=1+1")
    rows = list(csv.DictReader(io.StringIO(run("progress", "--exams", "--csv").out)))
    assert {row["learner"] for row in rows} == {"'=1+1"}


def test_while_the_class_is_away_it_is_the_own_record_and_that_is_said(
    run: Run, practised: list[Attempt], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BPTUTOR_CLASS", str(tmp_path / "class.sock"))
    found = run("progress", "--json").json
    assert found["attempts"] == 2
    assert "Your class cannot be reached" in found["remark"]
    done = run("progress", "--export", str(tmp_path / "mine.jsonl"))
    assert done.status == 0
    assert "Your class keeps another one" in done.err


def test_the_export_is_every_attempt(run: Run, practised: list[Attempt], tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    done = run("progress", "--export", str(file))
    assert (done.status, done.err) == (0, "")
    assert f"Wrote {file}; attempts: 2." in " ".join(done.out.split())
    lines = file.read_bytes().splitlines()
    assert [msgspec.json.decode(line, type=Attempt) for line in lines] == practised
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = run("progress", "--export", str(file))
    assert "already exists" in again.sentence
    assert file.read_bytes().splitlines() == lines
    nowhere = run("progress", "--export", str(tmp_path / "no" / "where"))
    assert "cannot be written: No such file or directory" in nowhere.sentence


@pytest.mark.parametrize("typed", ["", "no\n", "y\n", "yes please\n"])
def test_nothing_is_deleted_without_a_yes(run: Run, practised: list[Attempt], typed: str) -> None:
    done = run("progress", "--forget", stdin=typed)
    assert done.status == 1
    assert "minsu (attempts: 2)?" in done.err
    assert done.out == "Nothing is deleted.\n"
    assert len(Record().attempts("minsu")) == 2


@pytest.mark.parametrize(("options", "typed"), [((), " Yes\n"), (("--yes",), "")])
def test_a_learner_is_forgotten(
    run: Run, practised: list[Attempt], tmp_path: Path, options: tuple[str, ...], typed: str
) -> None:
    file = tmp_path / "mine.jsonl"
    done = run("progress", "--export", str(file), "--forget", *options, stdin=typed)
    assert done.status == 0
    assert "Your record (2 attempts) is deleted" in " ".join(done.out.split())
    assert len(file.read_bytes().splitlines()) == 2
    assert run("progress", "--json").json["attempts"] == 0
    assert Record().cards("minsu") == {}
    assert len(Record().attempts("eunji")) == 1


def test_what_waited_is_exported_and_forgotten_with_the_rest(
    run: Run, practised: list[Attempt], folder: Path, tmp_path: Path
) -> None:
    record, away = folder / FILE, folder / "away"
    waits = attempt(at=time.time(), step="waits")
    Spool("minsu").put(Answer(waits))
    record.rename(away)
    record.mkdir()
    remark = run("progress", "--json").json["remark"]
    assert "cannot read your record" in remark
    assert "Answers on your disk that wait for your record: 1." in remark
    assert "Nothing is deleted" in run("progress", "--forget", "--yes").sentence
    record.rmdir()
    away.rename(record)
    file = tmp_path / "mine.jsonl"
    assert run("progress", "--export", str(file)).status == 0
    lines = file.read_bytes().splitlines()
    assert [msgspec.json.decode(line, type=Attempt) for line in lines] == [*practised, waits]
    Spool("minsu").put(Answer(attempt(at=time.time())))
    assert "(4 attempts) is deleted" in run("progress", "--forget", "--yes").out
    assert run("progress", "--json").json["attempts"] == 0


def test_what_is_not_forgotten_is_said(run: Run, practised: list[Attempt], folder: Path) -> None:
    aside = folder / "record.damaged-20261124-101010-0"
    aside.touch()
    (folder / "another.damaged-20261124-101010-0").touch()
    said = run("progress", "--forget", "--yes").out
    assert f"remain in {folder}." in said
    assert said.count("damaged record") == 1
    assert str(aside) in said
    assert aside.exists()


def test_what_cannot_be_exported_is_not_forgotten(run: Run, practised: list[Attempt]) -> None:
    done = run("progress", "--export", "/", "--forget", "--yes")
    assert "already exists" in done.sentence
    assert len(Record().attempts("minsu")) == 2


def test_wrong_answers_without_an_explanation(run: Run, practised: list[Attempt]) -> None:
    assert run("progress", "--unnamed").out == "No wrong answer in your record is unexplained.\n"
    for product in ("2 * a", "2*a", "\x1b[2J"):
        Record().add(attempt(product=product))
    Record().add(attempt(cells=["1", "2"]))
    title, *lines = run("progress", "--unnamed").out.splitlines()
    assert title == "Wrong answers without an explanation, the most frequent first:"
    assert lines[0] == "two-hidden-layers, ∂Loss/∂W3:"
    assert lines[1].startswith("- 2 * a; times: 2, last on 20")
    assert len(lines) == 4
    assert not any("\x1b" in line for line in lines)
    found = run("progress", "--unnamed", "--json").json
    assert found["learner"] == "minsu"
    first = found["unnamed"][0]
    assert (first["formula"], first["value"], first["times"]) == ("2 * a", [], 2)
    korean = run("progress", "--unnamed", "--lang", "ko").out
    assert any(ord(mark) in HANGUL for mark in korean)


@pytest.mark.parametrize("option", ["--csv", "--forget", "--export=x"])
def test_they_are_listed_alone(run: Run, practised: list[Attempt], option: str) -> None:
    assert run("progress", "--unnamed", option).sentence.startswith("--unnamed works alone")
    assert len(Record().attempts("minsu")) == 2


@pytest.mark.parametrize("options", [("--json", "--csv"), ("--json", "--forget")])
def test_one_thing_at_a_time(run: Run, practised: list[Attempt], options: tuple[str, ...]) -> None:
    assert run("progress", *options).sentence.startswith("Choose one")
    assert len(Record().attempts("minsu")) == 2


def test_another_place_can_be_named(
    run: Run, practised: list[Attempt], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BPTUTOR_RECORD", f"sqlite:///{tmp_path}/Other.db")
    assert run("progress", "--json").json["attempts"] == 0
    Record(f"sqlite:///{tmp_path}/Other.db").add(attempt())
    assert run("progress", "--json").json["attempts"] == 1
    monkeypatch.setenv("BPTUTOR_RECORD", "oracle://minsu:secret@host/lab")
    done = run("progress", "--json")
    assert "cannot use the record “oracle://...”" in done.json["remark"]
    assert "secret" not in done.out + run("progress", "--forget", "--yes").sentence


def test_a_damaged_record_is_said(run: Run, practised: list[Attempt], folder: Path) -> None:
    (folder / FILE).write_bytes(b"junk")
    assert "renamed it to" in " ".join(run("progress").out.split())
    assert "No answers are recorded yet" in run("progress").out
