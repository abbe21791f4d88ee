"""The class host: one process that forks a service for each learner who connects."""
