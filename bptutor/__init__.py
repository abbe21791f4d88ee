"""bptutor teaches backpropagation by making the learner do it."""

__version__ = "0.1.0"
