"""What is shown, as data that travels; see `bptutor.service.protocol` for who asks for it."""
