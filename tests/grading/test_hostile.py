"""Whatever is typed gets a verdict and a sentence."""

from tools.feedback.hostile import run


def test_hostile_text_gets_a_verdict_everywhere() -> None:
    verdicts, _, _ = run(400, seed=20)
    assert verdicts["product unreadable"] > 100
    assert verdicts["value unreadable"] > 200
    assert sum(verdicts.values()) > 800
    assert not [verdict for verdict in verdicts if verdict.endswith("without a word")]
