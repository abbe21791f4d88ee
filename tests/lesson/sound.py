"""A lesson file without a fault, and the type of what writes one."""

from collections.abc import Callable
from pathlib import Path

SOUND = '''\
title.en = "One unit"
title.ko = "유닛 하나"
program = """
# unit
z = x @ w + b
# loss
L = mean((z - y) ** 2)
"""
loss = "L"
parameters = ["w", "b"]

[values]
x = [[1, 2]]
w = [[0.5], [-0.5]]
b = 0.1
y = [[0.0]]
'''

Write = Callable[[str | bytes], Path]
