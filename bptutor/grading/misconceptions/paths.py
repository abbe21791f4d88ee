"""Mistakes where several paths meet: those of one name, of the units of a layer, of a statistic."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from bptutor.grading.misconceptions.situation import Mistake, Situation
from bptutor.grading.misconceptions.step_paths import Path, Pullback, one_alone, with_part
from bptutor.language.algebra import ZERO, negative, over, plus, times, untransposed
from bptutor.language.differentiate import gradient_name
from bptutor.language.ops import build, operation_of, traits_of
from bptutor.language.ops.base import Backward
from bptutor.language.tree import Apply, Expression, Name, Number, names, parts, size
from bptutor.lesson.steps import places, steps
from bptutor.text import Message

LABELS = {
    "first-path-only": Message("first path only"),
    "last-path-only": Message("last path only"),
    "shared-use-dropped": Message("one use of a shared value omitted"),
    "paths-averaged": Message("paths averaged, not added"),
    "paths-multiplied": Message("paths multiplied, not added"),
}

OF_ONE_PATH = {"sign-slip", "shared-use-dropped"}  # they are others when made on all paths

MOST_PATHS = 6  # paths that meet, up to which each is left out in turn
MOST_MULTIPLIED = 4  # units of a layer up to which their paths are multiplied
LARGEST = 200  # nodes of a formula that is spelled out up to a statistic


def signs_of_paths(s: Situation) -> Iterator[Mistake]:
    """A wrong sign between the terms of several paths."""
    if s.step.kind != "backward" or len(s.paths) < 2:
        return
    for path in s.paths:
        yield Mistake(
            "sign-slip",
            s.with_term(path, negative(path.term)),
            Message(
                "The sign of the term for the path through {target} is wrong.",
                target=path.consumer.target,
            ),
            Message("Add the gradients of all paths, each with the signs of its factors."),
        )


def where_paths_meet(s: Situation) -> Iterator[Mistake]:
    """Mistakes where the gradients of several paths are added up."""
    if s.step.kind not in ("backward", "local") or len(s.paths) < 2:
        return
    by = s.name(s.by)
    advice = Message(
        "{by} is used in {count} places: add the gradients of all paths.", by=by, count=len(s.paths)
    )
    apart = len({path.consumer for path in s.paths}) == len(s.paths)
    terms = [path.term for path in s.paths]
    ends = (s.paths[0], s.paths[-1])
    tried = s.paths if len(s.paths) <= MOST_PATHS else ends
    for path in sorted(tried, key=lambda path: path not in ends):
        id_ = "shared-use-dropped"
        if path in ends and s.by not in s.lesson.parameters:
            id_ = "first-path-only" if path is ends[0] else "last-path-only"
        yield Mistake(
            id_,
            s.with_product(s.spread(path.term)),
            Message("You used only the path through {target}.", target=path.consumer.target)
            if apart
            else Message("You used one path back to {by} and left out the others.", by=by),
            advice,
        )
    for path in tried if len(s.paths) > 2 else ():
        yield Mistake(
            "shared-use-dropped",
            s.with_terms([path], _nothing),
            Message("You left out the path through {target}.", target=path.consumer.target)
            if apart
            else Message(
                "You left out one of the {count} paths back to {by}.", count=len(terms), by=by
            ),
            advice,
        )
    lines = dict.fromkeys(path.consumer for path in s.paths)
    for line in lines if 1 < len(lines) < len(s.paths) else ():
        yield Mistake(
            "shared-use-dropped",
            s.with_terms([path for path in s.paths if path.consumer == line], _nothing),
            Message("You left out the path through {target}.", target=line.target),
            advice,
        )
    explanation = Message("You averaged the paths that meet here.")
    changed = s.with_product(over(plus(*terms), Number(len(terms))))
    yield Mistake("paths-averaged", changed, explanation, advice)
    explanation = Message("You multiplied the paths that meet here.")
    yield Mistake("paths-multiplied", s.with_product(s.spread(times(*terms))), explanation, advice)


def _nothing(term: Expression) -> Expression:
    return ZERO


def on_every_path(right: Situation, found: Sequence[Mistake]) -> Iterator[Mistake]:
    """The mistakes of single paths made on all of them that allow it."""
    if len(right.paths) < 2:
        return
    alike: dict[str, dict[int, list[Mistake]]] = {}
    for mistake in found:
        index = _changed_path(right, mistake.situation)
        if index is not None and mistake.id not in OF_ONE_PATH:
            alike.setdefault(mistake.id, {}).setdefault(index, []).append(mistake)
    matrices = {
        index
        for index, path in enumerate(right.paths)
        if any(traits_of(part).product == "matrices" for part in parts(path.term))
    }
    for made in alike.values():
        yield from _together(right, made)
        if 1 < len(matrices) < len(right.paths):
            yield from _together(right, {each: made[each] for each in matrices if each in made})


def _together(right: Situation, made: Mapping[int, Sequence[Mistake]]) -> Iterator[Mistake]:
    """The first mistakes of all paths at once, then the second ones where there are any."""
    most = max(map(len, made.values()), default=0)
    for which in range(most if len(made) > 1 else 0):
        together = [ways[min(which, len(ways) - 1)] for ways in made.values()]
        terms = list(right.paths)
        for index, mistake in zip(made, together, strict=True):
            terms[index] = mistake.situation.paths[index]
        yield replace(together[0], situation=replace(right, paths=tuple(terms)))


def _changed_path(right: Situation, wrong: Situation) -> int | None:
    """The index of the path whose term differs, if it is a single one."""
    if len(right.paths) != len(wrong.paths):
        return None
    pairs = zip(right.paths, wrong.paths, strict=True)
    changed = [index for index, (was, now) in enumerate(pairs) if was.term != now.term]
    return changed[0] if len(changed) == 1 else None


def through_units(s: Situation) -> Iterator[Mistake]:
    """Mistakes where a matrix product adds up the paths through the units of the next layer."""
    if s.step.kind != "backward":
        return
    for path in s.paths:
        for node in dict.fromkeys(s.nodes(path)):
            if traits_of(node).product == "matrices":
                yield from _through_units_of(s, path, node)
            elif s.by not in s.lesson.parameters:
                yield from _through_elements_of(s, path, node)


def _through_units_of(s: Situation, path: Path, node: Apply) -> Iterator[Mistake]:
    on_left, on_right = (s.by in names(operand) for operand in node.operands)
    own = untransposed(node.operands[0 if on_left else 1])
    shape = s.shape(node)
    if shape is None or on_left == on_right or own in tuple(map(Name, s.lesson.parameters)):
        return  # the paths of a weight are the examples
    axis = 1 if on_left else 0
    count = shape[axis]
    if count < 2:
        return
    product = s.text(node)
    if axis:
        advice = Message(
            "{by} affects all {count} columns of {product}: add their gradients.",
            by=s.by,
            count=count,
            product=product,
        )
    else:
        advice = Message(
            "{by} affects all {count} rows of {product}: add their gradients.",
            by=s.by,
            count=count,
            product=product,
        )
    for id_, index in (("first-path-only", 0), ("last-path-only", count - 1)):
        alone = partial(one_alone, index=index, count=count, axis=axis)
        explanation = (
            Message(
                "You used only the path through column {index} of {product}.",
                index=index + 1,
                product=product,
            )
            if axis
            else Message(
                "You used only the path through row {index} of {product}.",
                index=index + 1,
                product=product,
            )
        )
        yield Mistake(id_, s.with_upstream_at(path, node, alone), explanation, advice)

    def averaged(backward: Backward, pull: Pullback) -> Expression | None:
        right = pull(backward)
        return right and over(right, Number(count))

    if count > 2:  # a half is a lost 2 of the square
        explanation = Message("You averaged the paths that meet here.")
        changed = s.with_rule(path, node, averaged)
        yield Mistake("paths-averaged", changed, explanation, advice)
    if count > MOST_MULTIPLIED:
        return

    def multiplied(backward: Backward, pull: Pullback) -> Expression | None:
        upstream = backward.upstream
        alone = (one_alone(upstream, index, count, axis) for index in range(count))
        passed = (pull(replace(backward, upstream=each)) for each in alone)
        return times(*(each for each in passed if each is not None))

    explanation = Message("You multiplied the paths that meet here.")
    yield Mistake("paths-multiplied", s.with_rule(path, node, multiplied), explanation, advice)


def _through_elements_of(s: Situation, path: Path, node: Apply) -> Iterator[Mistake]:
    """The same where a smaller value is broadcast, as a mean is that is subtracted."""
    shape = s.shape(node)
    read = next((each for each in node.operands if s.by in names(each)), None)
    inner = s.shape(read) if read is not None else None
    if not shape or inner is None or not operation_of(node).elementwise:
        return
    if any(s.around.only_added(s.by, each) for each in node.operands):
        return  # the paths of a bias are the examples
    padded = (*(1,) * (len(shape) - len(inner)), *inner)
    axes = [axis for axis, (own, wide) in enumerate(zip(padded, shape, strict=True)) if own < wide]
    if len(axes) != 1 or len(shape) > 2:
        return
    count = shape[axes[0]]
    across = len(shape) - 1 - axes[0] == 0  # the last axis: a mask broadcasts as it is
    value = s.text(node)
    advice = Message(
        "{by} affects {count} elements of {value}: add their gradients.",
        by=s.by,
        count=count,
        value=value,
    )
    for id_, index in (("first-path-only", 0), ("last-path-only", count - 1)):
        alone = partial(one_alone, index=index, count=count, axis=1 if across else 0)
        explanation = Message("You used only the path through one element of {value}.", value=value)
        yield Mistake(id_, s.with_upstream_at(path, node, alone), explanation, advice)
    explanation = Message("You averaged the paths that meet here.")
    averaged = s.with_upstream_at(path, node, lambda upstream: over(upstream, Number(count)))
    yield Mistake("paths-averaged", averaged, explanation, advice)


def statistics_as_constants(s: Situation) -> Iterator[Mistake]:
    if s.step.kind != "backward" or s.by in s.lesson.parameters:
        return
    found = _statistics(s)
    readers = {each.target for each in s.around.readers(s.by)}
    for constant in dict.fromkeys([*((each,) for each in found), tuple(found)]):
        if set(constant) <= readers and len(constant) < 2:
            continue  # that is a path which is left out where paths meet
        wrong = _with_constants(s, constant) if constant else None
        if wrong is None:
            continue
        listed = ", ".join(constant)
        yield Mistake(
            "last-path-only",
            s.with_product(s.spread(wrong)),
            Message("You treated {name} as a constant.", name=listed)
            if len(constant) == 1
            else Message("You treated all of these as constants: {names}.", names=listed),
            Message("It depends on {by}: add the gradient through it.", by=s.by)
            if len(constant) == 1
            else Message("They depend on {by}: add the gradients through them.", by=s.by),
        )


def _statistics(s: Situation) -> list[str]:
    """The sums and means of what is differentiated by, beside which it has another path."""
    program, shapes = s.lesson.program, s.shapes
    found = [
        line.target
        for line in program.assignments
        if line.target in s.around.reaching
        and line.target not in s.around.loss_lines
        and shapes[line.target] != shapes[s.by]
        and any(traits_of(part).reduces for part in parts(line.expression))
        and s.by in program.ancestors(line.target)
    ]
    reached, waiting = {s.by}, [s.by]
    while waiting:
        for reader in s.around.readers(waiting.pop()):
            if reader.target not in {*reached, *found}:
                reached.add(reader.target)
                waiting.append(reader.target)
    return found if s.lesson.loss in reached else []


def _with_constants(s: Situation, constant: Collection[str]) -> Expression | None:
    """The gradient where no gradient passes through some lines."""
    program, loss = s.lesson.program, s.lesson.loss
    within = {each for line in constant for each in program.ancestors(line)} - {*constant}
    inner = {gradient_name(loss, each): each for each in within}
    product, index = s.product, places(s.lesson)
    while size(product) <= LARGEST:
        further = [name for name in dict.fromkeys(names(product)) if name in inner]
        if not further:
            for line in constant:
                nothing = build.zeros_like(Name(line))
                product = with_part(product, Name(gradient_name(loss, line)), nothing)
            return product
        for name in further:
            if name not in index:
                return None
            product = with_part(product, Name(name), steps(s.lesson)[index[name]].product)
    return None
