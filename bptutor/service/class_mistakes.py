"""What went wrong in an assignment, item by item, for its teacher."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bptutor.classroom.lessons import Opener
from bptutor.classroom.queries import Key
from bptutor.classroom.rows import Answer
from bptutor.language.errors import shortened
from bptutor.record.sittings import AskedItem, Mark
from bptutor.service.class_view import ClassView, name_of, title_of, typed
from bptutor.service.present import Viewer
from bptutor.service.words import mistake
from bptutor.views.classroom import ItemMistakes, NamedMistake, UnnamedAnswer

SAMPLES = 3  # answers that are quoted with a mistake
UNNAMED = 5
LONGEST_QUOTED = 300  # characters of an answer
WRONG = ("wrong", "unreadable")  # verdicts


def mistakes(
    look: ClassView, viewer: Viewer, opener: Opener, answers: Iterable[tuple[Key, Answer]]
) -> list[ItemMistakes]:
    """What went wrong at each item.

    Args:
        look: the assignment.
        viewer: how the teacher reads.
        opener: opens the lessons.
        answers: all that was done, by paper.
    """
    by_item: dict[int, list[_Wrong]] = defaultdict(list)
    answered: dict[int, set[str]] = defaultdict(set)
    for wrong_item, login, wrong in _wrong(look, answers):
        answered[wrong_item].add(login)
        if wrong:
            by_item[wrong_item].append(wrong)
    return [
        _mistakes(index, item, by_item[index], len(answered[index]), viewer, opener)
        for index, item in enumerate(look.items())
    ]


def _wrong(
    look: ClassView, answers: Iterable[tuple[Key, Answer]]
) -> Iterator[tuple[int, str, "_Wrong | None"]]:
    """Items that were answered, by whom, and the wrong answers among them."""
    exam = look.given.assignment.kind == "exam"
    for key, answer in answers:
        text = _quoted(answer.mark)
        if not text or answer.what not in ("check", "draft") or (exam and key in look.results):
            continue
        wrong = answer.what == "check" and answer.verdict in (*WRONG, "partly")
        made = tuple(answer.mistakes) if wrong else ()
        yield answer.item, key[1], _Wrong(key[1], text, made) if wrong else None
    if not exam:
        return
    for key, result in look.results.items():  # the last answers alone, with carried errors
        for points in result.given:
            answer_ = look.last.get(key, {}).get(points.item)
            text = _quoted(answer_.mark) if answer_ else ""
            if text:
                wrong = points.state in ("partly", "wrong")
                found = _Wrong(key[1], text, tuple(points.mistakes)) if wrong else None
                yield points.item, key[1], found


def _quoted(mark: Mark) -> str:
    """What was typed; nobody fills the page with it, nor with many tries."""
    return shortened(typed(mark), LONGEST_QUOTED)


@dataclass(frozen=True)
class _Wrong:
    login: str
    typed: str
    mistakes: tuple[str, ...]


def _mistakes(
    index: int,
    item: AskedItem,
    wrong: Sequence[_Wrong],
    answered: int,
    viewer: Viewer,
    opener: Opener,
) -> ItemMistakes:
    named: dict[str, list[_Wrong]] = defaultdict(list)
    unnamed: dict[str, list[_Wrong]] = defaultdict(list)
    for each in wrong:
        for id_ in each.mistakes:
            named[id_].append(each)
        if not each.mistakes:
            unnamed[each.typed].append(each)
    by_people = sorted(named.items(), key=lambda pair: (-_people(pair[1]), pair[0]))
    by_times = sorted(unnamed.items(), key=lambda pair: _frequent(*pair))
    return ItemMistakes(
        index=index,
        name=name_of(opener, item.lesson, item.step, viewer),
        lesson=title_of(opener, item, viewer),
        answered=answered,
        wrong=_people(wrong),
        named=[
            NamedMistake(
                id=id_,
                text=viewer.words(mistake(id_)),
                people=_people(made),
                answers=list(dict.fromkeys(each.typed for each in made))[:SAMPLES],
            )
            for id_, made in by_people
        ],
        unnamed=[
            UnnamedAnswer(text, len(made), _people(made)) for text, made in by_times[:UNNAMED]
        ],
    )


def _frequent(text: str, made: Sequence[_Wrong]) -> tuple[int, int, str]:
    return -_people(made), -len(made), text


def _people(wrong: Sequence[_Wrong]) -> int:
    return len({each.login for each in wrong})
