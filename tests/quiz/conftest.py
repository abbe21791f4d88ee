"""The lessons of the tests of errors carried forward."""

import pytest

from bptutor.grading.facts import Facts
from tests.quiz.carried import CANCELLING, LAYER, facts_of


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return facts_of(tmp_path_factory.mktemp("layer"), LAYER)


@pytest.fixture(scope="module")
def cancelling(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return facts_of(tmp_path_factory.mktemp("cancelling"), CANCELLING)
